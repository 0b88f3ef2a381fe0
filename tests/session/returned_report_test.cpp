#include "session/returned_report.h"

#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/merge.h"
#include "session/report/recipient_index.h"

namespace postern::session {
namespace {

using mapi::make_recipient;
using mapi::RecipientType;
using mapi::ReturnedKind;
using mapi::ReturnedRecipient;
using mapi::ReturnedReport;
using Correlator = mapi::MsgStore::Correlator;

const mapi::FileTime now = mapi::FileTime::now();
const Reporter fallback{.host = "gateway.example", .display_name = "Mail System", .address = {}};

mapi::Message original() {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, "Minutes");
  message.set(mapi::PR_CLIENT_SUBMIT_TIME, now);
  message.set(mapi::PR_MESSAGE_FLAGS, 0);
  message.set(mapi::PR_INTERNET_MESSAGE_ID, "<1@example.com>");
  message.set(mapi::PR_POSTERN_ENVELOPE_ID, "AB");
  mapi::set_address(message, mapi::sender_group, "sender@example.com");
  message.recipients = {make_recipient(RecipientType::to, "ann@example.com", "Ann"),
                        make_recipient(RecipientType::cc, "bob@example.com", "Bob")};
  for (auto& row : message.recipients) {
    mapi::set_outcome(row, {.verdict = Verdict::delivered,
                            .stage = Stage::end,
                            .code = 250,
                            .status = {2, 0, 0},
                            .text = "2.0.0 queued",
                            .host = "relay.example",
                            .time = now.time_point()});
    row.set(mapi::PR_RESPONSIBILITY, true);
  }
  return message;
}

ReturnedRecipient recipient(std::string address, std::string action, EnhancedStatus status) {
  ReturnedRecipient made;
  made.address = std::move(address);
  made.action = std::move(action);
  made.status = status;
  return made;
}

ReturnedReport delivery(std::vector<ReturnedRecipient> recipients) {
  ReturnedReport report;
  report.kind = ReturnedKind::delivery;
  report.message_id = "<bounce@mx.example>";
  report.reporting_mta = "mx.example";
  report.recipients = std::move(recipients);
  return report;
}

mapi::Message made(const ReturnedReport& returned) {
  return make_report(report_kind(returned).value(), original(), returned, fallback, now);
}

TEST(ReturnedReport, TheMostSevereActionMakesTheClassAndOnlyItsRowsAreShown) {
  struct SeverityCase {
    std::vector<const char*> actions;
    const char* message_class;
    std::size_t rows;
  };
  for (const auto& [actions, message_class, rows] :
       {SeverityCase{{"delivered", "expanded"}, "REPORT.IPM.Note.Expanded.DR", 1},
        SeverityCase{{"delivered"}, "REPORT.IPM.Note.DR", 1},
        SeverityCase{{"relayed", "expanded", "relayed"}, "REPORT.IPM.Note.Relayed.DR", 2},
        SeverityCase{{"delayed", "relayed"}, "REPORT.IPM.Note.Delayed.DR", 1},
        SeverityCase{{"failed", "delayed", "delivered", "failed"}, "REPORT.IPM.Note.NDR", 2},
        SeverityCase{{}, "REPORT.IPM.Note.NDR", 0}}) {
    ReturnedReport returned = delivery({});
    for (const auto* action : actions) {
      returned.recipients.push_back(recipient("ann@example.com", action, {}));
    }
    const auto report = made(returned);
    EXPECT_EQ(report.get(mapi::PR_MESSAGE_CLASS), message_class);
    EXPECT_EQ(report.recipients.size(), rows) << message_class;
  }
}

TEST(ReturnedReport, WithoutAnActionTheStatusTells) {
  EXPECT_EQ(report_kind(delivery({recipient("a", "", {2, 0, 0})})), ReportKind::delivery);
  EXPECT_EQ(report_kind(delivery({recipient("a", "", {4, 4, 1})})), ReportKind::delayed);
  EXPECT_EQ(report_kind(delivery({recipient("a", "lost", {5, 1, 1})})), ReportKind::non_delivery);
  EXPECT_EQ(report_kind(delivery({recipient("a", "", {})})), ReportKind::non_delivery);
}

TEST(ReturnedReport, AFailureHasTheColumnsOfANonDeliveryReport) {
  auto failed = recipient("inside@mail.example", "failed", {5, 1, 1});
  failed.original_address = "BOB@Example.com";
  failed.diagnostic = "smtp; 550 5.1.1 no such user";
  failed.remote_host = "mail.example";
  failed.last_attempt = now;
  const auto report = made(delivery({failed}));
  ASSERT_EQ(report.recipients.size(), 1U);
  const auto& row = report.recipients[0];
  EXPECT_EQ(row.get(mapi::PR_DISPLAY_NAME), "Bob");
  EXPECT_EQ(row.get(mapi::PR_RECIPIENT_TYPE), 2);
  EXPECT_EQ(row.get(mapi::PR_RECIPIENT_NUMBER), 2);
  EXPECT_EQ(row.get(mapi::PR_NDR_STATUS_CODE), 511);
  EXPECT_EQ(row.get(mapi::PR_NDR_DIAG_CODE), 35);
  EXPECT_EQ(row.get(mapi::PR_NDR_REASON_CODE), 1);
  EXPECT_EQ(row.get(mapi::PR_DSN_REMOTE_MTA), "mail.example");
  EXPECT_EQ(row.get(mapi::PR_SUPPLEMENTARY_INFO),
            "<mail.example #5.1.1 smtp;550 5.1.1 no such user>");
  EXPECT_FALSE(row.get(mapi::PR_DELIVER_TIME));
  EXPECT_FALSE(row.get(mapi::PR_RESPONSIBILITY));
  EXPECT_EQ(mapi::outcome(row)->verdict, Verdict::failed);
  EXPECT_EQ(mapi::outcome(row)->code, 550);
  EXPECT_EQ(mapi::attempts(row), 1);

  EXPECT_EQ(report.get(mapi::PR_SUBJECT), "Undeliverable: Minutes");
  EXPECT_EQ(report.get(mapi::PR_REPORTING_MTA), "dns;mx.example");
  EXPECT_EQ(report.get(mapi::PR_SENDER_EMAIL_ADDRESS), "postmaster@mx.example");
  EXPECT_EQ(report.get(mapi::PR_RECEIVED_BY_EMAIL_ADDRESS), "sender@example.com");
  EXPECT_EQ(report.get(mapi::PR_INTERNET_MESSAGE_ID), "<bounce@mx.example>");
  const std::string body(report.get_or(mapi::PR_BODY, ""));
  EXPECT_NE(body.find("mail.example said:\r\n    550 5.1.1 no such user\r\n"), std::string::npos)
      << body;
  ASSERT_EQ(report.attachments.size(), 1U);
  const auto& enclosed = *report.attachments[0].embedded;
  EXPECT_EQ(enclosed.get(mapi::PR_SUBJECT), "Minutes");
  EXPECT_FALSE(enclosed.get(mapi::PR_POSTERN_ENVELOPE_ID));
  EXPECT_FALSE(mapi::outcome(enclosed.recipients[0]));
}

TEST(ReturnedReport, ADelayHasATimeAndTheCodesOfItsStatus) {
  auto delayed = recipient("ann@example.com", "delayed", {4, 4, 7});
  delayed.supplementary_info = "<host #4.4.7>";
  const auto report = made(delivery({delayed}));
  const auto& row = report.recipients.at(0);
  EXPECT_TRUE(row.get(mapi::PR_DELIVER_TIME));
  EXPECT_EQ(row.get(mapi::PR_NDR_STATUS_CODE), 447);
  EXPECT_EQ(row.get(mapi::PR_NDR_DIAG_CODE), 5);
  EXPECT_EQ(row.get(mapi::PR_SUPPLEMENTARY_INFO), "<host #4.4.7>");
  EXPECT_EQ(mapi::outcome(row)->verdict, Verdict::retry);
  EXPECT_TRUE(report.attachments.empty());
  EXPECT_EQ(report.get(mapi::PR_SUBJECT), "Delayed: Minutes");
}

TEST(ReturnedReport, ADeliveryHasATimeAndNoCodes) {
  auto delivered = recipient("ann@example.com", "delivered", {2, 1, 5});
  delivered.last_attempt = mapi::FileTime{now.ticks - 600'000'000};
  const auto report = made(delivery({delivered}));
  const auto& row = report.recipients.at(0);
  EXPECT_EQ(row.get(mapi::PR_DELIVER_TIME)->unix_seconds(), delivered.last_attempt->unix_seconds());
  EXPECT_FALSE(row.get(mapi::PR_NDR_STATUS_CODE));
  EXPECT_TRUE(report.attachments.empty());
}

TEST(ReturnedReport, ARecipientThatTheOriginalLacksIsShownAsReported) {
  const auto report = made(delivery({recipient("member@list.example", "failed", {5, 2, 2})}));
  const auto& row = report.recipients.at(0);
  EXPECT_EQ(row.get(mapi::PR_EMAIL_ADDRESS), "member@list.example");
  EXPECT_FALSE(row.get(mapi::PR_RECIPIENT_NUMBER));
  EXPECT_EQ(row.get(mapi::PR_NDR_STATUS_CODE), 522);
}

TEST(ReturnedReport, IsAboutTheRowThatItNamesAlsoWhereAnotherDiffersInCaseAlone) {
  for (const bool upper_first : {true, false}) {
    auto message = original();
    message.recipients = {
        make_recipient(RecipientType::to, upper_first ? "Ann@b.test" : "ann@b.test"),
        make_recipient(RecipientType::to, upper_first ? "ann@b.test" : "Ann@b.test")};
    const RecipientIndex index(message);
    EXPECT_EQ(index.find(recipient("Ann@b.test", "failed", {})), upper_first ? 0U : 1U);
    EXPECT_EQ(index.find(recipient("ann@B.TEST", "failed", {})), upper_first ? 1U : 0U);
    EXPECT_EQ(index.find(recipient("ANN@b.test", "failed", {})), 0U) << "the first one";
  }
}

TEST(ReturnedReport, ManyRecipientsTakeLinearTime) {
  constexpr std::size_t many = 20'000;
  auto message = original();
  auto returned = delivery({});
  for (std::size_t i = 0; i < many; ++i) {
    const auto address = "r" + std::to_string(i) + "@example.com";
    message.recipients.push_back(make_recipient(RecipientType::to, address));
    returned.recipients.push_back(recipient(address, "failed", {}));
  }
  const auto report = make_report(ReportKind::non_delivery, message, returned, fallback, now);
  ASSERT_EQ(report.recipients.size(), many);
  EXPECT_EQ(report.recipients.back().get(mapi::PR_RECIPIENT_NUMBER),
            static_cast<std::int32_t>(many + 2));
}

TEST(ReturnedReport, AHostThatIsNoneLeavesTheGatewayAsReporter) {
  auto returned = delivery({recipient("ann@example.com", "failed", {})});
  returned.reporting_mta = "mx (c) <x>";
  const auto report = made(returned);
  EXPECT_EQ(report.get(mapi::PR_REPORTING_MTA), "dns;gateway.example");
  EXPECT_EQ(report.get(mapi::PR_SENDER_EMAIL_ADDRESS), "postmaster@gateway.example");
}

TEST(ReturnedReport, ADispositionIsReportedByItsReader) {
  auto returned = delivery({recipient("ann@example.com", "", {})});
  returned.kind = ReturnedKind::disposition;
  returned.disposition = "displayed";
  const auto read = made(returned);
  EXPECT_EQ(read.get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.IPNRN");
  EXPECT_EQ(read.get(mapi::PR_SENDER_EMAIL_ADDRESS), "ann@example.com");
  EXPECT_EQ(read.get(mapi::PR_SUBJECT), "Read: Minutes");
  EXPECT_EQ(read.recipients.size(), 1U);
  returned.disposition = "deleted";
  EXPECT_EQ(made(returned).get(mapi::PR_MESSAGE_CLASS), "REPORT.IPM.Note.IPNNRN");
  returned.kind = ReturnedKind::feedback;
  EXPECT_FALSE(report_kind(returned));
}

/// Messages by number; the newest is the last.
class Submissions {
 public:
  void add(const mapi::Message& message) { messages_.push_back(message); }
  [[nodiscard]] std::optional<std::size_t> match(const ReturnedReport& returned) const {
    const auto number = [](const mapi::EntryId& entry) {
      return std::to_integer<std::size_t>(entry.bytes.at(0));
    };
    const SubmissionLookup lookup{
        [this](Correlator by, std::string_view value) {
          std::vector<mapi::EntryId> found;
          for (std::size_t i = messages_.size(); i-- > 0;) {
            const auto tag = by == Correlator::envelope_id ? mapi::PR_POSTERN_ENVELOPE_ID
                                                           : mapi::PR_INTERNET_MESSAGE_ID;
            if (messages_[i].get(tag) == value) found.push_back({{static_cast<std::byte>(i)}});
          }
          return found;
        },
        [&](const mapi::EntryId& entry) { return messages_.at(number(entry)); }};
    const auto found = match_submission(returned, lookup);
    return found ? std::optional(number(found->entry)) : std::nullopt;
  }

 private:
  std::vector<mapi::Message> messages_;
};

TEST(SubmissionMatch, TheEnvelopeIdDecides) {
  Submissions submissions;
  submissions.add(original());
  auto again = original();
  again.set(mapi::PR_POSTERN_ENVELOPE_ID, "CD");
  submissions.add(again);
  auto returned = delivery({recipient("elsewhere@example.org", "failed", {})});
  returned.original_message_id = "<1@example.com>";
  returned.envelope_id = "AB";
  EXPECT_EQ(submissions.match(returned), 0U);
  returned.envelope_id = "CD";
  EXPECT_EQ(submissions.match(returned), 1U);
  returned.envelope_id = "EF";
  EXPECT_EQ(submissions.match(returned), std::nullopt);
}

TEST(SubmissionMatch, AMessageIdNeedsARecipientOfTheMessage) {
  Submissions submissions;
  submissions.add(original());
  auto to_others = original();
  to_others.recipients = {make_recipient(RecipientType::to, "carol@example.com")};
  submissions.add(to_others);
  auto draft = original();
  draft.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT);
  submissions.add(draft);
  auto report = original();
  report.set(mapi::PR_MESSAGE_CLASS, "Report.IPM.Note.NDR");
  submissions.add(report);
  auto returned = delivery({recipient("x@y.example", "failed", {})});
  returned.original_message_id = "<1@example.com>";
  EXPECT_EQ(submissions.match(returned), std::nullopt);
  returned.recipients.push_back(recipient("Ann@EXAMPLE.com", "failed", {}));
  EXPECT_EQ(submissions.match(returned), 0U);
  returned.recipients = {recipient("", "failed", {})};
  returned.recipients[0].original_address = "carol@example.com";
  EXPECT_EQ(submissions.match(returned), 1U);
  returned.original_message_id.clear();
  EXPECT_EQ(submissions.match(returned), std::nullopt);
}

mapi::Message recorded(mapi::Message message, const char* action, EnhancedStatus status) {
  auto ann = recipient("ann@example.com", action, status);
  ann.diagnostic = "smtp; 552 5.2.2 mailbox full";
  record_report(message, delivery({ann, recipient("nobody@example.com", "failed", {5, 0, 0})}),
                now);
  return message;
}

TEST(RecordedReport, ALateFailureBecomesTheOutcomeAndTheTranscriptKeepsTheOneBefore) {
  auto before = original();
  before.set(mapi::PR_POSTERN_TRANSCRIPT, "S: 250 ok");
  const auto message = recorded(before, "failed", {5, 2, 2});
  EXPECT_EQ(mapi::outcome(message.recipients[0])->verdict, Verdict::failed);
  EXPECT_EQ(message.recipients[0].get(mapi::PR_RESPONSIBILITY), true);
  EXPECT_EQ(message.recipients[0].get(mapi::PR_POSTERN_REPORTED), true);
  EXPECT_EQ(message.recipients[1], before.recipients[1]);
  EXPECT_EQ(message.get(mapi::PR_POSTERN_TRANSCRIPT),
            "S: 250 ok\nA report came back from mx.example: ann@example.com failed: 552 5.2.2 "
            "mailbox full; before: delivered, relay.example: 250 2.0.0 queued\n");
}

TEST(RecordedReport, WhatIsSaidAgainOrIsNotFinalOrIsStillToBeSentChangesNothing) {
  const auto failed = recorded(original(), "failed", {5, 2, 2});
  EXPECT_TRUE(is_unchanged(failed, recorded(failed, "failed", {5, 2, 2})));
  EXPECT_TRUE(is_unchanged(failed, recorded(failed, "delivered", {2, 0, 0})));
  EXPECT_TRUE(is_unchanged(original(), recorded(original(), "delayed", {4, 0, 0})));
  auto open = original();
  open.recipients[0].set(mapi::PR_RESPONSIBILITY, false);
  EXPECT_TRUE(is_unchanged(open, recorded(open, "failed", {5, 2, 2})));
}

TEST(RecordedReport, APromisedDeliveryIsRecordedOnce) {
  auto promised = original();
  auto outcome = mapi::outcome(promised.recipients[0]).value();
  outcome.next_hop_reports = true;
  mapi::set_outcome(promised.recipients[0], outcome);
  const auto message = recorded(promised, "delivered", {2, 0, 0});
  EXPECT_FALSE(mapi::outcome(message.recipients[0])->next_hop_reports);
  EXPECT_FALSE(is_unchanged(promised, message));
  EXPECT_TRUE(is_unchanged(message, recorded(message, "delivered", {2, 0, 0})));
}

}  // namespace
}  // namespace postern::session
