// What ends with a logon, and what the queue gives to the spooler's.
#include "tests/store/conformance/conformance_fixture.h"

namespace postern::store::test {
namespace {

using mapi::EntryId;
using mapi::FileTime;
using mapi::LockState;
using mapi::Logoff;
using mapi::LogoffResult;

class Logons : public Conformance {};
POSTERN_WITH_EACH_STORE(Logons);

constexpr std::array all_logoffs{Logoff::no_wait, Logoff::orderly, Logoff::purge, Logoff::abort,
                                 Logoff::quiet};

TEST_P(Logons, OfASpoolerThatIsIdleEndAsAsked) {
  for (const auto how : all_logoffs) {
    log_spooler_on();
    EXPECT_EQ(spooler->store_logoff(how), LogoffResult{.complete = true});
  }
}

TEST_P(Logons, OfASpoolerThatSendsEndUnlessTheyAreToWait) {
  for (const auto how : all_logoffs) {
    const bool waits = how == Logoff::abort || how == Logoff::quiet;
    spooler.reset();
    const auto entry = submit_and_lock();
    EXPECT_EQ(spooler->store_logoff(how),
              (LogoffResult{.complete = !waits, .outbound = true, .outbound_queue = true}));
    const auto row = client->queue_row(entry);
    EXPECT_EQ(row->submit_flags, waits ? mapi::SUBMITFLAG_LOCKED : 0);
    EXPECT_EQ(code_of([&] { spooler->set_lock_state(entry, LockState::unlocked); }),
              waits ? mapi::S_OK : mapi::MAPI_E_INVALID_OBJECT);
    spooler.reset();
    client->abort_submit(entry);
  }
}

TEST_P(Logons, ThatHaveEndedAnswerNothing) {
  const auto entry = submit();
  const auto folder = outbox();
  auto other = provider->logon();
  EXPECT_EQ(other->store_logoff(Logoff::quiet),
            (LogoffResult{.complete = true, .outbound_queue = true}))
      << "the sending is the spooler's";
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { (void)other->contents(folder); }, [&] { other->abort_submit(entry); },
           [&] { (void)other->open_entry(entry, mapi::Access::read_only); },
           [&] { (void)other->properties(); }, [&] { other->store_logoff(Logoff::orderly); },
           [&] { (void)other->advise({}); }, [&] { (void)other->queue_is_empty(); }}) {
    EXPECT_EQ(code_of(call), mapi::MAPI_E_INVALID_OBJECT);
  }
  EXPECT_TRUE(client->queue_row(entry));
}

TEST_P(Logons, OfASpoolerExcludeAnother) {
  log_spooler_on();
  EXPECT_EQ(code_of([&] { (void)provider->spooler_logon(); }), mapi::MAPI_E_BUSY);
  spooler->store_logoff(Logoff::orderly);
  EXPECT_EQ(code_of([&] { (void)provider->spooler_logon(); }), mapi::S_OK);
}

TEST_P(Logons, OfASpoolerClaimWhatIsDueOnce) {
  const auto first = submit();
  const auto second = submit();
  log_spooler_on();
  const auto claimed = spooler->claim(FileTime::now(), 1);
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].entry, first);
  EXPECT_EQ(spooler->claim(FileTime::now(), 10).at(0).entry, second);
  EXPECT_TRUE(spooler->claim(FileTime::now(), 10).empty());
  spooler->hold(first, FileTime::now() + std::chrono::hours{1});
  EXPECT_TRUE(spooler->claim(FileTime::now(), 10).empty());
  EXPECT_EQ(client->queue_row(first)->submit_flags, 0) << "held, not locked";
  spooler->retry_now(first);
  EXPECT_EQ(spooler->claim(FileTime::now(), 10).at(0).entry, first);
}

TEST_P(Logons, OfASpoolerTellOfTheSecondPass) {
  support.on_expand = [](mapi::Message&) {
    return mapi::StoreSupport::ExpandResult{.needs_preprocessing = true};
  };
  Told told;
  const auto subscription = client->advise(told.observer());
  const auto entry = submit_and_lock();
  spooler->open_entry(entry, mapi::Access::modify)->submit_message();
  EXPECT_TRUE(told.of_queue(mapi::QueueEvent::row_modified, entry));
  EXPECT_EQ(client->queue_row(entry)->submit_flags, mapi::SUBMITFLAG_LOCKED);
}

}  // namespace
}  // namespace postern::store::test
