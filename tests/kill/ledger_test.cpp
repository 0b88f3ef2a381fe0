// The ledger's own test: it finds what it is for, and nothing else.
#include "tests/kill/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::kill {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t sessions = 2;

class KillLedger : public testing::Test {
 protected:
  KillLedger() {
    ledger.begin("m", "ann", {"one", "two"});
    ledger.acknowledge("m");
  }
  void deliver(const std::string& address, Life life) {
    ledger.deliver({.message = "m", .address = address, .life = life});
  }
  [[nodiscard]] std::vector<std::string> faults() const { return ledger.judge(sessions).faults; }
  [[nodiscard]] Counts counts() const { return ledger.judge(sessions).counts; }

  Ledger ledger;
};

TEST_F(KillLedger, IsContentWithACopyAndAReport) {
  deliver("one", 1);
  ledger.refuse(2, "two");
  ledger.report("ann", "two");
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(counts().delivered, 1U);
  EXPECT_EQ(counts().reports, 1U);
}

TEST_F(KillLedger, FindsWhatIsLost) {
  deliver("one", 1);
  EXPECT_THAT(faults(), ElementsAre("two has no copy"));
  EXPECT_EQ(counts().lost, 1U);
}

TEST_F(KillLedger, LetsWhatNobodyWasToldOfBeThereOrNot) {
  deliver("one", 1);
  deliver("two", 1);
  ledger.begin("doubt", "ann", {"three", "four"});
  EXPECT_THAT(faults(), IsEmpty());
  ledger.deliver({.message = "doubt", .address = "three", .life = 1});
  EXPECT_THAT(faults(), ElementsAre("four has no copy")) << "there, but not whole";
}

TEST_F(KillLedger, TakesADuplicateThatAKillExplains) {
  deliver("one", 1);
  deliver("two", 1);
  deliver("one", 2);
  ledger.kill(1);
  EXPECT_THAT(faults(), IsEmpty());
  EXPECT_EQ(counts().duplicates, 1U);
}

TEST_F(KillLedger, FindsADuplicateWithoutAKill) {
  deliver("one", 1);
  deliver("two", 1);
  deliver("one", 2);
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("one has several copies, and no kill explains it")));
}

TEST_F(KillLedger, FindsADuplicateOfWhatWasRecorded) {
  deliver("one", 1);
  deliver("two", 1);
  ledger.record(1, "one");
  deliver("one", 2);
  ledger.kill(1);
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("1 by life 1, which has recorded it")));
}

TEST_F(KillLedger, FindsADuplicateOfOneLife) {
  deliver("one", 1);
  deliver("one", 1);
  deliver("two", 1);
  ledger.kill(1);
  EXPECT_THAT(faults(), ElementsAre("one has several copies: 2 by life 1"));
}

TEST_F(KillLedger, FindsMoreInTheWindowThanASpoolerCanHaveInTheAir) {
  for (const std::string name : {"a", "b", "c"}) {
    ledger.begin(name, "ann", {"to " + name});
    ledger.deliver({.message = name, .address = "to " + name, .life = 1});
    ledger.deliver({.message = name, .address = "to " + name, .life = 2});
  }
  deliver("one", 2);
  deliver("two", 2);
  ledger.kill(1);
  EXPECT_THAT(faults(), ElementsAre("life 1 has left 3 messages unrecorded, with 2 sessions"));
}

TEST_F(KillLedger, FindsReportsThatAreMissingDoubledOrMisplaced) {
  deliver("one", 1);
  ledger.refuse(2, "two");
  EXPECT_THAT(faults(), ElementsAre("two was refused, and no report names it"));
  ledger.report("ann", "two");
  ledger.report("bob", "two");
  EXPECT_THAT(faults(), ElementsAre("two is named in 2 reports", "two is reported to bob"));
  EXPECT_EQ(counts().reports_doubled, 1U);
}

TEST_F(KillLedger, FindsWhoIsReportedAndHasIt) {
  deliver("one", 1);
  deliver("two", 1);
  ledger.kill(1);
  ledger.report("ann", "two");
  EXPECT_THAT(faults(), ElementsAre("two is reported and was never refused"));
}

TEST_F(KillLedger, TakesWhoIsReportedAndHasItInTheWindowOnly) {
  deliver("one", 1);
  deliver("two", 1);
  ledger.refuse(2, "two");
  ledger.report("ann", "two");
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("two is reported, and no kill explains it")));
  ledger.kill(1);
  EXPECT_THAT(faults(), IsEmpty());
  ledger.record(1, "two");
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("two is reported, and no kill explains it")));
}

TEST_F(KillLedger, KnowsARefusalThatNobodyHasHeard) {
  deliver("one", 1);
  deliver("two", 1);
  ledger.refuse(2, "two");
  ledger.kill(1);
  ledger.kill(2);
  EXPECT_THAT(faults(), IsEmpty());
  ledger.record(2, "two");
  EXPECT_THAT(faults(), ElementsAre("two was refused, and no report names it"));
}

TEST_F(KillLedger, FindsWhatNobodyHasBegun) {
  deliver("one", 1);
  deliver("two", 1);
  deliver("three", 1);
  ledger.report("ann", "four");
  ledger.acknowledge("n");
  EXPECT_THAT(faults(), ElementsAre(HasSubstr("three has mail"), HasSubstr("four is reported"),
                                    HasSubstr("n was acknowledged")));
}

TEST_F(KillLedger, FindsMailThatIsAnothersOrNotWhole) {
  ledger.deliver({.message = "n", .address = "one", .life = 1});
  ledger.deliver({.message = "m", .address = "two", .life = 1, .is_whole = false});
  EXPECT_THAT(faults(),
              ElementsAre("one has got 'n', which is not for it", "two has got a part of m"));
}

}  // namespace
}  // namespace postern::kill
