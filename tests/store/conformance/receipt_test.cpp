// Reports that a message was read, or deleted unread (mapi-submission.md §8.6).
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "tests/store/conformance/conformance_fixture.h"

namespace postern::store::test {
namespace {

using mapi::EntryId;
using mapi::Message;

class Receipt : public Conformance {
 protected:
  Receipt() { log_spooler_on(); }

  /// Has come in, and its sender wants to know.
  EntryId receive_wanted() {
    auto mail = letter("Please read");
    mapi::set_address(mail, mapi::sender_group, "ann@example.com", "Ann");
    mapi::set_address(mail, mapi::received_by_group, "reader@example.com", "Reader");
    mail.set(mapi::PR_READ_RECEIPT_REQUESTED, true);
    return spooler->receive(mail).message;
  }
  [[nodiscard]] std::vector<Message> queued() const {
    std::vector<Message> messages;
    for (const auto& row : client->outgoing_queue()) messages.push_back(message(row.entry_id));
    return messages;
  }
  [[nodiscard]] std::vector<std::string> queued_classes() const {
    std::vector<std::string> classes;
    for (const auto& queued_message : queued()) {
      classes.emplace_back(queued_message.get_or(mapi::PR_MESSAGE_CLASS, ""));
    }
    return classes;
  }
};
POSTERN_WITH_EACH_STORE(Receipt);

using Classes = std::vector<std::string>;
const Classes no_receipt;
const Classes read_receipt{"REPORT.IPM.Note.IPNRN"};
const Classes non_read_receipt{"REPORT.IPM.Note.IPNNRN"};

TEST_P(Receipt, IsSubmittedWhenTheMessageIsRead) {
  const auto entry = receive_wanted();
  client->set_read_flag(entry, 0);
  ASSERT_EQ(queued_classes(), read_receipt);
  const auto receipt = queued().front();
  ASSERT_EQ(receipt.recipients.size(), 1U);
  EXPECT_EQ(receipt.recipients[0].get(mapi::PR_EMAIL_ADDRESS), "ann@example.com");
  EXPECT_EQ(receipt.get(mapi::PR_SENDER_EMAIL_ADDRESS), "reader@example.com");
  EXPECT_EQ(receipt.get(mapi::PR_SUBJECT), "Read: Please read");
  EXPECT_EQ(entries_in(outbox()).size(), 1U);
  EXPECT_NE(message(entry).get_or(mapi::PR_MESSAGE_FLAGS, 0) & mapi::MSGFLAG_READ, 0);
}

TEST_P(Receipt, IsMadeOnce) {
  const auto entry = receive_wanted();
  client->set_read_flag(entry, 0);
  client->set_read_flag(entry, mapi::CLEAR_READ_FLAG);
  client->set_read_flag(entry, 0);
  client->set_read_flag(entry, mapi::GENERATE_RECEIPT_ONLY);
  client->set_read_flag(entry, mapi::CLEAR_READ_FLAG);
  client->delete_messages({entry});
  EXPECT_EQ(queued_classes(), read_receipt);
}

TEST_P(Receipt, IsNotMadeOfWhatNobodyAskedFor) {
  const auto entry = spooler->receive(letter()).message;
  client->set_read_flag(entry, 0);
  client->set_read_flag(entry, mapi::CLEAR_READ_FLAG);
  client->delete_messages({entry});
  EXPECT_EQ(queued_classes(), no_receipt);
}

TEST_P(Receipt, SuppressedIsNotMadeLaterEither) {
  const auto entry = receive_wanted();
  client->set_read_flag(entry, mapi::SUPPRESS_RECEIPT);
  client->set_read_flag(entry, mapi::CLEAR_READ_FLAG);
  client->delete_messages({entry});
  EXPECT_EQ(queued_classes(), no_receipt);
}

TEST_P(Receipt, WithdrawnIsAskedForNoMore) {
  const auto entry = receive_wanted();
  client->set_read_flag(entry, mapi::SUPPRESS_RECEIPT | mapi::GENERATE_RECEIPT_ONLY);
  EXPECT_EQ(message(entry).get(mapi::PR_READ_RECEIPT_REQUESTED), false);
  client->set_read_flag(entry, 0);
  EXPECT_EQ(queued_classes(), no_receipt);
}

TEST_P(Receipt, SaysThatTheMessageWasDeletedUnread) {
  client->delete_messages({receive_wanted()});
  ASSERT_EQ(queued_classes(), non_read_receipt);
  EXPECT_EQ(queued().front().recipients.at(0).get(mapi::PR_EMAIL_ADDRESS), "ann@example.com");
}

TEST_P(Receipt, ComesOfAnEmptiedAndADeletedFolderToo) {
  const auto folder = client->create_folder(root(), "Later");
  client->move_messages({receive_wanted()}, folder);
  EXPECT_EQ(queued_classes(), no_receipt) << "a message that is moved may still be read";
  client->empty_folder(folder);
  EXPECT_EQ(queued_classes(), non_read_receipt);
  client->move_messages({receive_wanted()}, folder);
  client->delete_folder(folder, mapi::FolderDeletion::with_messages);
  EXPECT_EQ(queued_classes().size(), 2U);
}

TEST_P(Receipt, OfWhatWasReadIsNotMadeWhenItIsDeleted) {
  const auto entry = receive_wanted();
  client->set_read_flag(entry, 0);
  client->delete_messages({entry});
  EXPECT_EQ(queued_classes(), read_receipt);
}

TEST_P(Receipt, IsNotMadeOfAReport) {
  auto report = letter("Undeliverable");
  report.set(mapi::PR_MESSAGE_CLASS, "REPORT.IPM.Note.NDR");
  report.set(mapi::PR_READ_RECEIPT_REQUESTED, true);
  mapi::set_address(report, mapi::sender_group, "postmaster@example.com");
  const auto entry = spooler->receive(report).message;
  client->set_read_flag(entry, 0);
  EXPECT_EQ(queued_classes(), no_receipt);
}

}  // namespace
}  // namespace postern::store::test
