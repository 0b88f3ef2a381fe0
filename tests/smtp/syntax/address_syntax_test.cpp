#include "smtp/syntax/address_syntax.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

TEST(AddressFault, AddressesThatServersTakeHaveNone) {
  for (const char* good : {"a@b", "first.last+tag@sub.example.org", "\"two words\"@example.com",
                           R"("a\"b@c"@example.com)", "user@[192.0.2.1]", "user@[IPv6:2001:db8::1]",
                           "j\xC3\xBCrgen@b\xC3\xBC"
                           "cher.example",
                           "o'neil/x=y@example.com", "a..b@example.com"}) {
    EXPECT_FALSE(address_fault(good)) << good;
  }
}

TEST(AddressFault, WhateverCouldBecomeACommandOrIsNoAddressHasOne) {
  using namespace std::string_literals;
  for (const std::string& bad : {""s,
                                 "nobody"s,
                                 "@example.com"s,
                                 "user@"s,
                                 "a b@example.com"s,
                                 "a@exa mple.com"s,
                                 "a@example.com\r\nRSET"s,
                                 "a@example.com\n"s,
                                 "a\0@example.com"s,
                                 "<a@example.com>"s,
                                 "a@example.com> SIZE=1"s,
                                 "\"<\"@example.com"s,
                                 "\"\r\n\"@example.com"s,
                                 "\"a@example.com"s,
                                 "\"a\"b\"@example.com"s,
                                 R"("a\"@example.com)"s,
                                 "a@.example.com"s,
                                 "a@example..com"s,
                                 "a@example.com."s,
                                 "a@[1.2.3.4"s,
                                 "a@[]"s,
                                 "a@[x\ty]"s,
                                 "a\x7f@example.com"s,
                                 "a@b@example.com"s,
                                 "\xFF@example.com"s,
                                 "a@\xC0\x80.com"s,
                                 std::string(250, 'a') + "@example.com"}) {
    EXPECT_TRUE(address_fault(bad)) << bad;
  }
}

TEST(AddressFault, SentenceNamesTheAddressWithoutItsControls) {
  EXPECT_EQ(address_fault("a\x1b@example.com"),
            "\"a?@example.com\" is no address: there is a control character in it");
}

TEST(HeloNameFault, NamesAndLiteralsHaveNone) {
  EXPECT_FALSE(helo_name_fault("mail.example.org"));
  EXPECT_FALSE(helo_name_fault("[127.0.0.1]"));
  EXPECT_TRUE(helo_name_fault("a b"));
  EXPECT_TRUE(helo_name_fault("a\r\nRSET"));
  EXPECT_TRUE(helo_name_fault("a/b"));
  EXPECT_TRUE(helo_name_fault(""));
}

}  // namespace
}  // namespace postern::smtp
