#include "transport/maildir_source.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "tests/temporary_directory.h"
#include "tests/transport/recording.h"

namespace postern::transport {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class MaildirSource : public testing::Test {
 protected:
  MaildirSource() {
    for (const auto* folder : {"new", "cur", "tmp"}) {
      std::filesystem::create_directory(directory.path() / folder);
    }
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(directory.path() / "new" / name) << text;
  }
  [[nodiscard]] std::vector<std::string> files_in(const char* folder) const {
    std::vector<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(directory.path() / folder)) {
      names.push_back(file.path().filename().native());
    }
    std::ranges::sort(names);
    return names;
  }
  /// Reading ahead takes a moment.
  [[nodiscard]] static mapi::InboundMessage next(mapi::XPLogon& logon) {
    for (;;) {
      if (auto mail = logon.start_message()) return std::move(*mail);
      std::this_thread::yield();
    }
  }
  void wait_until_in_cur(const std::vector<std::string>& names) const {
    while (files_in("cur") != names) std::this_thread::yield();
  }
  std::unique_ptr<mapi::XPLogon> log_on() {
    provider = make_maildir_source({directory.path(), std::chrono::hours{1}});
    return provider->transport_logon(support);
  }

  const postern::test::TemporaryDirectory directory;
  test::RecordingSupport support;
  std::unique_ptr<mapi::XPProvider> provider;
};

TEST_F(MaildirSource, AMailLiesInNewUntilItIsStored) {
  put("1.a", "Subject: one\n\nHello\n");
  const auto logon = log_on();
  EXPECT_EQ(logon->registration().address_types, std::vector<std::string>{""});
  EXPECT_EQ(next(*logon).message.get_or(mapi::PR_SUBJECT, ""), "one");
  EXPECT_THAT(files_in("new"), ElementsAre("1.a"));
  logon->inbound_stored();
  wait_until_in_cur({"1.a:2,"});
  EXPECT_THAT(files_in("new"), IsEmpty());
  logon->transport_logoff();
}

TEST_F(MaildirSource, AMailThatWasNotStoredComesAgainToTheNextLogon) {
  put("1.a", "Subject: one\n\nHello\n");
  const auto first = log_on();
  ASSERT_EQ(next(*first).message.get_or(mapi::PR_SUBJECT, ""), "one");
  first->transport_logoff();
  EXPECT_EQ(next(*log_on()).message.get_or(mapi::PR_SUBJECT, ""), "one");
}

TEST_F(MaildirSource, WhatCannotBeReadStaysIsNamedOnceAndHoldsUpNoOther) {
  put("1.empty", "");
  std::filesystem::create_directory(directory.path() / "new" / "2.directory");
  std::filesystem::create_symlink("/etc/passwd", directory.path() / "new" / "3.link");
  put("4.mail", "Subject: four\n\nHello\n");
  const auto logon = log_on();
  EXPECT_EQ(next(*logon).message.get_or(mapi::PR_SUBJECT, ""), "four");
  logon->inbound_stored();
  wait_until_in_cur({"4.mail:2,"});
  logon->transport_logoff();
  EXPECT_THAT(files_in("new"), ElementsAre("1.empty", "2.directory", "3.link"));
  EXPECT_THAT(support.critical_errors,
              ElementsAre(HasSubstr("1.empty"), HasSubstr("2.directory"), HasSubstr("3.link")));
}

TEST_F(MaildirSource, WhatIsNoMaildirIsRefusedByName) {
  EXPECT_THROW(make_maildir_source({directory.path() / "new"}), std::invalid_argument);
}

}  // namespace
}  // namespace postern::transport
