// The ledger finds what it is for: each history has one thing that must not be, or none.
#include "tests/simulation/ledger.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::simulation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A message to one recipient, who wants to hear of a delivery.
class LedgerTest : public testing::Test {
 protected:
  LedgerTest() {
    Life life;
    life.entry.bytes = {std::byte{1}};
    life.recipients = {{.address = who, .wants_delivery_report = true}};
    life_ = &ledger.add(life);
  }

  void serve() {
    const auto acceptance = ledger.accepted(who, false, "Subject: life 0\r\n\r\n");
    if (acceptance) ledger.heard(who, *acceptance);
  }
  void save(Verdict verdict, int code) {
    row_ = mapi::make_recipient(mapi::RecipientType::to, who);
    mapi::set_outcome(row_, {.verdict = verdict,
                             .stage = Stage::end,
                             .code = code,
                             .status = {code / 100, 0, 0},
                             .text = "said",
                             .host = "mx",
                             .time = {}});
    row_.set(mapi::PR_RESPONSIBILITY, true);
    save_row();
  }
  void save_row() {
    mapi::Message message;
    message.recipients = {row_};
    ledger.saved(message);
  }
  void deliver() {
    serve();
    save(Verdict::delivered, 250);
  }
  void end(const Reports& reports) {
    ledger.finished(life_->entry);
    remains.rows = {row_};
    ledger.check(*life_, remains, {{who, reports}});
  }
  void deliver_to_the_end() {
    deliver();
    end({.delivery = 1});
  }
  std::vector<std::string> faults() {
    std::vector<std::string> texts;
    for (const auto& fault : ledger.faults()) texts.push_back(fault.text);
    return texts;
  }

  const std::string who = Ledger::address_of(0, 0, "d0.example");
  Ledger ledger;
  Remains remains{.exists = true};
  Life* life_ = nullptr;
  mapi::Recipient row_;
};

TEST_F(LedgerTest, FindsNothingInAGoodLife) {
  deliver_to_the_end();
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(ledger.figures()[Count::delivered], 1U);
  EXPECT_EQ(ledger.figures()[Count::lost], 0U);
}

TEST_F(LedgerTest, FindsWhoWasForgotten) {
  end({});
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("neither a delivery nor a failure")));
  EXPECT_EQ(ledger.figures()[Count::lost], 1U);
}

TEST_F(LedgerTest, FindsDeliveriesThatNobodyHasMade) {
  save(Verdict::delivered, 250);
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("which nobody has said")));
}

TEST_F(LedgerTest, FindsRefusalsThatNobodyHasMade) {
  ledger.refused(who, 554);
  save(Verdict::failed, 550);
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("550, which nobody has said")));
}

TEST_F(LedgerTest, FindsFailuresWithoutAReasonAndThoseThatComeTooEarly) {
  save(Verdict::failed, 0);
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("without a reason")));
  Ledger strict(Rules{.may_expire = [](const Life&) { return false; }});
  strict.add(*life_).recipients[0].saved.reset();
  Outcome expired;
  expired.verdict = Verdict::failed;
  expired.status = {4, 4, 7};
  mapi::set_outcome(row_, expired);
  mapi::Message message;
  message.recipients = {row_};
  strict.saved(message);
  ASSERT_EQ(strict.faults().size(), 1U);
  EXPECT_THAT(strict.faults()[0].text, HasSubstr("before its time"));
}

TEST_F(LedgerTest, FindsFailuresOfWhoWasServed) {
  serve();
  ledger.refused(who, 550);
  save(Verdict::failed, 550);
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("failed, and was served")));
}

TEST_F(LedgerTest, FindsSecondDeliveriesBehindASavedVerdict) {
  deliver();
  ledger.crashed();
  serve();
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("after the verdict was saved")));
}

TEST_F(LedgerTest, FindsSecondDeliveriesThatNothingExplains) {
  serve();
  serve();
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("although the final reply was heard")));
}

TEST_F(LedgerTest, AllowsOnesInTheWindowOfAnUnsavedReply) {
  serve();
  ledger.crashed();
  ledger.accepted(who, false, "Subject: life 0\r\n\r\n");  // and its reply is lost
  deliver_to_the_end();
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(ledger.figures()[Count::duplicates], 2U);
}

TEST_F(LedgerTest, FindsVerdictsThatAreLostOrOthers) {
  deliver();
  row_.set(mapi::PR_RESPONSIBILITY, false);
  save_row();
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("has lost its verdict")));
  end({.delivery = 1});
  EXPECT_THAT(faults(), testing::Contains(HasSubstr("another verdict than was saved")));
}

TEST_F(LedgerTest, FindsReportsThatAreMissingDoubledOrUnwanted) {
  deliver();
  for (const Reports& reports :
       {Reports{}, Reports{.delivery = 2}, Reports{.non_delivery = 1, .delivery = 1}}) {
    const auto before = ledger.faults().size();
    end(reports);
    EXPECT_EQ(ledger.faults().size(), before + 1);
  }
  EXPECT_EQ(ledger.figures()[Count::report_faults], 3U);
}

TEST_F(LedgerTest, FindsAReportThatTheServerHasPromisedToMake) {
  ledger.heard(who, *ledger.accepted(who, true, "Subject: life 0\r\n\r\n"));
  save(Verdict::delivered, 250);
  life_->recipients[0].saved->next_hop_reports = true;
  end({.delivery = 1});
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("1 delivery reports, and not 0")));
  life_->recipients[0].saved->next_hop_reports = false;
  end({.delivery = 1});
  EXPECT_THAT(faults(), testing::Contains(HasSubstr("as its server will do, too")));
}

TEST_F(LedgerTest, FindsMessagesThatAreNotWhereTheyBelong) {
  remains.is_in_sent_folder = true;
  deliver_to_the_end();
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("not in the folder for it")));
}

TEST_F(LedgerTest, FindsMessagesThatAreKeptOrDeletedWrongly) {
  life_->afterwards = Afterwards::is_deleted;
  deliver_to_the_end();
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("was to be deleted")));
}

TEST_F(LedgerTest, FindsWhatStaysInTheQueue) {
  remains.is_queued = true;
  deliver_to_the_end();
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("still queued")));
}

TEST_F(LedgerTest, FindsCancellationsThatNobodyWantedOrThatAreNone) {
  ledger.cancelled(life_->entry);
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("nobody has asked for")));
  serve();
  EXPECT_THAT(faults(), testing::Contains(HasSubstr("after the message was cancelled")));
}

TEST_F(LedgerTest, FindsMailThatIsSomebodyElses) {
  ledger.accepted(who, false, "Subject: life 1\r\n\r\n");
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("another message")));
  ledger.accepted("l7r0@d0.example", false, "");
  EXPECT_THAT(faults(), testing::Contains(HasSubstr("who has none")));
}

TEST_F(LedgerTest, FindsBlindCopiesInTheContent) {
  life_->recipients[0].is_blind = true;
  ledger.accepted(who, false, "Subject: life 0\r\nBcc: " + who + "\r\n\r\n");
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("stands in the content")));
}

}  // namespace
}  // namespace postern::simulation
