// What a --route says.
#include "cli/option/route.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/option/usage_error.h"

namespace postern::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Route, HasDomainsAUrlAndSettings) {
  const auto route = parse_route(
      "a.example,.b.example=SMTPS://ann@Mail.example:465?name=the%20second&connections=3&tls=verify"
      "&fingerprint=AA&fingerprint=BB&password-file=/etc/secret");
  EXPECT_THAT(route.domains, ElementsAre("a.example", ".b.example"));
  EXPECT_EQ(route.url, "smtps://ann@Mail.example:465");
  EXPECT_EQ(route.name, "the second");
  EXPECT_EQ(route.connections, 3U);
  EXPECT_EQ(route.tls, "verify");
  EXPECT_THAT(route.fingerprints, ElementsAre("AA", "BB"));
  EXPECT_EQ(route.password_file, "/etc/secret");
}

TEST(Route, WithoutDomainsIsForAll) {
  const auto route = parse_route("lmtp:///run/dovecot/lmtp?name=dovecot");
  EXPECT_THAT(route.domains, IsEmpty());
  EXPECT_EQ(route.url, "lmtp:///run/dovecot/lmtp");
  EXPECT_EQ(route.name, "dovecot");
}

TEST(Route, LeadsIntoMaildirs) {
  const auto route = parse_route("a.example=maildir:///var/mail%20box/{domain}/{local}?name=a=b");
  EXPECT_TRUE(route.is_maildir());
  EXPECT_EQ(route.directory(), "/var/mail box/{domain}/{local}");
  EXPECT_EQ(route.name, "a=b");
}

TEST(Route, SaysWhatIsWrongAndWhatToWrite) {
  for (const auto& [text, fault] : {std::pair{"a.example", "no URL"},
                                    {"=smtp://mail.example", "no domain before"},
                                    {"a.example=ftp://mail.example", "does not begin with"},
                                    {"smtp://mail.example?nmae=x", "no setting \"nmae\""},
                                    {"smtp://mail.example?name", "no value of \"name\""},
                                    {"smtp://mail.example?connections=0", "\"0\" is no value"},
                                    {"smtp://mail.example?connections=1x", "\"1x\" is no value"},
                                    {"smtp://mail.example?name=a%0Ab", "no value of \"name\""},
                                    {"lmtp:///socket?tls=verify", "no setting \"tls\""},
                                    {"maildir:///mail?connections=2", "no setting"}}) {
    try {
      parse_route(text);
      ADD_FAILURE() << text;
    } catch (const UsageError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr(fault), HasSubstr("write e.g. a.example=")));
    }
  }
  EXPECT_THROW(static_cast<void>(parse_route("maildir://var/mail").directory()), UsageError);
}

TEST(Route, ShowsNoPassword) {
  try {
    parse_route("a.example=smtp://ann:secret@mail.example?no=1");
    ADD_FAILURE();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), AllOf(Not(HasSubstr("secret")), HasSubstr("@mail.example")));
  }
}

}  // namespace
}  // namespace postern::cli
