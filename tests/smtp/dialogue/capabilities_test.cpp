#include "smtp/dialogue/capabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

using testing::ElementsAre;

TEST(Capabilities, AreReadWithoutRegardToCaseAndBlanks) {
  const auto offered = Capabilities::parse(
      {250,
       "mx.example greets you\nPipelining\n8bitmime\n size\t 1000 \nDSN\nsmtpUTF8\nChunking\n"
       "STARTTLS\nENHANCEDSTATUSCODES\nauth plain\tLOGIN\nX-UNKNOWN 1"});
  EXPECT_TRUE(offered.pipelining);
  EXPECT_TRUE(offered.eight_bit_mime);
  EXPECT_TRUE(offered.dsn);
  EXPECT_TRUE(offered.smtputf8);
  EXPECT_TRUE(offered.chunking);
  EXPECT_TRUE(offered.starttls);
  EXPECT_TRUE(offered.enhanced_status_codes);
  EXPECT_TRUE(offered.size);
  EXPECT_EQ(offered.size_limit, 1000U);
  EXPECT_THAT(offered.auth_mechanisms, ElementsAre("PLAIN", "LOGIN"));
}

TEST(Capabilities, OldFormOfAuthIsUnderstoodOnce) {
  const auto offered = Capabilities::parse({250, "mx\nauth=LOGIN plain\nAUTH PLAIN LOGIN"});
  EXPECT_THAT(offered.auth_mechanisms, ElementsAre("LOGIN", "PLAIN"));
}

TEST(Capabilities, SizeWithoutAUsableNumberIsNoLimit) {
  for (const char* text : {"mx\nSIZE", "mx\nSIZE abc", "mx\nSIZE 0", "mx\nSIZE 12x", "mx\nSIZE -5",
                           "mx\nSIZE 99999999999999999999999"}) {
    const auto offered = Capabilities::parse({250, text});
    EXPECT_TRUE(offered.size) << text;
    EXPECT_FALSE(offered.size_limit) << text;
  }
}

TEST(Capabilities, ExtensionsWithValuesAreRead) {
  const auto offered = Capabilities::parse(
      {250,
       "mx\nREQUIRETLS\nDELIVERBY 240\nFUTURERELEASE 3600 2030-01-01T00:00:00Z\nMT-PRIORITY MIXER\n"
       "LIMITS rcptmax=50 MAILMAX=7 OTHER=x"});
  EXPECT_TRUE(offered.require_tls);
  EXPECT_TRUE(offered.deliver_by);
  EXPECT_EQ(offered.min_deliver_by, 240U);
  EXPECT_TRUE(offered.future_release);
  EXPECT_EQ(offered.longest_hold, 3600U);
  EXPECT_TRUE(offered.mt_priority);
  EXPECT_EQ(offered.recipient_limit, 50U);
  EXPECT_EQ(offered.message_limit, 7U);
  EXPECT_FALSE(Capabilities::parse({250, "mx\nLIMITS RCPTMAX= MAILMAX=0 RCPTMAX"}).message_limit);
}

TEST(Capabilities, FirstLineOffersNothing) {
  EXPECT_FALSE(Capabilities::parse({250, "PIPELINING"}).pipelining);
  EXPECT_FALSE(Capabilities::parse({250, "PIPELINING\nX"}).pipelining);
  EXPECT_FALSE(Capabilities::parse({250, ""}).size);
}

}  // namespace
}  // namespace postern::smtp
