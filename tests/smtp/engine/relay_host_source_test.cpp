// A relay is as many hosts as it has addresses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "smtp/connect/target.h"
#include "smtp/engine/host_source.h"
#include "smtp/io/host_lookup.h"
#include "tests/smtp/support/on_context.h"

namespace postern::smtp::test {
namespace {

using asio::ip::make_address;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> resolved(RelayHostSource& source) {
  asio::io_context context;
  std::vector<std::string> addresses;
  const auto result = run(context, source.resolve());
  for (const ConnectTarget& target : std::get<std::vector<ConnectTarget>>(result)) {
    addresses.push_back(target.relay.host + ' ' + target.address);
  }
  return addresses;
}

ConnectTarget target(const std::string& url) {
  ConnectTarget made;
  made.relay = Relay::parse(url);
  return made;
}

TEST(RelayHostSource, EachAddressIsAHostAndTheFamiliesTakeTurns) {
  int lookups = 0;
  RelayHostSource source(
      {target("smtp://one.example"), target("smtp://192.0.2.9"), target("smtp://gone.example")},
      [&](std::string host) -> asio::awaitable<RelayHostSource::Addresses> {
        ++lookups;
        RelayHostSource::Addresses found;
        if (host == "one.example") {
          found = {make_address("2001:db8::1"), make_address("2001:db8::2"),
                   make_address("192.0.2.1"), make_address("192.0.2.2")};
        }
        co_return found;
      });
  const auto expected =
      ElementsAre("one.example 2001:db8::1", "one.example 192.0.2.1", "one.example 2001:db8::2",
                  "one.example 192.0.2.2", "192.0.2.9 ", "gone.example ");
  EXPECT_THAT(resolved(source), expected);
  EXPECT_THAT(resolved(source), expected);
  EXPECT_EQ(lookups, 2) << "addresses are ours for a while";
}

TEST(RelayHostSource, NamesAreAProxysToLookUp) {
  RelayHostSource source({target("smtp://one.example")}, {});
  EXPECT_THAT(resolved(source), ElementsAre("one.example "));
}

TEST(HostLookup, AsksTheSystemAndCanBeStopped) {
  asio::io_context context;
  HostLookup lookup(context);
  EXPECT_THAT(run(context, lookup.addresses("localhost")), Not(IsEmpty()));
  lookup.stop();
  EXPECT_THAT(run(context, lookup.addresses("localhost")), IsEmpty());
}

}  // namespace
}  // namespace postern::smtp::test
