// Messages that wait for room at a destination are no hindrance to those for another.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "spooler/course/waiting_room.h"
#include "tests/spooler/sharing_transport.h"
#include "tests/spooler/spooler_fixture.h"

namespace postern::spooler {
namespace {

using test::long_enough;
using test::message_to;
using test::SharingTransport;
using test::soon;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Destination = WaitingRoom::Destination;

mapi::EntryId entry(char name) {
  return mapi::EntryId{std::vector<std::byte>{std::byte(name)}};
}

std::vector<WaitingRoom::Number> numbers(const std::vector<WaitingRoom::Waiting>& waiting) {
  std::vector<WaitingRoom::Number> all;
  for (const auto& one : waiting) all.push_back(one.number);
  return all;
}

TEST(WaitingRoom, GivesPlacesInTheOrderOfTheClaims) {
  WaitingRoom room;
  const Destination slow{0, "slow"};
  const Destination other{1, "slow"};
  EXPECT_TRUE(room.wait(entry('c'), 3, slow, std::nullopt));
  EXPECT_TRUE(room.wait(entry('a'), 1, slow, std::nullopt));
  EXPECT_TRUE(room.wait(entry('b'), 2, other, std::nullopt));
  EXPECT_TRUE(room.any_before(slow, 2));
  EXPECT_FALSE(room.any_before(slow, 1));
  EXPECT_FALSE(room.any_before(other, 2));
  EXPECT_EQ(room.give_room(slow, 5).value().number, 1U);
  EXPECT_FALSE(room.give_room(slow, 5)) << "one is on its way";
  EXPECT_TRUE(room.any_before(slow, 2));
  EXPECT_EQ(room.arrived(slow, true).value().number, 3U);
  EXPECT_FALSE(room.any(slow));
  EXPECT_FALSE(room.arrived(slow, true));
  EXPECT_FALSE(room.any_before(slow, 9));
  EXPECT_EQ(room.size(), 1U);
  EXPECT_EQ(room.take(entry('b')).value().number, 2U);
  EXPECT_FALSE(room.take(entry('b')));
}

TEST(WaitingRoom, RoomThatCameTooEarlyIsNotMissed) {
  WaitingRoom room;
  const Destination slow{0, "slow"};
  EXPECT_FALSE(room.any_before(slow, 1));
  EXPECT_FALSE(room.any_before(slow, 2));
  EXPECT_FALSE(room.give_room(slow, 1));
  EXPECT_FALSE(room.wait(entry('a'), 1, slow, std::nullopt)) << "it goes again at once";
  EXPECT_FALSE(room.any_before(slow, 1));
  EXPECT_TRUE(room.wait(entry('a'), 1, slow, std::nullopt));
  EXPECT_TRUE(room.any_before(slow, 2));
  EXPECT_TRUE(room.give_room(slow, 1));
  EXPECT_FALSE(room.wait(entry('b'), 2, slow, std::nullopt)) << "that room was not for it alone";
}

TEST(WaitingRoom, RoomThatCameWhileOneWasOnItsWayIsNotLostToALaterOne) {
  WaitingRoom room;
  const Destination slow{0, "slow"};
  room.wait(entry('a'), 1, slow, std::nullopt);
  ASSERT_TRUE(room.give_room(slow, 1));
  EXPECT_FALSE(room.give_room(slow, 1)) << "the first was served before it was seen to arrive";
  EXPECT_TRUE(room.any_before(slow, 9));
  EXPECT_TRUE(room.wait(entry('b'), 9, slow, std::nullopt));
  EXPECT_TRUE(room.arrived(slow, true)) << "there is room";
}

TEST(WaitingRoom, GivesNoMoreThanThereIsRoomFor) {
  WaitingRoom room;
  const Destination slow{0, "slow"};
  for (const char name : {'a', 'b', 'c', 'd'}) {
    room.wait(entry(name), static_cast<WaitingRoom::Number>(name), slow, std::nullopt);
  }
  EXPECT_EQ(room.give_room(slow, 2).value().number, WaitingRoom::Number{'a'});
  EXPECT_EQ(room.arrived(slow, false).value().number, WaitingRoom::Number{'b'});
  EXPECT_EQ(room.arrived(slow, true).value().number, WaitingRoom::Number{'c'});
  EXPECT_FALSE(room.arrived(slow, true));
  EXPECT_TRUE(room.any(slow));
}

TEST(WaitingRoom, StirredItLetsTheFirstOfEachGoWhoeverHasForgottenIt) {
  WaitingRoom room;
  const Destination slow{0, "slow"};
  room.wait(entry('a'), 1, slow, std::nullopt);
  room.wait(entry('b'), 2, slow, std::nullopt);
  room.wait(entry('c'), 3, {0, "other"}, std::nullopt);
  EXPECT_THAT(room.stir(), SizeIs(2U));
  EXPECT_THAT(room.stir(), SizeIs(1U)) << "what was on its way for so long has got lost";
  EXPECT_EQ(room.size(), 0U);
}

TEST(WaitingRoom, RoomOfEachOfSeveralDestinationsIsItsOwn) {
  WaitingRoom room;
  const Destination one{0, "one"};
  const Destination two{0, "two"};
  room.give_room(two, 1);
  EXPECT_FALSE(room.any_before(one, 1));
  EXPECT_FALSE(room.any_before(two, 1));
  EXPECT_TRUE(room.wait(entry('a'), 1, one, std::nullopt));
  EXPECT_TRUE(room.any_before(one, 2));
  room.forget(2);
  EXPECT_TRUE(room.wait(entry('b'), 2, one, std::nullopt));
}

TEST(WaitingRoom, GivesUpThoseWhoseTimeIsUp) {
  WaitingRoom room;
  const auto now = mapi::FileTime::now();
  const Destination slow{0, "slow"};
  room.wait(entry('a'), 1, slow, now + std::chrono::seconds{1});
  room.wait(entry('b'), 2, slow, std::nullopt);
  EXPECT_EQ(room.next_late(), now + std::chrono::seconds{1});
  EXPECT_THAT(room.take_late(now), IsEmpty());
  EXPECT_THAT(numbers(room.take_late(now + std::chrono::seconds{1})), ElementsAre(1U));
  EXPECT_EQ(room.next_late(), std::nullopt);
}

class WaitingTest : public test::SpoolerTest {
 protected:
  WaitingTest() {
    options.open_messages = 20;
    transport.slow = {"slow.example"};
  }
  mapi::EntryId submit_to(const std::string& address, const std::string& subject) {
    auto message = message_to({address});
    message.set(mapi::PR_SUBJECT, subject);
    return submit(std::move(message));
  }
  template <class Condition>
  bool wait_for(const Condition& condition) {
    const auto end = soon();
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
  }
  bool all_wait(int messages) {
    return wait_for([&] { return transport.refusals() >= messages; });
  }

  SharingTransport transport;
};

TEST_F(WaitingTest, ManyForASlowDomainDoNotHoldUpOneForAnother) {
  std::vector<std::string> expected{"0"};
  submit_to("a@slow.example", "0");
  Spooler spooler(store, {&transport}, options, observer);
  ASSERT_TRUE(wait_for([&] { return transport.begun() == 1; }));
  for (int i = 1; i < 100; ++i) {
    expected.push_back(std::to_string(i));
    submit_to("a@slow.example", expected.back());
  }
  ASSERT_TRUE(all_wait(99));
  submit_to("b@fast.example", "fast");
  ASSERT_TRUE(wait_for([&] { return !transport.served().empty(); }));
  EXPECT_THAT(transport.served(), ElementsAre("fast"));
  expected.insert(expected.begin(), "fast");
  ASSERT_TRUE(wait_for([&] {
    transport.serve("slow.example");
    return transport.served().size() == 101;
  }));
  EXPECT_EQ(transport.served(), expected) << "each destination in order";
  EXPECT_TRUE(spooler.wait_empty(soon()));
}

TEST_F(WaitingTest, LaterMessageDoesNotOvertakeThoseThatWait) {
  transport.share = 2;
  submit_to("a@slow.example", "1");
  Spooler spooler(store, {&transport}, options, observer);
  ASSERT_TRUE(wait_for([&] { return transport.begun() == 1; }));
  submit_to("a@slow.example", "2");
  ASSERT_TRUE(wait_for([&] { return transport.begun() == 2; }));
  for (const char* name : {"3", "4"}) submit_to("a@slow.example", name);
  ASSERT_TRUE(all_wait(2));
  ASSERT_TRUE(transport.serve("slow.example"));
  submit_to("a@slow.example", "5");
  ASSERT_TRUE(wait_for([&] {
    transport.serve("slow.example");
    return transport.served().size() == 5;
  }));
  EXPECT_THAT(transport.served(), ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(WaitingTest, WaitingMessageIsCancelledHeldAndExpiredLikeAnyOther) {
  submit_to("a@slow.example", "1");
  Spooler spooler(store, {&transport}, options, observer);
  ASSERT_TRUE(wait_for([&] { return transport.begun() == 1; }));
  const auto cancelled = submit_to("a@slow.example", "cancelled");
  const auto held = submit_to("a@slow.example", "held");
  auto late = message_to({"a@slow.example"});
  late.set(mapi::PR_LATEST_DELIVERY_TIME, mapi::FileTime::now() + std::chrono::milliseconds{1500});
  const auto expired = submit(std::move(late));
  submit_to("a@slow.example", "last");
  ASSERT_TRUE(all_wait(4));
  EXPECT_TRUE(spooler.cancel(cancelled));
  EXPECT_TRUE(wait_for([&] { return !store.queue_row(cancelled); }));
  EXPECT_TRUE(wait_for([&] { return !store.queue_row(expired); }));
  EXPECT_EQ(verdict(expired, 0), Verdict::failed);
  store.set_on_hold(held, true);
  ASSERT_TRUE(wait_for([&] {
    transport.serve("slow.example");
    return transport.served().size() == 2;
  }));
  EXPECT_THAT(transport.served(), ElementsAre("1", "last"));
  EXPECT_TRUE(store.queue_row(held).value().on_hold);
}

TEST_F(WaitingTest, WhatWaitsWhenTheSpoolerStopsIsSentByTheNext) {
  submit_to("a@slow.example", "1");
  mapi::EntryId second;
  {
    Spooler spooler(store, {&transport}, options, observer);
    ASSERT_TRUE(wait_for([&] { return transport.begun() == 1; }));
    second = submit_to("a@slow.example", "2");
    ASSERT_TRUE(all_wait(1));
    std::thread stop([&spooler] { spooler.stop(long_enough); });
    std::this_thread::sleep_for(std::chrono::milliseconds{50});  // or it would serve the second
    EXPECT_TRUE(transport.serve("slow.example"));
    stop.join();
  }
  SharingTransport next;
  run({&next});
  EXPECT_FALSE(store.queue_row(second));
}

}  // namespace
}  // namespace postern::spooler
