// Messages that a transport keeps, and asks for (mapi-submission.md §§3.6, 3.9, 3.10).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spooler/course/deferral_list.h"
#include "tests/spooler/spooler_fixture.h"

namespace postern::spooler {
namespace {

using mapi::SubmitKind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const mapi::EntryId one_entry{{std::byte{1}}};
const mapi::EntryId other_entry{{std::byte{2}}};

TEST(DeferralList, TransportGetsWhatItKeepsAndNothingElse) {
  DeferralList list;
  list.keep(one_entry, 0);
  list.keep(other_entry, 1);
  EXPECT_FALSE(list.ask(one_entry, 1, false));
  EXPECT_FALSE(list.ask(mapi::EntryId{{std::byte{3}}}, 0, false));
  EXPECT_THAT(list.take_asked(), IsEmpty());
  EXPECT_TRUE(list.ask(one_entry, 0, false));
  EXPECT_FALSE(list.ask(one_entry, 0, false)) << "it is on its way";
  EXPECT_THAT(list.take_asked(), ElementsAre(Pair(one_entry, 0)));
  EXPECT_THAT(list.take_asked(), IsEmpty());
  EXPECT_THAT(list.kept(), ElementsAre(Pair(other_entry, 1)));
}

TEST(DeferralList, AskingBeforeTheRunHasEndedIsKeptInMindForThatRun) {
  DeferralList list;
  EXPECT_FALSE(list.ask(one_entry, 0, true));
  list.keep(one_entry, 0);
  EXPECT_THAT(list.take_asked(), ElementsAre(Pair(one_entry, 0)));
  EXPECT_FALSE(list.ask(one_entry, 0, true));
  list.forget_early(one_entry);
  list.keep(one_entry, 0);
  EXPECT_THAT(list.take_asked(), IsEmpty());
  EXPECT_EQ(list.remove(one_entry), 0U);
  EXPECT_FALSE(list.remove(one_entry));
}

class Deferral : public test::SpoolerTest {
 protected:
  Deferral() {
    transport.leaves_everything = true;
    transport.end = mapi::EndMessage::dont_resend;
  }
  void send_from_now_on() {
    transport.leaves_everything = false;
    transport.end = mapi::EndMessage::done;
  }
};

TEST_F(Deferral, MessageIsOfferedAgainWhenTheTransportAsks) {
  const auto entry = submit(test::message_to({"a@example.com"}));
  Spooler spooler(store, {&transport}, options, observer);
  ASSERT_TRUE(spooler.wait_idle(test::soon()));
  EXPECT_EQ(transport.calls(), 1);
  EXPECT_TRUE(store.queue_row(entry)) << "it is no NDR";
  EXPECT_THAT(store.inbox(), IsEmpty());
  send_from_now_on();
  transport.support().sent_deferred(entry);
  EXPECT_TRUE(spooler.wait_empty(test::soon()));
  EXPECT_THAT(transport.kinds(), ElementsAre(SubmitKind::normal, SubmitKind::deferred));
}

TEST_F(Deferral, TransportMayAskBeforeTheSpoolerHasNoted) {
  transport.asks_at_end = true;
  std::atomic<int> left = 3;
  observer.message = [&](const mapi::EntryId&, const mapi::Message&, bool) {
    if (--left == 0) {
      transport.asks_at_end = false;
      send_from_now_on();
    }
  };
  submit(test::message_to({"a@example.com"}));
  run();
  EXPECT_EQ(transport.kinds().back(), SubmitKind::deferred);
}

TEST_F(Deferral, CancelledMessageIsNotToBeAskedForAnyMore) {
  const auto entry = submit(test::message_to({"a@example.com"}));
  std::atomic<bool> gone = false;
  observer.gone = [&](const mapi::EntryId&) { gone = true; };
  Spooler spooler(store, {&transport}, options, observer);
  ASSERT_TRUE(spooler.wait_idle(test::soon()));
  store.abort_submit(entry);
  EXPECT_TRUE(spooler.wait_empty(test::soon()));
  EXPECT_THAT(transport.aborted(), ElementsAre(Pair(entry, true)));
  EXPECT_TRUE(gone);
  transport.support().sent_deferred(entry);
  EXPECT_TRUE(spooler.wait_empty(test::soon()));
  EXPECT_EQ(transport.calls(), 1);
}

TEST_F(Deferral, CancelledAndSubmittedAnewItIsOfferedAnew) {
  const auto entry = submit(test::message_to({"a@example.com"}));
  Spooler spooler(store, {&transport}, options, observer);
  ASSERT_TRUE(spooler.wait_idle(test::soon()));
  send_from_now_on();
  store.abort_submit(entry);
  store.open_entry(entry, mapi::Access::modify)->submit_message();
  EXPECT_TRUE(spooler.wait_empty(test::soon()));
  EXPECT_THAT(transport.kinds(), ElementsAre(SubmitKind::normal, SubmitKind::normal));
  EXPECT_THAT(transport.aborted(), ElementsAre(Pair(entry, true)));
}

TEST_F(Deferral, StoppedSpoolerTakesItBackAndTheNextOneOffersItAnew) {
  const auto entry = submit(test::message_to({"a@example.com"}));
  {
    Spooler spooler(store, {&transport}, options, observer);
    ASSERT_TRUE(spooler.wait_idle(test::soon()));
  }
  EXPECT_THAT(transport.aborted(), ElementsAre(Pair(entry, false)));
}

}  // namespace
}  // namespace postern::spooler
