#include "smtp/engine/host_health.h"

#include <string>

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

ConnectTarget target(const std::string& host) {
  ConnectTarget result;
  result.relay.host = host;
  return result;
}

std::string order(const HostHealth& health, TimePoint now) {
  std::string hosts;
  for (const auto& each : health.ordered({target("a"), target("b"), target("c")}, now)) {
    hosts += each.relay.host;
  }
  return hosts;
}

TEST(HostHealth, WhatFailedIsTriedLastForAWhile) {
  HostHealth health;
  auto now = TimePoint::now();
  health.failed(host_key(target("a")), now);
  EXPECT_EQ(order(health, now), "bca");
  health.failed(host_key(target("b")), now);
  EXPECT_EQ(order(health, now), "cab");
  health.worked(host_key(target("a")));
  EXPECT_EQ(order(health, now), "acb");
  now.steady += HostHealth::penalty;
  EXPECT_EQ(order(health, now), "abc");
}

TEST(HostHealth, ForgetsHostsThatCameAndWent) {
  HostHealth health;
  auto now = TimePoint::now();
  for (int i = 0; i < 1000; ++i) {
    health.failed("host" + std::to_string(i), now);
    now.steady += HostHealth::penalty / 10;
  }
  EXPECT_LE(health.remembered(), 10U);
}

}  // namespace
}  // namespace postern::smtp
