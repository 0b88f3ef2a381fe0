// Where the documentation contradicts itself, these tests say what Postern does; the numbers are
// those of mapi-submission.md §16.
#include "tests/acceptance/mail_system.h"

namespace postern::acceptance {
namespace {

using mapi::RecipientType;
using mapi::SpecialFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Contradiction : public MailSystem {
 protected:
  static std::vector<bool> responsibilities(const mapi::Message& message) {
    std::vector<bool> values;
    for (const auto& row : message.recipients) {
      values.push_back(row.get_or(mapi::PR_RESPONSIBILITY, false));
    }
    return values;
  }
  static void mark_served(mapi::Recipient& row) {
    row.set(mapi::PR_RECIPIENT_TYPE, row.get_or(mapi::PR_RECIPIENT_TYPE, 0) | mapi::MAPI_SUBMITTED);
  }
};
POSTERN_WITH_EVERY_STORE(Contradiction);

TEST_P(Contradiction, Number01And03_ResendServesP1RowsAndA6ResetsNoneThatPrepareSubmitHasSet) {
  auto resent = letter_to({"served@b.example", "failed@b.example", "new@b.example"});
  resent.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_RESEND);
  mark_served(resent.recipients[0]);
  resent.recipients.push_back(mapi::make_recipient(RecipientType::p1, "failed@b.example"));
  const auto entry = submit(resent);
  EXPECT_THAT(responsibilities(message(entry)), ElementsAre(true, true, false, false));
}

TEST_P(Contradiction, Number02_PrepareSubmitIsHarmlessForAMessageThatIsNotResent) {
  auto letter = letter_to({"a@b.example"});
  mark_served(letter.recipients[0]);
  EXPECT_THAT(responsibilities(message(submit(letter))), ElementsAre(false));
}

TEST_P(Contradiction, Number04_ModifyIsSubmittedWhetherLockedOrNot) {
  const auto entry = submit(letter_to({"a@b.example"}));
  spooler_logon = provider->spooler_logon();
  const auto modify = [&] { client->open_entry(entry, mapi::Access::modify); };
  EXPECT_EQ(code_of(modify), mapi::MAPI_E_SUBMITTED);
  spooler_logon->set_lock_state(entry, mapi::LockState::locked);
  EXPECT_EQ(code_of(modify), mapi::MAPI_E_SUBMITTED);
}

TEST_P(Contradiction, Number05_OnlySetLockStateSetsTheLockedFlag) {
  const auto entry = submit(letter_to({"a@b.example"}));
  EXPECT_EQ(client->queue_row(entry).value().submit_flags, 0);
}

TEST_P(Contradiction, Number06_DuplicatesAreRemovedButForP1Rows) {
  auto letter = letter_to({"a@b.example", "a@B.EXAMPLE", "A@b.example"});
  letter.recipients.push_back(mapi::make_recipient(RecipientType::p1, "a@b.example"));
  EXPECT_EQ(message(submit(letter)).recipients.size(), 3U)
      << "only the host knows whether a@ and A@ are one (RFC 5321 §2.4)";
}

TEST_P(Contradiction, Number07_SpoolerCompletesWhatACoupledStoreHasDeliveredAfterPreprocessing) {
  const mapi::Mailbox here{"here"};
  provider->create_mailbox(here);
  provider->add_address(here, "ann@here.example");
  int completed = 0;
  hook = [&completed](mapi::Message&) {
    ++completed;
    return std::nullopt;
  };
  ScriptedTransport transport;
  mapi::Preprocessor stamp;
  stamp.preprocess = [](mapi::Message&) { return mapi::PreprocessResult{}; };
  stamp.remove_info = [](mapi::Message& message) { message.set(mapi::PR_BODY, "Cleaned"); };
  transport.preprocessors = {stamp};
  auto letter = letter_to({"ann@here.example"});
  letter.set(mapi::PR_PREPROCESS, true);
  const auto entry = submit(letter);
  ASSERT_EQ(client->queue_row(entry).value().submit_flags, mapi::SUBMITFLAG_PREPROCESS);

  spooler_logon = provider->spooler_logon();
  spooler_logon->set_lock_state(entry, mapi::LockState::locked);
  spooler_logon->open_entry(entry, mapi::Access::modify)->submit_message();
  spooler_logon->set_lock_state(entry, mapi::LockState::unlocked);
  EXPECT_THAT(responsibilities(message(entry)), ElementsAre(true));
  EXPECT_TRUE(is_queued(entry)) << "the store that has delivered it does not complete it";
  EXPECT_EQ(completed, 0);

  send_all({&transport});
  EXPECT_EQ(transport.calls(), 0) << "no row is FALSE";
  EXPECT_FALSE(is_queued(entry));
  EXPECT_EQ(completed, 1);
  EXPECT_EQ(message(entry).get(mapi::PR_BODY), "Cleaned");
  EXPECT_FALSE(message(entry).get(mapi::PR_PREPROCESS));
  const auto store = provider->logon(here);
  EXPECT_EQ(store->contents(store->folder(SpecialFolder::inbox)).size(), 1U) << "once";
}

TEST_P(Contradiction, Number08_ResponsibilityIsEachRecipientsOwnAndTrueAlsoAfterAFailure) {
  options.retry.intervals = {std::chrono::hours{1}};
  const auto entry =
      submit(letter_to({"a@b.example", "refuse-550@b.example", "refuse-450@b.example"}));
  send_what_goes({&smtp()});
  EXPECT_THAT(responsibilities(message(entry)), ElementsAre(true, true, false));
}

TEST_P(Contradiction, Number09_EndMessageIsNeverCalledAfterAnError) {
  ScriptedTransport transport;
  transport.answers = {{mapi::MAPI_E_BUSY, std::chrono::seconds{1}, {}}};
  submit(letter_to({"a@b.example"}));
  send_all({&transport});
  EXPECT_EQ(transport.calls(), 2);
  EXPECT_EQ(transport.ends(), 1);
}

TEST_P(Contradiction, Number10_SentMailIsMovedOrDeletedOnce) {
  auto letter = moved_when_sent(letter_to({"a@b.example"}));
  letter.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
  submit(letter);
  send_all({&smtp()});
  EXPECT_THAT(messages_in(SpecialFolder::outbox), IsEmpty());
  EXPECT_THAT(messages_in(SpecialFolder::sent_items), IsEmpty());
}

TEST_P(Contradiction, Number11_CancelledMessageIsUnsentAgain) {
  const auto entry = submit(letter_to({"a@b.example"}));
  client->abort_submit(entry);
  const auto flags = message(entry).get_or(mapi::PR_MESSAGE_FLAGS, 0);
  EXPECT_NE(flags & mapi::MSGFLAG_UNSENT, 0);
  EXPECT_EQ(flags & mapi::MSGFLAG_SUBMIT, 0);
}

TEST_P(Contradiction, Number13_BothKindsOfReportMayBeWanted) {
  catcher::CatcherOptions plain;
  plain.without_extensions = {"DSN"};
  const catcher::Catcher without_dsn(plain);
  auto letter = letter_to({"a@b.example", "refuse-550@b.example"});
  letter.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, true);
  letter.set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, true);
  submit(letter);
  send_all({&smtp("smtp://127.0.0.1:" + std::to_string(without_dsn.port()))});
  EXPECT_EQ(messages_in(SpecialFolder::inbox).size(), 2U);
}

TEST_P(Contradiction, Number14_DisplayListsAreText) {
  auto letter = letter_to({"a@b.example", "b@b.example"});
  letter.recipients[0].set(mapi::PR_DISPLAY_NAME, "Anna");
  letter.recipients[1].set(mapi::PR_DISPLAY_NAME, "Bert");
  EXPECT_EQ(message(submit(letter)).get(mapi::PR_DISPLAY_TO), "Anna; Bert");
}

TEST_P(Contradiction, Number15_SendNoRichInfoMeansThatTheRecipientCannotTakeIt) {
  for (const bool can : {true, false}) {
    const auto one_off =
        mapi::create_one_off({"Fax", "FAX", "1234"}, can ? 0 : mapi::MAPI_SEND_NO_RICH_INFO);
    EXPECT_EQ((one_off.bytes.at(22) & std::byte{mapi::MAPI_ONE_OFF_NO_RICH_INFO}) == std::byte{0},
              can);
    auto letter = letter_to({});
    letter.recipients.emplace_back().set(mapi::PR_ENTRYID, one_off.bytes);
    const auto row = message(submit(letter)).recipients.at(0);
    EXPECT_EQ(row.get(mapi::PR_SEND_RICH_INFO), can);
    EXPECT_EQ(row.get_or(mapi::PR_ENTRYID, {}), one_off.bytes);
  }
}

TEST_P(Contradiction, Number16_FromIsWhomTheSenderRepresentsAndBccIsNoHeader) {
  auto letter = letter_to({"a@b.example"});
  mapi::set_address(letter, mapi::sent_representing_group, "boss@example.com", "Boss");
  letter.recipients.push_back(mapi::make_recipient(RecipientType::bcc, "hidden@b.example"));
  submit(letter);
  send_all({&smtp()});
  const auto content = server.messages().at(0).content();
  EXPECT_THAT(content, HasSubstr("From: Boss <boss@example.com>"));
  EXPECT_THAT(content, HasSubstr("Sender: Ann <ann@example.com>"));
  EXPECT_THAT(content, Not(HasSubstr("hidden")));
}

TEST_P(Contradiction, Number17_NumberAndUnitsWinOverADeferredTime) {
  auto letter = letter_to({"a@b.example"});
  letter.set(mapi::PR_DEFERRED_SEND_TIME, mapi::FileTime::now() + std::chrono::hours{100});
  letter.set(mapi::PR_DEFERRED_SEND_NUMBER, 1);
  letter.set(mapi::PR_DEFERRED_SEND_UNITS, 0);
  const auto time = message(submit(letter)).get(mapi::PR_DEFERRED_SEND_TIME);
  ASSERT_TRUE(time);
  EXPECT_LT(*time, mapi::FileTime::now() + std::chrono::minutes{2});
}

TEST_P(Contradiction, Number18_NamesAndValuesAreTheHeaders) {
  EXPECT_EQ(mapi::name(mapi::MAPI_E_USER_CANCEL), "MAPI_E_USER_CANCEL");
  EXPECT_EQ(mapi::MAPI_E_USER_CANCEL, mapi::Code{0x80040113});
  // There is no STATUS_ONLINE: a transport that is not offline lacks this bit.
  ScriptedTransport transport;
  const auto spooler = spool({&transport});
  const auto is_offline = [&spooler] {
    return (spooler->status().at(1).get_or(mapi::PR_STATUS_CODE, 0) & mapi::STATUS_OFFLINE) != 0;
  };
  transport.support().unavailable(std::chrono::system_clock::now() + std::chrono::hours{1}, "why");
  EXPECT_TRUE(is_offline());
  transport.support().ready_to_send();
  EXPECT_FALSE(is_offline());
}

TEST_P(Contradiction, Number19_ErrorsReturnedOfStatusRecipsAreRowsWithoutAVerdict) {
  ScriptedTransport transport;
  auto row = mapi::make_recipient(RecipientType::to, "a@b.example");
  transport.said_at_end = {row};
  submit(letter_to({"a@b.example"}));
  send_all({&transport});
  EXPECT_EQ(transport.heard_at_end, mapi::MAPI_W_ERRORS_RETURNED);
  row.set(mapi::PR_DELIVER_TIME, mapi::FileTime::now());
  transport.said_at_end = {row};
  submit(letter_to({"a@b.example"}));
  send_all({&transport});
  EXPECT_EQ(transport.heard_at_end, mapi::S_OK);
  EXPECT_THAT(messages_in(SpecialFolder::inbox), IsEmpty());
}

}  // namespace
}  // namespace postern::acceptance
