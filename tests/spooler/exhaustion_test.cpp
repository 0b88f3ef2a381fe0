#include "spooler/exhaustion.h"

#include <gtest/gtest.h>

namespace postern::spooler {
namespace {

using namespace std::chrono_literals;

const ExhaustionBackoff::Time start{1000h};
constexpr auto none_left = mapi::MAPI_E_NOT_ENOUGH_RESOURCES;

TEST(ExhaustionBackoff, RestsDoubleUpToTheLongest) {
  ExhaustionBackoff exhaustion(1s, 60s);
  ExhaustionBackoff::Session session;
  for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    EXPECT_EQ(exhaustion.on_exhausted(session, none_left, start).pause, pause);
  }
  for (int time = 0; time < 100; ++time) exhaustion.on_exhausted(session, none_left, start);
  EXPECT_EQ(exhaustion.on_exhausted(session, none_left, start).pause, 60s);
  exhaustion.recovered(session);
  EXPECT_EQ(exhaustion.on_exhausted(session, none_left, start).pause, 1s);
}

TEST(ExhaustionBackoff, SameLackIsNewsOnceAnHour) {
  ExhaustionBackoff exhaustion(1s, 60s);
  ExhaustionBackoff::Session one;
  ExhaustionBackoff::Session other;
  EXPECT_TRUE(exhaustion.on_exhausted(one, none_left, start).is_news);
  EXPECT_FALSE(exhaustion.on_exhausted(other, none_left, start + 1s).is_news);
  exhaustion.recovered(one);
  exhaustion.recovered(other);
  EXPECT_FALSE(exhaustion.on_exhausted(one, none_left, start + 10min).is_news);
  EXPECT_TRUE(exhaustion.on_exhausted(one, mapi::MAPI_E_NOT_ENOUGH_MEMORY, start + 11min).is_news);
  EXPECT_FALSE(exhaustion.on_exhausted(one, none_left, start + 12min).is_news);
  EXPECT_TRUE(exhaustion.on_exhausted(one, none_left, start + 60min).is_news);
}

TEST(ExhaustionBackoff, ItsEndIsNewsWhenTheLastSessionRecoversIfTheBeginningWas) {
  ExhaustionBackoff exhaustion(1s, 60s);
  ExhaustionBackoff::Session one;
  ExhaustionBackoff::Session other;
  EXPECT_FALSE(exhaustion.recovered(one)) << "of nothing";
  exhaustion.on_exhausted(one, none_left, start);
  exhaustion.on_exhausted(other, none_left, start);
  EXPECT_FALSE(exhaustion.recovered(one));
  EXPECT_TRUE(exhaustion.recovered(other));
  EXPECT_FALSE(exhaustion.recovered(other));
  exhaustion.on_exhausted(one, none_left, start + 1s);
  EXPECT_FALSE(exhaustion.recovered(one)) << "nobody was told of it";
}

}  // namespace
}  // namespace postern::spooler
