// The resolver against a scripted DNS server on 127.0.0.1.
#include "smtp/dns/resolver.h"

#include <fstream>
#include <stdexcept>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/support/dns_responder.h"
#include "tests/smtp/support/loopback.h"
#include "tests/smtp/support/on_context.h"
#include "tests/temporary_directory.h"

namespace postern::smtp::test {
namespace {

using namespace std::chrono_literals;
using asio::ip::address_v4;
using asio::ip::address_v6;
using asio::ip::make_address_v4;
using asio::ip::make_address_v6;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using Fault = DnsReplyScript::Fault;

class ResolverTest : public testing::Test {
 protected:
  ResolverOptions options() {
    ResolverOptions options;
    options.forwarders = {dns_.address()};
    return options;
  }
  template <class Record>
  DnsAnswer<Record> look_up(const std::string& name) {
    if (!resolver_) resolver_.emplace(context_, options());
    return run(context_, resolver_->look_up<Record>(name));
  }

  DnsResponder dns_;
  asio::io_context context_;
  std::optional<Resolver> resolver_;
};

TEST_F(ResolverTest, GivesTheRecordsOfEachType) {
  dns_.mx("one.example", 10, "mx.one.example");
  dns_.mx("one.example", 20, "");
  dns_.a("mx.one.example", "192.0.2.1");
  dns_.aaaa("mx.one.example", "2001:db8::1");
  dns_.txt("one.example", "v=STSv1; id=1;");
  dns_.answer("_25._tcp.mx.one.example", DnsType::tlsa,
              {0, {std::string("\3\1\1\x7F", 4)}, {}, {}});
  const auto mx = look_up<MxRecord>("one.example");
  EXPECT_EQ(mx.status, DnsStatus::ok);
  EXPECT_FALSE(mx.secure);
  EXPECT_EQ(mx.ttl, 300s);
  EXPECT_EQ(mx.canonical_name, "");
  EXPECT_THAT(mx.records, UnorderedElementsAre(MxRecord{10, "mx.one.example"}, MxRecord{20, ""}));
  EXPECT_THAT(look_up<address_v4>("mx.one.example").records,
              ElementsAre(make_address_v4("192.0.2.1")));
  EXPECT_THAT(look_up<address_v6>("mx.one.example").records,
              ElementsAre(make_address_v6("2001:db8::1")));
  EXPECT_EQ(look_up<TextRecord>("one.example").records.at(0).text, "v=STSv1; id=1;");
  const auto tlsa = look_up<TlsaRecord>("_25._tcp.mx.one.example");
  EXPECT_THAT(tlsa.records, ElementsAre(TlsaRecord{3, 1, 1, {std::byte{0x7F}}}));
}

TEST_F(ResolverTest, TellsAMissingNameFromMissingRecords) {
  dns_.a("host.example", "192.0.2.1");
  EXPECT_EQ(look_up<MxRecord>("none.example").status, DnsStatus::no_such_name);
  EXPECT_EQ(look_up<MxRecord>("host.example").status, DnsStatus::no_data);
}

TEST_F(ResolverTest, ReportsAServerFailureAsFailed) {
  dns_.server_failure("broken.example", DnsType::mx);
  const auto answer = look_up<MxRecord>("broken.example");
  EXPECT_EQ(answer.status, DnsStatus::failed);
  EXPECT_EQ(answer.reason, "SERVFAIL");
}

TEST_F(ResolverTest, EndsALookUpThatNobodyAnswersAtItsTimeLimit) {
  dns_.fault("silent.example", DnsType::mx, Fault::silent);
  ResolverOptions quick = options();
  quick.timeout = 100ms;
  resolver_.emplace(context_, quick);
  const auto answer = look_up<MxRecord>("silent.example");
  EXPECT_EQ(answer.status, DnsStatus::failed);
  EXPECT_EQ(answer.reason, "no answer within 0.1 s");
}

TEST_F(ResolverTest, TakesRubbishForNoAnswer) {
  dns_.fault("rubbish.example", DnsType::mx, Fault::rubbish);
  ResolverOptions quick = options();
  quick.timeout = 1s;
  resolver_.emplace(context_, quick);
  EXPECT_EQ(look_up<MxRecord>("rubbish.example").status, DnsStatus::failed);
}

TEST_F(ResolverTest, AsksAgainOverTcpWhereTheAnswerIsTruncated) {
  for (int host = 0; host < 60; ++host) {
    dns_.mx("big.example", host, "a-rather-long-name-" + std::to_string(host) + ".big.example");
  }
  dns_.fault("big.example", DnsType::mx, Fault::truncated);
  EXPECT_EQ(look_up<MxRecord>("big.example").records.size(), 60U);
}

TEST_F(ResolverTest, FollowsAliasesAndSaysWhereTheyLed) {
  dns_.a("target.example", "192.0.2.7");
  dns_.answer("alias.example", DnsType::a,
              {0,
               {"\xC0"
                "23"
                "4"},
               {},
               "target.example"});
  const auto answer = look_up<address_v4>("Alias.example");
  EXPECT_EQ(answer.canonical_name, "target.example");
  EXPECT_THAT(answer.records, ElementsAre(make_address_v4("192.0.2.7")));
}

TEST_F(ResolverTest, AsksOnceForWhatManyWantAtOnceAndKeepsIt) {
  dns_.a("popular.example", "192.0.2.1");
  using namespace asio::experimental::awaitable_operators;
  Resolver resolver(context_, options());
  const auto ask = [&] { return resolver.look_up<address_v4>("popular.example"); };
  const auto [first, second] = run(context_, ask() && ask());
  EXPECT_EQ(first.records.size(), 1U);
  EXPECT_EQ(second.records.size(), 1U);
  run(context_, ask());
  EXPECT_EQ(dns_.questions("popular.example", DnsType::a), 1);
}

TEST_F(ResolverTest, LetsLookUpsBeyondTheBoundWaitForTheirTurn) {
  ResolverOptions narrow = options();
  narrow.max_in_flight = 1;
  resolver_.emplace(context_, narrow);
  std::vector<DnsAnswer<address_v4>> answers;
  for (int host = 0; host < 20; ++host) {
    const std::string name = "host" + std::to_string(host) + ".example";
    dns_.a(name, "192.0.2." + std::to_string(host));
    asio::co_spawn(context_, resolver_->look_up<address_v4>(name),
                   [&](const std::exception_ptr&, DnsAnswer<address_v4> answer) {
                     answers.push_back(std::move(answer));
                   });
  }
  context_.run();
  ASSERT_EQ(answers.size(), 20U);
  for (const auto& answer : answers) EXPECT_EQ(answer.records.size(), 1U);
}

TEST_F(ResolverTest, AWaitingLookUpGivesItsPlaceUpWhenItIsCancelled) {
  dns_.fault("silent.example", DnsType::a, Fault::silent);
  dns_.a("good.example", "192.0.2.1");
  ResolverOptions narrow = options();
  narrow.max_in_flight = 1;
  resolver_.emplace(context_, narrow);
  asio::cancellation_signal cancel;
  bool cancelled = false;
  asio::co_spawn(context_, resolver_->look_up<address_v4>("silent.example"),
                 asio::bind_cancellation_slot(cancel.slot(),
                                              [&](const std::exception_ptr& failure, const auto&) {
                                                cancelled = failure != nullptr;
                                              }));
  asio::post(context_, [&] { cancel.emit(asio::cancellation_type::terminal); });
  EXPECT_EQ(look_up<address_v4>("good.example").status, DnsStatus::ok);
  EXPECT_TRUE(cancelled);
}

TEST_F(ResolverTest, StoppedItAnswersEverythingAsFailedAtOnce) {
  dns_.fault("silent.example", DnsType::mx, Fault::silent);
  resolver_.emplace(context_, options());
  asio::post(context_, [&] { resolver_->stop(); });
  EXPECT_THAT(look_up<MxRecord>("silent.example").reason, HasSubstr("stopped"));
  EXPECT_THAT(look_up<MxRecord>("other.example").reason, HasSubstr("stopped"));
}

TEST_F(ResolverTest, MayGoWhileACoroutineWaitsForIt) {
  dns_.fault("silent.example", DnsType::mx, Fault::silent);
  std::optional<DnsAnswer<MxRecord>> answer;
  {
    asio::io_context context;
    Resolver resolver(context, options());
    start(context, resolver.look_up<MxRecord>("silent.example"), answer);
    context.poll();
  }
  EXPECT_FALSE(answer) << "nobody runs the coroutine";
  asio::io_context context;
  {
    Resolver resolver(context, options());
    start(context, resolver.look_up<MxRecord>("silent.example"), answer);
    context.poll();
    EXPECT_FALSE(answer);
  }
  context.run();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, DnsStatus::failed);
  EXPECT_THAT(answer->reason, HasSubstr("stopped"));
}

TEST_F(ResolverTest, RefusesANameThatIsNone) {
  for (const std::string name : {"", ".", "a\nb.example",
                                 "b\xC3\xBC"
                                 "cher.example"}) {
    EXPECT_EQ(look_up<MxRecord>(name).status, DnsStatus::failed);
  }
  EXPECT_EQ(look_up<MxRecord>(std::string(64, 'a') + ".example").status, DnsStatus::failed);
}

TEST_F(ResolverTest, TakesTheSystemsFilesWhereAsked) {
  const postern::test::TemporaryDirectory directory;
  ResolverOptions with_hosts = options();
  with_hosts.hosts_file = directory.path() / "hosts";
  std::ofstream(with_hosts.hosts_file) << "192.0.2.99 listed.example\n";
  resolver_.emplace(context_, with_hosts);
  EXPECT_THAT(look_up<address_v4>("listed.example").records,
              ElementsAre(make_address_v4("192.0.2.99")));
}

/// Counts what is asked at port 53 of an address of this machine, and answers nothing.
class SilentForwarder {
 public:
  explicit SilentForwarder(std::uint32_t host) : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address = loopback(53);
    address.sin_addr.s_addr = htonl(host);
    is_bound_ = ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~SilentForwarder() { ::close(socket_); }
  SilentForwarder(const SilentForwarder&) = delete;
  SilentForwarder& operator=(const SilentForwarder&) = delete;
  [[nodiscard]] bool is_bound() const { return is_bound_; }
  [[nodiscard]] bool was_asked() const {
    char octet = 0;
    bool asked = false;
    while (::recv(socket_, &octet, 1, MSG_DONTWAIT) > 0) asked = true;
    return asked;
  }

 private:
  int socket_;
  bool is_bound_ = false;
};

TEST(Resolver, AsksTheForwardersThatTheSystemHasNow) {
  const SilentForwarder first(0x7F00005B);   // 127.0.0.91
  const SilentForwarder second(0x7F00005C);  // 127.0.0.92
  if (!first.is_bound() || !second.is_bound()) GTEST_SKIP() << "port 53 is not ours";
  const postern::test::TemporaryDirectory directory;
  asio::io_context context;
  ResolverOptions options;
  options.resolv_conf = directory.path() / "resolv.conf";
  options.timeout = 500ms;
  const auto write = [&](const char* text) { std::ofstream(options.resolv_conf) << text; };
  write("nameserver 127.0.0.91\n");
  Resolver resolver(context, options);
  const auto ask = [&](const char* name) { run(context, resolver.look_up<address_v4>(name)); };
  ask("one.example");
  EXPECT_TRUE(first.was_asked());
  EXPECT_FALSE(second.was_asked());
  write("# being written\n");
  ask("two.example");
  write("nameserver 127.0.0.92\n");
  ask("three.example");
  EXPECT_TRUE(second.was_asked());
}

TEST(Resolver, RefusesOptionsThatCannotBeUsed) {
  asio::io_context context;
  const auto fault_of = [&](const ResolverOptions& options) -> std::string {
    try {
      Resolver(context, options);
    } catch (const std::invalid_argument& failure) {
      return failure.what();
    }
    return "nothing";
  };
  ResolverOptions forwarder;
  forwarder.forwarders = {"no-address"};
  EXPECT_THAT(fault_of(forwarder), HasSubstr("\"no-address\" as a DNS server cannot be used"));
  ResolverOptions missing;
  missing.trust_anchor_file = "/nonexistent/root.key";
  EXPECT_THAT(fault_of(missing), HasSubstr("\"/nonexistent/root.key\" cannot be used"));
  ResolverOptions list;
  list.resolv_conf = "/nonexistent/resolv.conf";
  EXPECT_THAT(fault_of(list), HasSubstr("\"/nonexistent/resolv.conf\" cannot be used"));
  const postern::test::TemporaryDirectory directory;
  ResolverOptions broken;
  broken.trust_anchor_file = directory.path() / "root.key";
  std::ofstream(broken.trust_anchor_file) << "this is no key\n";
  EXPECT_THAT(fault_of(broken), HasSubstr(broken.trust_anchor_file));
}

// Records from their wire form

TEST(DnsAnswer, RefusesMalformedRecords) {
  using Mx = DnsRecordType<MxRecord>;
  const std::string preference("\0\5", 2);
  EXPECT_EQ(Mx::read(preference + wire_name("mx.example")), (MxRecord{5, "mx.example"}));
  EXPECT_EQ(Mx::read(preference + wire_name("")), (MxRecord{5, ""}));
  EXPECT_FALSE(Mx::read(""));
  EXPECT_FALSE(Mx::read(preference));
  EXPECT_FALSE(Mx::read(preference + "\5mx"));
  EXPECT_FALSE(Mx::read(preference + "\2mx"));
  EXPECT_FALSE(Mx::read(preference + wire_name("mx.example") + "x"));
  EXPECT_FALSE(Mx::read(preference + "\xC0\x0C"));
  EXPECT_FALSE(DnsRecordType<address_v4>::read("123"));
  EXPECT_FALSE(DnsRecordType<address_v6>::read("1234"));
  EXPECT_FALSE(DnsRecordType<TextRecord>::read(""));
  EXPECT_FALSE(DnsRecordType<TextRecord>::read("\5abc"));
  EXPECT_FALSE(DnsRecordType<TlsaRecord>::read("\3\1"));
}

TEST(DnsAnswer, WritesStrangeLabelsSoThatTheyMeanNothingElse) {
  const std::string wire = std::string("\0\0\4a.b\\\3x\r\n\0", 12);
  EXPECT_EQ(DnsRecordType<MxRecord>::read(wire)->exchange, "a\\.b\\\\.x\\013\\010");
}

TEST(DnsAnswer, JoinsTheStringsOfAText) {
  EXPECT_EQ(DnsRecordType<TextRecord>::read("\2ab\1c")->text, "abc");
}

TEST(DnsAnswer, OneMalformedRecordMakesTheAnswerFail) {
  DnsReply reply;
  reply.status = DnsStatus::ok;
  reply.rdata = {"1234", "12"};
  const auto answer = read_records<address_v4>(reply);
  EXPECT_EQ(answer.status, DnsStatus::failed);
  EXPECT_TRUE(answer.records.empty());
}

}  // namespace
}  // namespace postern::smtp::test
