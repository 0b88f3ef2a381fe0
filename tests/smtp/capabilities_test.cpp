#include "smtp/capabilities.h"

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

TEST(Capabilities, FirstLineOffersNothing) {
  EXPECT_FALSE(Capabilities::parse({250, "PIPELINING"}).pipelining);
  EXPECT_FALSE(Capabilities::parse({250, "PIPELINING\nX"}).pipelining);
  EXPECT_FALSE(Capabilities::parse({250, ""}).size);
}

}  // namespace
}  // namespace postern::smtp
