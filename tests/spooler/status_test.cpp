// The spooler's status table, flush on demand, and transports that cannot log on
// (mapi-submission.md §§2, 3.12, 5.4).
#include <chrono>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/spooler/spooler_fixture.h"

namespace postern::spooler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Status : public test::SpoolerTest {
 protected:
  static std::int32_t code(const mapi::PropertyBag& row) {
    return row.get_or(mapi::PR_STATUS_CODE, 0);
  }
  static bool has(const mapi::PropertyBag& row, std::int32_t bits) {
    return (code(row) & bits) == bits;
  }
};

TEST_F(Status, HasARowForTheSpoolerAndOneForEachTransport) {
  test::ScriptedTransport fax;
  fax.types = {"FAX"};
  fax.name = "fax";
  const Spooler spooler(store, {&transport, &fax}, options, observer);
  const auto rows = spooler.status();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].get(mapi::PR_RESOURCE_TYPE), mapi::MAPI_SPOOLER);
  EXPECT_EQ(rows[1].get(mapi::PR_DISPLAY_NAME), "scripted");
  EXPECT_EQ(rows[2].get(mapi::PR_DISPLAY_NAME), "fax");
  for (const auto& row : rows) {
    EXPECT_TRUE(has(row, mapi::STATUS_AVAILABLE | mapi::STATUS_OUTBOUND_ENABLED)) << code(row);
  }
}

TEST_F(Status, SaysWhyAndUntilWhenATransportCanSendNothing) {
  std::atomic<int> changes = 0;
  observer.status_changed = [&] { ++changes; };
  Spooler spooler(store, {&transport}, options, observer);
  const auto until = std::chrono::system_clock::now() + std::chrono::hours{1};
  const auto before = changes.load();
  transport.support().unavailable(until, "the relay does not answer");
  EXPECT_GT(changes, before);
  auto row = spooler.status()[1];
  EXPECT_TRUE(has(row, mapi::STATUS_OFFLINE));
  EXPECT_FALSE(has(row, mapi::STATUS_AVAILABLE));
  EXPECT_EQ(row.get(mapi::PR_STATUS_STRING), "the relay does not answer");
  EXPECT_EQ(row.get(mapi::PR_POSTERN_NEXT_ATTEMPT), mapi::FileTime::from(until));
  transport.support().critical_error("the password is wrong");
  EXPECT_TRUE(has(spooler.status()[1], mapi::STATUS_FAILURE));
  spooler.flush();
  row = spooler.status()[1];
  EXPECT_TRUE(has(row, mapi::STATUS_AVAILABLE));
  EXPECT_FALSE(row.get(mapi::PR_STATUS_STRING));
}

TEST_F(Status, FailureStaysWhateverBecomesOfMessagesThatAreUnderWay) {
  options.suspension = std::chrono::hours{1};
  options.sessions = 1;
  transport.critical_error = "the password is wrong";
  transport.answers = {{mapi::MAPI_E_LOGON_FAILED, {}, {}}};
  const auto entry = submit(test::message_to({"a@example.com"}));
  Spooler spooler(store, {&transport}, options, observer);
  ASSERT_TRUE(spooler.wait_idle(test::soon()));
  EXPECT_EQ(transport.calls(), 1);
  ASSERT_TRUE(store.queue_row(entry));
  EXPECT_TRUE(has(spooler.status()[1], mapi::STATUS_FAILURE)) << "the message was answered";
  mapi::PropertyBag idle;
  idle.set(mapi::PR_STATUS_CODE, 0);
  idle.set(mapi::PR_STATUS_STRING, "idle");
  transport.support().modify_status_row(idle);
  const auto row = spooler.status()[1];
  EXPECT_TRUE(has(row, mapi::STATUS_FAILURE)) << "the transport has said something else";
  EXPECT_EQ(row.get(mapi::PR_STATUS_STRING), "the password is wrong");
}

TEST_F(Status, FlushOffersWhatIsHeldAndEndsWhenAllWasOffered) {
  options.retry.intervals = {std::chrono::hours{1}};
  transport.script["a@example.com"] = {Verdict::retry, Verdict::delivered};
  submit(test::message_to({"a@example.com"}));
  Spooler spooler(store, {&transport}, options, observer);
  ASSERT_TRUE(spooler.wait_idle(test::soon()));
  EXPECT_EQ(transport.calls(), 1);
  EXPECT_EQ(transport.ended_flushes, 0);
  spooler.flush();
  EXPECT_TRUE(spooler.wait_empty(test::soon()));
  EXPECT_EQ(transport.calls(), 2);
  EXPECT_EQ(transport.flushes, 1);
  while (has(spooler.status()[1], mapi::STATUS_OUTBOUND_FLUSH)) std::this_thread::yield();
  EXPECT_EQ(transport.ended_flushes, 1);
}

TEST_F(Status, TransportThatCannotLogOnStopsNoOtherAndItsMailWaits) {
  options.suspension = std::chrono::milliseconds{50};
  test::ScriptedTransport fax;
  fax.types = {"FAX"};
  fax.logon_failures = {{mapi::MAPI_E_FAILONEPROVIDER, "no modem"},
                        {mapi::MAPI_E_UNCONFIGURED, "no number"},
                        {mapi::MAPI_E_DISK_ERROR, "no paper"}};
  std::vector<std::string> whys;
  observer.suspended = [&](const std::string& why) { whys.push_back(why); };
  auto both = test::message_to({"a@example.com", "b@example.com"});
  both.recipients[1].set(mapi::PR_ADDRTYPE, "FAX");
  const auto entry = submit(both);
  run({&fax, &transport});
  EXPECT_THAT(whys, ElementsAre(HasSubstr("modem"), HasSubstr("number"), HasSubstr("paper")));
  EXPECT_THAT(transport.offered(), ElementsAre("a@example.com"));
  EXPECT_EQ(fax.calls(), 1);
  EXPECT_EQ(store.inbox().size(), 0U) << "nobody was told that there is no transport";
}

TEST_F(Status, TransportThatIsNotLoggedOnYetStopsNoOther) {
  options.suspension = std::chrono::milliseconds{0};
  options.sessions = 1;
  test::ScriptedTransport fax;
  fax.types = {"FAX"};
  fax.logon_failures.assign(1'000, {mapi::MAPI_E_FAILONEPROVIDER, "no modem"});
  auto waits = test::message_to({"b@example.com"});
  waits.recipients[0].set(mapi::PR_ADDRTYPE, "FAX");
  submit(waits);
  submit(test::message_to({"a@example.com"}));
  const Spooler spooler(store, {&fax, &transport}, options, observer);
  const auto end = test::soon();
  while (transport.calls() == 0 && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  EXPECT_EQ(transport.calls(), 1);
}

TEST_F(Status, OtherFailuresOfALogonAreTheCallers) {
  transport.logon_failures = {{mapi::MAPI_E_LOGON_FAILED, "this will not do"}};
  EXPECT_THROW(Spooler(store, {&transport}, options, observer), mapi::Failure);
}

}  // namespace
}  // namespace postern::spooler
