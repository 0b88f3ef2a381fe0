#include "transport/imap_source.h"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::transport {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(ImapUrl, NamesServerUserAndFolder) {
  const auto options = ImapSourceOptions::parse("imaps://bounces@mail.example");
  EXPECT_EQ(options.host, "mail.example");
  EXPECT_EQ(options.user, "bounces");
  EXPECT_EQ(options.port, 993);
  EXPECT_EQ(options.folder, "INBOX");
  EXPECT_TRUE(options.implicit_tls);
  EXPECT_TRUE(options.tls);
}

TEST(ImapUrl, UserMayBeAnAddressAndThePartsMayBeEncoded) {
  const auto options =
      ImapSourceOptions::parse("imap://bounces%40a.example@[::1]:1430/Archive/R%C3%BCck%20lauf");
  EXPECT_EQ(options.user, "bounces@a.example");
  EXPECT_EQ(options.host, "::1");
  EXPECT_EQ(options.port, 1430);
  EXPECT_EQ(options.folder,
            "Archive/R\xC3\xBC"
            "ck lauf");
  EXPECT_FALSE(options.implicit_tls);
  EXPECT_EQ(ImapSourceOptions::parse("imap://a@b.example/").port, 143);
  EXPECT_EQ(ImapSourceOptions::parse("imap://a@b.example@c.example").user, "a@b.example");
}

TEST(ImapUrl, WhatCannotBeUsedIsRefusedWithoutItsPassword) {
  for (const auto* const url :
       {"imaps://mail.example", "imaps://", "http://a@b.example", "imaps://a@b.example:0x",
        "imaps://a@b.example/x%0d%0aDELETE", "imaps://a@b.example/x?y", "imaps://a@b.example/x#y",
        "imaps://a@b.example/%FF"}) {
    EXPECT_THROW(ImapSourceOptions::parse(url), std::invalid_argument) << url;
  }
  EXPECT_THAT(
      [] { ImapSourceOptions::parse("imaps://a:secret@b.example"); },
      ThrowsMessage<std::invalid_argument>(AllOf(HasSubstr("password"), Not(HasSubstr("secret")))));
}

TEST(ImapSource, NeedsAUserAndAPasswordWithoutControls) {
  ImapSourceOptions options;
  options.host = "127.0.0.1";
  options.user = "a";
  EXPECT_THROW(make_imap_source(options), std::invalid_argument);
  options.password = "x\r\nA DELETE INBOX";
  EXPECT_THROW(make_imap_source(options), std::invalid_argument);
  options.password = "secret";
  EXPECT_NE(make_imap_source(options), nullptr);
}

}  // namespace
}  // namespace postern::transport
