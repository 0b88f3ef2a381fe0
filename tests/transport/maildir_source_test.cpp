#include "transport/maildir_source.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/property_tags.h"
#include "tests/temporary_directory.h"
#include "tests/transport/recording.h"
#include "transport/inbound/mail_selection.h"

namespace postern::transport {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(MailSelection, TakesByNameAndLeavesAsideWhatWasNotStored) {
  MailSelection selection;
  EXPECT_EQ(selection.take({"2", "1", "3"}), "1");
  EXPECT_EQ(selection.stored(), "1");
  EXPECT_EQ(selection.take({"2", "3"}), "2");
  EXPECT_TRUE(selection.has_next({"2", "3"}));
  EXPECT_EQ(selection.take({"2", "3"}), "3") << "2 was not stored";
  EXPECT_EQ(selection.stored(), "3");
  EXPECT_FALSE(selection.has_next({"2"}));
  EXPECT_EQ(selection.take({"2"}), std::nullopt);
}

TEST(MailSelection, WhatIsLeftAsideIsNewsOnceAndMayComeAgainAfterItWasGone) {
  MailSelection selection;
  EXPECT_TRUE(selection.leave_aside("1"));
  EXPECT_FALSE(selection.leave_aside("1"));
  EXPECT_EQ(selection.take({"1"}), std::nullopt);
  EXPECT_EQ(selection.take({}), std::nullopt);
  EXPECT_EQ(selection.take({"1"}), "1");
}

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
  /// The subjects of what it brings in, each stored at once.
  [[nodiscard]] static std::vector<std::string> bring_in(mapi::XPLogon& logon) {
    std::vector<std::string> subjects;
    while (const auto mail = logon.start_message()) {
      subjects.emplace_back(mail->message.get_or(mapi::PR_SUBJECT, ""));
      logon.inbound_stored();
    }
    return subjects;
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
  ASSERT_TRUE(logon->start_message());
  EXPECT_THAT(files_in("new"), ElementsAre("1.a"));
  logon->inbound_stored();
  EXPECT_THAT(files_in("new"), IsEmpty());
  EXPECT_THAT(files_in("cur"), ElementsAre("1.a:2,"));
  logon->transport_logoff();
}

TEST_F(MaildirSource, AMailThatWasNotStoredComesAgainToTheNextLogon) {
  put("1.a", "Subject: one\n\nHello\n");
  const auto first = log_on();
  ASSERT_TRUE(first->start_message());
  first->transport_logoff();
  EXPECT_THAT(bring_in(*log_on()), ElementsAre("one"));
}

TEST_F(MaildirSource, WhatCannotBeReadStaysIsNamedOnceAndHoldsUpNoOther) {
  put("1.empty", "");
  std::filesystem::create_directory(directory.path() / "new" / "2.directory");
  std::filesystem::create_symlink("/etc/passwd", directory.path() / "new" / "3.link");
  put("4.mail", "Subject: four\n\nHello\n");
  const auto logon = log_on();
  EXPECT_THAT(bring_in(*logon), ElementsAre("four"));
  EXPECT_THAT(bring_in(*logon), IsEmpty());
  EXPECT_THAT(files_in("new"), ElementsAre("1.empty", "2.directory", "3.link"));
  EXPECT_THAT(support.critical_errors,
              ElementsAre(HasSubstr("1.empty"), HasSubstr("2.directory"), HasSubstr("3.link")));
}

TEST_F(MaildirSource, WhatIsNoMaildirIsRefusedByName) {
  EXPECT_THROW(make_maildir_source({directory.path() / "new"}), std::invalid_argument);
}

}  // namespace
}  // namespace postern::transport
