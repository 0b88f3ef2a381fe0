// The Maildir transport on disk: what is written, what is not written twice, what waits.
#include "transport/maildir_transport.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/resource_limits.h"
#include "tests/temporary_directory.h"
#include "tests/transport/recording.h"
#include "transport/maildir/disk_fault.h"

namespace postern::transport {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::message_to;
using test::RecordingHandle;
using test::RecordingSupport;
using test::secured_message_to;
using test::submit_by;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

std::vector<fs::path> files_in(const fs::path& directory) {
  std::vector<fs::path> files;
  if (!fs::exists(directory)) return files;
  for (const auto& entry : fs::directory_iterator(directory)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

class MaildirTransportTest : public testing::Test {
 protected:
  MaildirTransportTest() { use({.mailbox = base / "{domain}/{local}"}); }

  void use(MaildirTransportOptions options) {
    provider = make_maildir_transport(std::move(options));
    logon = provider->transport_logon(support);
  }
  mapi::SubmitResult submit(RecordingHandle& handle) {
    sender = logon->sender(support);
    return submit_by(*sender, handle, support);
  }
  /// The message as a later spooler would open it if no verdict was saved.
  static RecordingHandle again(const RecordingHandle& handle) {
    auto message = handle.message();
    for (auto& row : message.recipients) {
      row.erase(mapi::PR_RESPONSIBILITY);
      mapi::clear_outcome(row);
    }
    return RecordingHandle(std::move(message));
  }

  postern::test::TemporaryDirectory directory;
  const fs::path base = directory.path();
  RecordingSupport support;
  std::unique_ptr<mapi::XPProvider> provider;
  std::unique_ptr<mapi::XPLogon> logon;
  std::unique_ptr<mapi::XPSender> sender;
};

TEST_F(MaildirTransportTest, EachRecipientHasAFileInItsMailbox) {
  RecordingHandle handle(message_to({"Ann@A.test", "bob@b.test"}));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(sender->end_message(), mapi::EndMessage::done);
  EXPECT_THAT(support.reported, SizeIs(2));
  EXPECT_TRUE(handle.is_settled(0));
  EXPECT_EQ(handle.outcome(1).verdict, Verdict::delivered);
  EXPECT_THAT(handle.outcome(1).text, HasSubstr("b.test/bob"));
  const auto files = files_in(base / "a.test/ann/new");
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_THAT(content_of(files[0]),
              AllOf(StartsWith("Return-Path: <sender@example.com>\nDelivered-To: Ann@A.test\n"),
                    HasSubstr("Hello\n.\nthere\n"), HasSubstr("\n\n"), Not(HasSubstr("\r"))));
  EXPECT_THAT(files_in(base / "b.test/bob/new"), SizeIs(1));
  EXPECT_THAT(files_in(base / "a.test/ann/tmp"), IsEmpty());
  EXPECT_EQ(fs::status(files[0]).permissions(), fs::perms{0600});
}

TEST_F(MaildirTransportTest, DropDirectoryHasAFileForEachRecipient) {
  use({.mailbox = base / "drop"});
  RecordingHandle handle(message_to({"ann@a.test", "bob@b.test"}));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  const auto files = files_in(base / "drop/new");
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_THAT(
      content_of(files[0]) + content_of(files[1]),
      AllOf(HasSubstr("Delivered-To: ann@a.test\n"), HasSubstr("Delivered-To: bob@b.test")));
}

TEST_F(MaildirTransportTest, WhatIsToBeEncryptedIsNeverWrittenInTheClear) {
  auto message = message_to({"ann@a.test"});
  message.set(mapi::PR_SECURITY_FLAGS, mapi::SECFLAG_ENCRYPTED);
  RecordingHandle handle(std::move(message));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(handle.outcome(0).verdict, Verdict::failed);
  EXPECT_EQ(handle.outcome(0).status, (EnhancedStatus{5, 7, 4}));
  EXPECT_FALSE(fs::exists(base / "a.test"));
}

TEST_F(MaildirTransportTest, EachRecipientHasTheEntityThatIsItsOwn) {
  RecordingHandle handle(secured_message_to({"ann@a.test", "bob@b.test"}));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(sender->end_message(), mapi::EndMessage::done);
  for (const auto& [mailbox, entity] :
       {std::pair{"a.test/ann/new", "entity 0"}, std::pair{"b.test/bob/new", "entity 1"}}) {
    const auto files = files_in(base / mailbox);
    ASSERT_THAT(files, SizeIs(1));
    EXPECT_THAT(content_of(files[0]), HasSubstr(entity));
  }
}

TEST_F(MaildirTransportTest, WhatAsksForSecurityIsNotSavedWithoutIt) {
  auto message = message_to({"ann@a.test"});
  message.set(mapi::PR_SECURITY_FLAGS, mapi::SECFLAG_ENCRYPTED);
  RecordingHandle handle(std::move(message));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(handle.outcome(0).status, (EnhancedStatus{5, 7, 4}));
  EXPECT_THAT(files_in(base / "a.test/ann/new"), IsEmpty());
}

TEST_F(MaildirTransportTest, WhatACrashForgotIsNotDeliveredTwice) {
  RecordingHandle handle(message_to({"ann@a.test"}));
  ASSERT_EQ(submit(handle).code, mapi::S_OK);
  const auto mailbox = base / "a.test/ann";
  auto second = again(handle);
  EXPECT_EQ(submit(second).code, mapi::S_OK);
  EXPECT_TRUE(second.is_settled(0));
  const auto files = files_in(mailbox / "new");
  ASSERT_THAT(files, SizeIs(1));
  fs::rename(files[0], mailbox / "cur" / (files[0].filename().string() + ":2,S"));  // it was read
  auto third = again(handle);
  EXPECT_EQ(submit(third).code, mapi::S_OK);
  EXPECT_THAT(files_in(mailbox / "new"), IsEmpty());
  EXPECT_THAT(files_in(mailbox / "cur"), SizeIs(1));
}

TEST_F(MaildirTransportTest, WhatIsSubmittedAgainIsAnotherMessage) {
  auto message = message_to({"ann@a.test"});
  message.set(mapi::PR_INTERNET_MESSAGE_ID, "<same@example.com>");
  for (const auto seconds : {std::uint64_t{1}, std::uint64_t{2}}) {
    message.set(mapi::PR_CLIENT_SUBMIT_TIME, mapi::FileTime{seconds});
    RecordingHandle handle(message);
    EXPECT_EQ(submit(handle).code, mapi::S_OK);
  }
  EXPECT_THAT(files_in(base / "a.test/ann/new"), SizeIs(2));
}

TEST_F(MaildirTransportTest, HalfAFileThatACrashLeftIsWrittenAnew) {
  auto message = message_to({"ann@a.test"});
  message.set(mapi::PR_CLIENT_SUBMIT_TIME, mapi::FileTime::now());  // both files have its Date
  RecordingHandle handle(std::move(message));
  ASSERT_EQ(submit(handle).code, mapi::S_OK);
  const auto mailbox = base / "a.test/ann";
  const auto file = files_in(mailbox / "new").at(0);
  const auto whole = content_of(file);
  fs::rename(file, mailbox / "tmp" / file.filename());
  fs::resize_file(mailbox / "tmp" / file.filename(), whole.size() / 2);
  auto second = again(handle);
  EXPECT_EQ(submit(second).code, mapi::S_OK);
  ASSERT_THAT(files_in(mailbox / "new"), ElementsAre(file));
  EXPECT_EQ(content_of(file), whole);
  EXPECT_THAT(files_in(mailbox / "tmp"), IsEmpty());
}

TEST_F(MaildirTransportTest, OnlyItsDomainsAreServed) {
  use({.mailbox = base / "{local}", .name = "archive", .domains = {"a.test"}});
  EXPECT_EQ(support.status_row.get_or(mapi::PR_DISPLAY_NAME, ""), "archive");
  RecordingHandle handle(message_to({"bob@b.test", "ann@a.test"}));
  const auto result = submit(handle);
  EXPECT_EQ(result.code, mapi::S_OK);
  EXPECT_THAT(result.declined, ElementsAre(0));
  EXPECT_FALSE(handle.is_settled(0));
  EXPECT_THAT(files_in(base), ElementsAre(base / "ann"));
  RecordingHandle foreign(message_to({"bob@b.test"}));
  EXPECT_EQ(submit(foreign).code, mapi::MAPI_E_NOT_ME);
}

TEST_F(MaildirTransportTest, MissingDirectoryIsNobodysVerdictAndIsSaidOnce) {
  use({.mailbox = base / "disk/{local}"});
  RecordingHandle handle(message_to({"ann@a.test"}));
  const auto result = submit(handle);
  EXPECT_EQ(result.code, mapi::MAPI_E_WAIT);
  EXPECT_EQ(result.retry_after, 300s);
  EXPECT_EQ(handle.outcome(0).verdict, Verdict::retry);
  EXPECT_EQ(handle.outcome(0).status, (EnhancedStatus{4, 3, 5}));
  submit(handle);
  ASSERT_THAT(support.critical_errors, SizeIs(1));
  EXPECT_THAT(support.critical_errors[0],
              AllOf(HasSubstr((base / "disk").string()), HasSubstr("No such file")));
  fs::create_directory(base / "disk");
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_THAT(files_in(base / "disk/ann/new"), SizeIs(1));
  EXPECT_THAT(support.reported, SizeIs(1));
}

TEST_F(MaildirTransportTest, MailboxThatCannotBeUsedStopsNoOther) {
  std::ofstream(base / "a.test") << "no directory";
  RecordingHandle handle(message_to({"ann@a.test", "bob@b.test"}));
  const auto result = submit(handle);
  EXPECT_EQ(result.code, mapi::S_OK);
  EXPECT_EQ(result.retry_after, 300s);
  EXPECT_EQ(sender->end_message(), mapi::EndMessage::resend_later);
  EXPECT_FALSE(handle.is_settled(0));
  EXPECT_TRUE(handle.is_settled(1));
  ASSERT_THAT(support.critical_errors, SizeIs(1));
  EXPECT_THAT(support.critical_errors[0], HasSubstr("a.test"));
}

TEST_F(MaildirTransportTest, AddressThatIsTooLongForADirectoryFails) {
  // In a file name each of these takes three octets.
  RecordingHandle handle(message_to({std::string(100, '/') + "@a.test"}));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(handle.outcome(0).verdict, Verdict::failed);
  EXPECT_EQ(handle.outcome(0).status, (EnhancedStatus{5, 1, 3}));
}

/// The data of an attachment that cannot be read to its end.
class DamagedContent final : public mapi::ContentSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return 1000; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    throw mapi::Failure(mapi::MAPI_E_CORRUPT_DATA, "the attachment is damaged");
  }
};

TEST_F(MaildirTransportTest, WhatCannotBeReadLeavesNoFile) {
  auto message = message_to({"ann@a.test"});
  message.attachments.push_back(
      mapi::make_attachment("data.bin", mapi::Content(std::make_shared<DamagedContent>())));
  RecordingHandle handle(std::move(message));
  EXPECT_THROW(submit(handle), mapi::Failure);
  EXPECT_THAT(files_in(base / "a.test/ann/new"), IsEmpty());
  EXPECT_THAT(files_in(base / "a.test/ann/tmp"), IsEmpty());
  EXPECT_FALSE(mapi::outcome(handle.message().recipients[0]));
}

/// Can be read until something lies in the directory.
class ContentUntil final : public mapi::ContentSource {
 public:
  explicit ContentUntil(fs::path directory) : directory_(std::move(directory)) {}
  [[nodiscard]] std::uint64_t size() const override { return 4; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    if (!files_in(directory_).empty()) {
      throw mapi::Failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES, "nothing more can be opened");
    }
    return mapi::Content::from_text("data").open();
  }

 private:
  fs::path directory_;
};

TEST_F(MaildirTransportTest, WhatWasDeliveredBeforeAFailureIsSaved) {
  auto message = message_to({"ann@a.test", "bob@b.test"});
  message.attachments.push_back(mapi::make_attachment(
      "data.bin", mapi::Content(std::make_shared<ContentUntil>(base / "a.test/ann/new"))));
  RecordingHandle handle(std::move(message));
  EXPECT_THROW(submit(handle), mapi::Failure);
  ASSERT_FALSE(handle.saved.empty());
  const auto& rows = handle.saved.back().recipients;
  EXPECT_TRUE(rows[0].get_or(mapi::PR_RESPONSIBILITY, false));
  EXPECT_FALSE(rows[1].get_or(mapi::PR_RESPONSIBILITY, false));
  EXPECT_THAT(files_in(base / "b.test/bob/tmp"), IsEmpty());
}

TEST_F(MaildirTransportTest, MessageWithoutASenderFails) {
  auto message = message_to({"ann@a.test"});
  for (const auto tag : {mapi::PR_SENDER_NAME, mapi::PR_SENDER_ADDRTYPE,
                         mapi::PR_SENDER_EMAIL_ADDRESS, mapi::PR_SENDER_SMTP_ADDRESS}) {
    message.erase(tag);
  }
  message.erase(mapi::PR_SENDER_ENTRYID);
  message.erase(mapi::PR_SENDER_SEARCH_KEY);
  RecordingHandle handle(std::move(message));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  EXPECT_EQ(handle.outcome(0).status, (EnhancedStatus{5, 6, 0}));
  EXPECT_THAT(files_in(base), IsEmpty());
}

TEST_F(MaildirTransportTest, WhatIsCancelledBeforehandIsNotWritten) {
  RecordingHandle handle(message_to({"ann@a.test"}));
  sender = logon->sender(support);
  sender->cancel_message();
  EXPECT_EQ(submit_by(*sender, handle, support).code, mapi::MAPI_E_USER_CANCEL);
  EXPECT_FALSE(handle.is_settled(0));
  EXPECT_THAT(files_in(base), IsEmpty());
}

TEST_F(MaildirTransportTest, WithoutADescriptorTheMessageIsNotAttempted) {
  POSTERN_NEEDS_DESCRIPTORS();
  RecordingHandle handle(message_to({"ann@a.test"}));
  postern::test::DescriptorLimit limit;
  limit.begin();
  try {
    submit(handle);
    ADD_FAILURE() << "it was no failure";
  } catch (const mapi::Failure& failure) {
    EXPECT_EQ(failure.code(), mapi::MAPI_E_NOT_ENOUGH_RESOURCES);
  }
  limit.end();
  EXPECT_FALSE(mapi::outcome(handle.message().recipients[0]));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
}

TEST_F(MaildirTransportTest, ManyVerdictsAreSavedOnTheWay) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 150; ++i) addresses.push_back("user" + std::to_string(i) + "@a.test");
  use({.mailbox = base / "drop"});
  RecordingHandle handle(message_to(addresses));
  EXPECT_EQ(submit(handle).code, mapi::S_OK);
  std::vector<std::ptrdiff_t> settled;
  for (const auto& state : handle.saved) {
    settled.push_back(std::ranges::count_if(state.recipients, [](const mapi::Recipient& row) {
      return row.get_or(mapi::PR_RESPONSIBILITY, false);
    }));
  }
  EXPECT_THAT(settled, ElementsAre(0, 100, 150)) << "the Message-ID comes first";
}

TEST(DiskFault, TellsTheRecipientsTroubleFromTheOperators) {
  const auto fault = [](int error) {
    return disk_fault(std::system_error(error, std::generic_category(), "/var/mail/a"));
  };
  EXPECT_EQ(fault(ENOSPC).outcome.status, (EnhancedStatus{4, 3, 1}));
  EXPECT_EQ(fault(ENOSPC).pause, 60s);
  EXPECT_EQ(fault(EACCES).pause, 300s);
  EXPECT_EQ(fault(EDQUOT).outcome.status, (EnhancedStatus{4, 2, 2}));
  EXPECT_EQ(fault(EDQUOT).pause, 0s) << "it is given up in time";
  EXPECT_EQ(fault(EIO).outcome.verdict, Verdict::retry);
  EXPECT_THAT(fault(EACCES).outcome.text,
              AllOf(HasSubstr("/var/mail/a"), HasSubstr("Permission denied")));
}

}  // namespace
}  // namespace postern::transport
