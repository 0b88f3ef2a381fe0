#include "smtp/engine/distribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

using namespace std::chrono_literals;

Delivery postponed(const std::string& why, std::chrono::milliseconds pause, bool configuration) {
  Delivery delivery;
  delivery.recipients.resize(1);
  delivery.recipients[0].text = why;
  delivery.route_fault = RouteFault{delivery.recipients[0], configuration, false, {}, pause};
  return delivery;
}

/// What is joined of parts that were done one after the other.
RouteFault joined(std::vector<Delivery> parts) {
  OutgoingMessage message;
  for (std::size_t index = 0; index < parts.size(); ++index) {
    message.envelope.recipients.emplace_back().address = "a@" + std::to_string(index) + ".example";
  }
  Delivery whole;
  auto shares = distribute(std::move(message), [&](Delivery delivery) { whole = delivery; });
  EXPECT_EQ(shares.size(), parts.size());
  for (std::size_t index = 0; index < parts.size(); ++index) shares[index].done(parts[index]);
  return whole.route_fault.value();
}

TEST(Distribution, OfSeveralFaultsTheOneThatAnOperatorMustMendIsTold) {
  EXPECT_EQ(
      joined({postponed("away", 1s, false), postponed("no password", 300s, true)}).outcome.text,
      "no password");
  EXPECT_EQ(
      joined({postponed("no password", 300s, true), postponed("away", 1s, false)}).outcome.text,
      "no password");
}

TEST(Distribution, PostponedMessageGoesOnWithTheFirstRouteThatMayBeUsedAgain) {
  for (const auto& pauses : {std::pair{10s, 300s}, {300s, 10s}}) {
    EXPECT_EQ(
        joined({postponed("one", pauses.first, false), postponed("other", pauses.second, false)})
            .retry_after,
        10s);
  }
}

}  // namespace
}  // namespace postern::smtp
