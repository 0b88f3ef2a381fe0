// `Display name[TYPE:address]` (mapi-submission.md §11).
#include "session/recipient/one_off_text.h"

#include <gtest/gtest.h>

namespace postern::session {
namespace {

TEST(OneOffText, IsReadAndWritten) {
  const mapi::Address ann{"Ann Smith", "SMTP", "ann@example.com"};
  EXPECT_EQ(one_off_text(ann), "Ann Smith[SMTP:ann@example.com]");
  EXPECT_EQ(parse_one_off_text("Ann Smith[SMTP:ann@example.com]"), ann);
  EXPECT_EQ(parse_one_off_text(" Ann Smith [ SMTP : ann@example.com ]\t "), ann);
}

TEST(OneOffText, QuotingSurvivesBothWays) {
  for (const auto& address :
       {mapi::Address{"a[b]c\\d", "FAX", "[1]\\2"}, mapi::Address{"two\r\nlines", "FAX", "\x01"},
        mapi::Address{"x", "A:B", "c:d"}, mapi::Address{"Jörg", "FAX", "ö"}}) {
    const auto text = one_off_text(address);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_EQ(parse_one_off_text(text), address) << text;
  }
  EXPECT_EQ(parse_one_off_text("\\x41nn[FAX:\\x31\\x32]"), (mapi::Address{"Ann", "FAX", "12"}));
}

TEST(OneOffText, ABareSmtpAddressWillDo) {
  EXPECT_EQ(parse_one_off_text("x@y.z"), (mapi::Address{"x@y.z", "SMTP", "x@y.z"}));
  EXPECT_EQ(parse_one_off_text("x@[127.0.0.1]"),
            (mapi::Address{"x@[127.0.0.1]", "SMTP", "x@[127.0.0.1]"}));
  EXPECT_EQ(parse_one_off_text("[SMTP:x@y.z]"), (mapi::Address{"x@y.z", "SMTP", "x@y.z"}));
}

TEST(OneOffText, OtherTextsAreNone) {
  for (const auto* text :
       {"", "Ann", "Ann[SMTP:ann@example.com", "Ann[SMTP:ann@example.com] and", "Ann[:x]",
        "Ann[FAX:]", "Ann[FAX]", "Ann[SMTP:ann]", "Ann[SMTP:ann@example.com\\x0d\\x0aDATA]",
        "Ann\\[FAX:1]", "Ann[FAX:1\\]", "Ann[FAX:\\x4]", "Ann[FAX:\\xZZ]", "Ann[FAX:\\xFF]",
        "Ann[FAX:1\\"}) {
    EXPECT_EQ(parse_one_off_text(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace postern::session
