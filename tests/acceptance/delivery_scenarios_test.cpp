// Acceptance scenarios about deliveries to a server (mapi-submission.md §17).
#include "tests/acceptance/mail_system.h"

namespace postern::acceptance {
namespace {

using mapi::SpecialFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

class Delivery : public MailSystem {};
POSTERN_WITH_EVERY_STORE(Delivery);

TEST_P(Delivery, Scenario01_AcceptedMessageIsMovedAndNotReported) {
  const auto entry = submit(moved_when_sent(letter_to({"bob@b.example"})));
  send_all({&smtp()});
  EXPECT_THAT(served(), ElementsAre("bob@b.example"));
  EXPECT_EQ(outcome(entry, 0).code, 250);
  EXPECT_EQ(messages_in(SpecialFolder::sent_items).size(), 1U);
  EXPECT_THAT(messages_in(SpecialFolder::outbox), IsEmpty());
  EXPECT_THAT(messages_in(SpecialFolder::inbox), IsEmpty());
  const auto flags = message(entry).get_or(mapi::PR_MESSAGE_FLAGS, 0);
  EXPECT_EQ(flags & (mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT), 0);
}

TEST_P(Delivery, Scenario02_DeliveryReportHasItsTimeAndNoAttachment) {
  auto letter = letter_to({"bob@b.example"});
  letter.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
  submit(letter);
  server.stop();  // DSN would make the next hop the reporter
  catcher::CatcherOptions plain;
  plain.without_extensions = {"DSN"};
  const catcher::Catcher without_dsn(plain);
  send_all({&smtp("smtp://127.0.0.1:" + std::to_string(without_dsn.port()))});
  const auto reports = messages_in(SpecialFolder::inbox);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.DR");
  ASSERT_EQ(reports[0].recipients.size(), 1U);
  EXPECT_TRUE(reports[0].recipients[0].get(mapi::PR_DELIVER_TIME));
  EXPECT_THAT(reports[0].attachments, IsEmpty());
}

TEST_P(Delivery, Scenario03_OneOfThreeIsRefused) {
  const auto entry =
      submit(moved_when_sent(letter_to({"a@b.example", "refuse-550@b.example", "c@b.example"})));
  send_all({&smtp()});
  EXPECT_THAT(served(), UnorderedElementsAre("a@b.example", "c@b.example"));
  const auto reports = messages_in(SpecialFolder::inbox);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.NDR");
  ASSERT_EQ(reports[0].recipients.size(), 1U);
  EXPECT_EQ(reports[0].recipients[0].get(mapi::PR_EMAIL_ADDRESS), "refuse-550@b.example");
  ASSERT_EQ(reports[0].attachments.size(), 1U);
  EXPECT_EQ(reports[0].attachments[0].embedded->get(mapi::PR_SUBJECT), "Hello");
  EXPECT_FALSE(is_queued(entry));
}

TEST_P(Delivery, Scenario04_DeferredRecipientIsServedOnceAndOthersAreNotRepeated) {
  submit(letter_to({"a@b.example", "greylist@b.example"}));
  send_all({&smtp()});
  EXPECT_THAT(served(), ElementsAre("a@b.example", "greylist@b.example"));
  EXPECT_THAT(messages_in(SpecialFolder::inbox), IsEmpty());
}

TEST_P(Delivery, Scenario05_RefusedContentIsOneReportAboutAllAcceptedRows) {
  submit(letter_to({"a@b.example", "refuse-data-554@b.example", "c@b.example"}));
  send_all({&smtp()});
  EXPECT_THAT(served(), IsEmpty());
  const auto reports = messages_in(SpecialFolder::inbox);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].recipients.size(), 3U);
}

TEST_P(Delivery, Scenario06_RefusedConnectionLeavesTheMessageQueuedAndCancellable) {
  options.retry.intervals = {std::chrono::hours{1}};
  server.stop();
  const auto entry = submit(letter_to({"a@b.example"}));
  send_what_goes({&smtp()});
  EXPECT_TRUE(is_queued(entry));
  EXPECT_THAT(messages_in(SpecialFolder::inbox), IsEmpty());
  client->abort_submit(entry);
  EXPECT_FALSE(is_queued(entry));
  const auto flags = message(entry).get_or(mapi::PR_MESSAGE_FLAGS, 0);
  EXPECT_EQ(flags & (mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT), mapi::MSGFLAG_UNSENT);
}

TEST_P(Delivery, Scenario07_AbortBeforeWhileAndAfterSending) {
  const auto before = submit(letter_to({"a@b.example"}));
  client->abort_submit(before);
  EXPECT_FALSE(is_queued(before));
  const auto entry = submit(letter_to({"slow-2@b.example"}));
  {
    const auto spooler = spool({&smtp()});
    const auto is_locked = [&] {
      const auto row = client->queue_row(entry);
      return row && (row->submit_flags & mapi::SUBMITFLAG_LOCKED) != 0;
    };
    const auto end = soon();
    while (!is_locked() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_EQ(code_of([&] { client->abort_submit(entry); }), mapi::MAPI_E_UNABLE_TO_ABORT);
    EXPECT_TRUE(spooler->wait_empty(soon()));
  }
  EXPECT_EQ(code_of([&] { client->abort_submit(entry); }), mapi::MAPI_E_NOT_IN_QUEUE);
  EXPECT_THAT(served(), ElementsAre("slow-2@b.example"));
}

TEST_P(Delivery, Scenario16_CancelWhileTheServerIsAtWork) {
  // Far more than the sockets between here and the server hold: it has not wholly left.
  auto letter = letter_to({"slow-600@b.example"});
  std::string body;
  for (int line = 0; line < 1 << 18; ++line)
    body += "Sixteen mebibytes of a letter, line by line, and never whole\r\n";
  letter.set(mapi::PR_BODY, body);
  const auto entry = submit(std::move(letter));
  std::atomic<bool> gone = false;
  observer.gone = [&](const mapi::EntryId&) { gone = true; };
  const auto spooler = spool({&smtp()});
  const auto end = soon();
  while (!spooler->cancel(entry) && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(spooler->wait_empty(end));
  while (!gone && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_TRUE(gone);
  EXPECT_FALSE(is_queued(entry));
  EXPECT_THAT(served(), IsEmpty());
}

TEST_P(Delivery, Scenario24_OnlyBccAndNobodySeesIt) {
  auto letter = letter_to({});
  letter.recipients.push_back(
      mapi::make_recipient(mapi::RecipientType::bcc, "secret@b.example", "Secret"));
  submit(letter);
  send_all({&smtp()});
  EXPECT_THAT(served(), ElementsAre("secret@b.example"));
  EXPECT_THAT(server.messages().at(0).content(), Not(HasSubstr("secret")));
  EXPECT_THAT(server.messages().at(0).content(), Not(HasSubstr("Bcc")));
}

TEST_P(Delivery, Scenario25_RefusedPasswordBouncesNothing) {
  options.retry.give_up_after = std::chrono::milliseconds{1};
  transport::SmtpTransportOptions wrong;
  wrong.client.relay =  // which does not even offer AUTH
      smtp::Relay::parse("smtp://ann:wrong@127.0.0.1:" + std::to_string(server.port()));
  wrong.client.tls = smtp::TlsPolicy::none;
  const auto transport = transport::make_smtp_transport(std::move(wrong));
  std::atomic<bool> suspended = false;
  observer.suspended = [&](const std::string&) { suspended = true; };
  const auto entry = submit(letter_to({"a@b.example"}));
  send_what_goes({transport.get()});
  EXPECT_TRUE(suspended) << outcome(entry, 0).text;
  EXPECT_TRUE(is_queued(entry));
  EXPECT_THAT(messages_in(SpecialFolder::inbox), IsEmpty());
}

}  // namespace
}  // namespace postern::acceptance
