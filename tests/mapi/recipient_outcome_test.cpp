#include "mapi/recipient_outcome.h"

#include <gtest/gtest.h>

#include "mapi/property_tags.h"

namespace postern::mapi {
namespace {

Outcome refusal() {
  return {.verdict = Verdict::failed,
          .stage = Stage::rcpt,
          .code = 550,
          .status = {5, 1, 1},
          .text = "5.1.1 no such user\nask postmaster",
          .host = "mx.example.net",
          .time = std::chrono::system_clock::time_point{std::chrono::seconds{1700000000}}};
}

TEST(OutcomeOfRecipient, ComesBackAsItWasSet) {
  Recipient row;
  EXPECT_FALSE(outcome(row));
  set_outcome(row, refusal());
  const auto read = outcome(row);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->verdict, Verdict::failed);
  EXPECT_EQ(read->stage, Stage::rcpt);
  EXPECT_EQ(row.get(PR_POSTERN_STAGE), "rcpt");  // as text, which stores hold
  EXPECT_EQ(read->code, 550);
  EXPECT_EQ(read->status.text(), "5.1.1");
  EXPECT_EQ(read->text, refusal().text);
  EXPECT_EQ(read->host, "mx.example.net");
  EXPECT_EQ(read->time, refusal().time);
}

TEST(OutcomeOfRecipient, NoLaterOneChangesThatTheMessageMayHaveArrived) {
  Recipient row;
  EXPECT_FALSE(possible_arrival(row));
  Outcome lost = refusal();
  lost.verdict = Verdict::unknown;
  lost.code = 0;
  set_outcome(row, lost);
  Outcome later = refusal();
  later.time += std::chrono::hours{1};
  later.host = "other.example.net";
  for (const Verdict verdict :
       {Verdict::retry, Verdict::unknown, Verdict::failed, Verdict::delivered}) {
    later.verdict = verdict;
    set_outcome(row, later);
    ASSERT_TRUE(possible_arrival(row));
    EXPECT_EQ(possible_arrival(row)->time, FileTime::from(lost.time));
    EXPECT_EQ(possible_arrival(row)->host, "mx.example.net");
  }
  clear_outcome(row);
  EXPECT_FALSE(possible_arrival(row));
}

TEST(OutcomeOfRecipient, OurWordsAreNoReply) {
  Recipient row;
  Outcome ours = refusal();
  ours.own_words = true;
  set_outcome(row, ours);
  EXPECT_TRUE(outcome(row)->own_words);
  EXPECT_FALSE(outcome(row)->has_reply());
  EXPECT_EQ(row.get(PR_SUPPLEMENTARY_INFO),
            "<mx.example.net #5.1.1 5.1.1 no such user ask postmaster>");
  set_outcome(row, refusal());
  EXPECT_TRUE(outcome(row)->has_reply());
}

TEST(OutcomeOfRecipient, CountsAttemptsUntilCleared) {
  Recipient row;
  set_outcome(row, {});
  set_outcome(row, refusal());
  EXPECT_EQ(attempts(row), 2);
  clear_outcome(row);
  EXPECT_EQ(attempts(row), 0);
  EXPECT_EQ(row, Recipient{});
}

TEST(OutcomeOfRecipient, WhereNothingWasTriedNoAttemptIsCounted) {
  Recipient row;
  Outcome postponed;
  postponed.text = "the relay is away";
  postponed.attempted = false;
  set_outcome(row, postponed);
  EXPECT_EQ(attempts(row), 0);
  EXPECT_EQ(outcome(row)->text, "the relay is away");
  set_outcome(row, {});
  set_outcome(row, postponed);
  EXPECT_EQ(attempts(row), 1);
}

TEST(OutcomeOfRecipient, AFailureHasTheReportColumns) {
  Recipient row;
  set_outcome(row, refusal());
  EXPECT_EQ(row.get(PR_NDR_REASON_CODE), 1);
  EXPECT_EQ(row.get(PR_NDR_DIAG_CODE), 35);
  EXPECT_EQ(row.get(PR_NDR_STATUS_CODE), 511);
  EXPECT_EQ(row.get(PR_DSN_REMOTE_MTA), "mx.example.net");
  EXPECT_EQ(row.get(PR_SUPPLEMENTARY_INFO),
            "<mx.example.net #5.1.1 smtp;550 5.1.1 no such user ask postmaster>");
  EXPECT_FALSE(row.get(PR_DELIVER_TIME));
}

TEST(OutcomeOfRecipient, ADeliveryHasATimeAndNoReason) {
  Recipient row;
  set_outcome(row, refusal());
  auto delivered = refusal();
  delivered.verdict = Verdict::delivered;
  set_outcome(row, delivered);
  EXPECT_EQ(row.get(PR_DELIVER_TIME), FileTime::from(delivered.time));
  EXPECT_FALSE(row.get(PR_NDR_REASON_CODE));
  EXPECT_FALSE(row.get(PR_SUPPLEMENTARY_INFO));
}

TEST(OutcomeOfRecipient, KeepsWhoReportsTheDelivery) {
  Recipient row;
  Outcome delivered;
  delivered.verdict = Verdict::delivered;
  delivered.next_hop_reports = true;
  set_outcome(row, delivered);
  EXPECT_TRUE(outcome(row)->next_hop_reports);
  clear_outcome(row);
  EXPECT_EQ(row, Recipient{});
  delivered.next_hop_reports = false;
  set_outcome(row, delivered);
  EXPECT_FALSE(outcome(row)->next_hop_reports);
}

struct NdrCase {
  EnhancedStatus status;
  NdrCodes codes;
};
class NdrCodesOf : public testing::TestWithParam<NdrCase> {};

TEST_P(NdrCodesOf, FollowTheTable) {
  const auto codes = ndr_codes(GetParam().status);
  EXPECT_EQ(codes.reason, GetParam().codes.reason);
  EXPECT_EQ(codes.diagnostic, GetParam().codes.diagnostic);
  EXPECT_EQ(codes.status, GetParam().codes.status);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NdrCodesOf,
    testing::Values(NdrCase{{5, 1, 2}, {0, 48, 512}}, NdrCase{{5, 1, 10}, {0, 0, 510}},
                    NdrCase{{5, 2, 2}, {0, 13, 522}}, NdrCase{{4, 4, 7}, {0, 5, 447}},
                    NdrCase{{4, 4, 3}, {6, -1, 443}}, NdrCase{{5, 6, 5}, {2, -1, 565}},
                    NdrCase{{5, 7, 1}, {0, 29, 571}}, NdrCase{{5, 0, 0}, {0, -1, 500}},
                    NdrCase{{5, 55, 7}, {0, -1, 507}}));

}  // namespace
}  // namespace postern::mapi
