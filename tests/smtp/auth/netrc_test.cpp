#include "smtp/auth/netrc.h"

#include <gtest/gtest.h>

namespace postern::smtp {
namespace {

std::string password_of(std::string_view text, std::string_view host, std::string_view login = "") {
  const auto entry = find_in_netrc(text, host, login);
  return entry ? entry->login + ":" + entry->password : "none";
}

TEST(Netrc, FindsTheHostsEntryInAnyLayout) {
  EXPECT_EQ(password_of("machine mx login jane password geheim", "mx"), "jane:geheim");
  EXPECT_EQ(password_of("machine mx\n\tlogin jane\n\tpassword geheim\n", "MX"), "jane:geheim");
  EXPECT_EQ(password_of("machine a login x password y\nmachine mx password p login u", "mx"),
            "u:p");
}

TEST(Netrc, FindsTheEntryOfALogin) {
  constexpr std::string_view text =
      "machine mx login jane password one\nmachine mx login joe password two\n";
  EXPECT_EQ(password_of(text, "mx", "joe"), "joe:two");
  EXPECT_EQ(password_of(text, "mx"), "jane:one");
  EXPECT_EQ(password_of(text, "mx", "jim"), "none");
}

TEST(Netrc, QuotedWordsAndHashesInPasswordsAreTaken) {
  EXPECT_EQ(password_of("machine mx login jane password \"two words \\\" and #\"", "mx"),
            "jane:two words \" and #");
  EXPECT_EQ(password_of("machine mx login jane password #hash", "mx"), "jane:#hash");
}

TEST(Netrc, CommentsMacrosAndAccountsAreSkipped) {
  EXPECT_EQ(password_of("# machine mx login no password no\n"
                        "macdef init\nmachine mx login no password no\n\n"
                        "machine mx account x login jane password geheim",
                        "mx"),
            "jane:geheim");
}

TEST(Netrc, DefaultIsNotSentToMailServers) {
  EXPECT_EQ(password_of("default login anonymous password me@here", "mx"), "none");
  EXPECT_EQ(password_of("machine mx login jane\ndefault login x password y", "mx"), "jane:");
}

TEST(Netrc, UnfinishedFilesAreNoTrouble) {
  for (const char* text : {"", "machine", "machine mx", "machine mx login", "machine mx login \"",
                           "macdef x", "password", "machine mx login jane password \"\\"}) {
    find_in_netrc(text, "mx", "");
  }
  EXPECT_EQ(password_of("machine mx login jane password", "mx"), "jane:");
}

TEST(Netrc, FileThatCannotBeReadIsNamed) {
  for (const char* path : {"/nonexistent/netrc", "/"}) {
    try {
      read_secrets("netrc file", path);
      ADD_FAILURE() << path;
    } catch (const std::invalid_argument& refusal) {
      EXPECT_NE(std::string(refusal.what()).find(path), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace postern::smtp
