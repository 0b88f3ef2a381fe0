// mapi-submission.md §4: what each operation does in each state of an outgoing message, for a
// client and for the spooler.
#include <array>
#include <ostream>

#include "store/display_id.h"
#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

using mapi::Access;
using mapi::Code;
using mapi::EntryId;
using mapi::LockState;
using mapi::MessageHandle;

enum class State { composing, queued, queued_pp, held, locked, locked_pp, sent, gone };
constexpr std::array states{State::composing, State::queued,    State::queued_pp, State::held,
                            State::locked,    State::locked_pp, State::sent,      State::gone};

std::ostream& operator<<(std::ostream& out, State state) {
  constexpr std::array names{"COMPOSING", "QUEUED",    "QUEUED_PP", "HELD",
                             "LOCKED",    "LOCKED_PP", "SENT",      "gone"};
  return out << names.at(static_cast<std::size_t>(state));
}

/// What a row of the table says, column by column.
struct Row {
  Code composing, queued, locked, sent, gone;
  [[nodiscard]] Code operator[](State state) const {
    switch (state) {
      case State::composing:
        return composing;
      case State::queued:
      case State::queued_pp:
      case State::held:
        return queued;
      case State::locked:
      case State::locked_pp:
        return locked;
      case State::sent:
        return sent;
      case State::gone:
        break;
    }
    return gone;
  }
};

class StateTable : public StoreTest, public ::testing::WithParamInterface<State> {
 protected:
  StateTable() {
    support.on_expand = [this](mapi::Message&) {
      return mapi::StoreSupport::ExpandResult{.needs_preprocessing = preprocessed};
    };
    log_spooler_on();
    bring_into(GetParam());
  }

  void bring_into(State state) {
    second_handle = client->create_message(outbox(), letter());
    entry = second_handle->entry_id();
    const auto submit = [this] { client->open_entry(entry, Access::modify)->submit_message(); };
    switch (state) {
      case State::composing:
        return;
      case State::queued_pp:
        preprocessed = true;
        return submit();
      case State::queued:
        return submit();
      case State::held:
        submit();
        return hold();
      case State::locked_pp:
        preprocessed = true;
        [[fallthrough]];
      case State::locked:
        submit();
        return spooler->set_lock_state(entry, LockState::locked);
      case State::gone:
        support.on_sent = [](const mapi::Message&) { return mapi::StoreSupport::SentMail::remove; };
        [[fallthrough]];
      case State::sent:
        submit();
        spooler->set_lock_state(entry, LockState::locked);
        return spooler->finished_msg(entry);
    }
  }
  void hold() {
    const auto holding = spooler->open_entry(entry, Access::modify);
    holding->edit().set(mapi::PR_POSTERN_NEXT_ATTEMPT, mapi::FileTime{~std::uint64_t{0} >> 1});
    holding->save_changes();
  }
  [[nodiscard]] bool is_queued() const { return client->queue_row(entry).has_value(); }
  [[nodiscard]] Code open(mapi::MsgStore& store, Access access) {
    return code_of([&] { handle = store.open_entry(entry, access); });
  }
  [[nodiscard]] Code edit() {
    return code_of([&] { handle->edit(); });
  }

  bool preprocessed = false;
  EntryId entry;
  std::unique_ptr<MessageHandle> second_handle;  ///< opened read/write before submission
  std::unique_ptr<MessageHandle> handle;
};

INSTANTIATE_TEST_SUITE_P(AllStates, StateTable, ::testing::ValuesIn(states),
                         ::testing::PrintToStringParamName());

constexpr Code ok = mapi::S_OK;

TEST_P(StateTable, ClientOpensReadOnly) {
  const Row row{ok, ok, mapi::MAPI_E_NO_ACCESS, ok, mapi::MAPI_E_NOT_FOUND};
  ASSERT_EQ(open(*client, Access::read_only), row[GetParam()]);
  if (row[GetParam()] == ok) {
    EXPECT_EQ(edit(), mapi::MAPI_E_NO_ACCESS);
    EXPECT_EQ(code_of([&] { handle->save_changes(); }), mapi::MAPI_E_NO_ACCESS);
  }
}

TEST_P(StateTable, ClientOpensWithBestAccess) {
  const Row row{ok, ok, mapi::MAPI_E_NO_ACCESS, ok, mapi::MAPI_E_NOT_FOUND};
  ASSERT_EQ(open(*client, Access::best_access), row[GetParam()]);
  if (row[GetParam()] == ok) {
    EXPECT_EQ(edit(), is_queued() ? mapi::MAPI_E_NO_ACCESS : ok);
  }
}

TEST_P(StateTable, ClientOpensToModify) {
  const Row row{ok, mapi::MAPI_E_SUBMITTED, mapi::MAPI_E_SUBMITTED, ok, mapi::MAPI_E_NOT_FOUND};
  ASSERT_EQ(open(*client, Access::modify), row[GetParam()]);
  if (row[GetParam()] == ok) {
    EXPECT_EQ(edit(), ok);
  }
}

TEST_P(StateTable, ClientSavesThroughAnEarlierHandle) {
  const Row row{ok, mapi::MAPI_E_SUBMITTED, mapi::MAPI_E_SUBMITTED, ok,
                mapi::MAPI_E_OBJECT_DELETED};
  second_handle->edit().set(mapi::PR_SUBJECT, "changed");
  EXPECT_EQ(code_of([&] { second_handle->save_changes(); }), row[GetParam()]);
  if (GetParam() != State::gone) {
    const auto stored = spooler->open_entry(entry, Access::read_only);
    EXPECT_EQ(stored->message().get(mapi::PR_SUBJECT), row[GetParam()] == ok ? "changed" : "Hello");
  }
}

TEST_P(StateTable, ClientSubmitsThroughAnEarlierHandle) {
  const Row row{ok, mapi::MAPI_E_SUBMITTED, mapi::MAPI_E_SUBMITTED, ok,
                mapi::MAPI_E_OBJECT_DELETED};
  EXPECT_EQ(code_of([&] { second_handle->submit_message(); }), row[GetParam()]);
  EXPECT_EQ(is_queued(), GetParam() != State::gone);
}

TEST_P(StateTable, ClientSubmitsThroughTheBestHandleItGets) {
  const Row row{ok, mapi::MAPI_E_SUBMITTED, mapi::MAPI_E_NO_ACCESS, ok, mapi::MAPI_E_NOT_FOUND};
  EXPECT_EQ(code_of([&] { client->open_entry(entry, Access::best_access)->submit_message(); }),
            row[GetParam()]);
}

TEST_P(StateTable, ClientAborts) {
  const Row row{mapi::MAPI_E_NOT_IN_QUEUE, ok, mapi::MAPI_E_UNABLE_TO_ABORT,
                mapi::MAPI_E_NOT_IN_QUEUE, mapi::MAPI_E_NOT_IN_QUEUE};
  const bool was_queued = is_queued();
  EXPECT_EQ(code_of([&] { client->abort_submit(entry); }), row[GetParam()]);
  EXPECT_EQ(is_queued(), was_queued && row[GetParam()] != ok);
}

TEST_P(StateTable, ClientDeletes) {
  const Row row{ok, mapi::MAPI_E_SUBMITTED, mapi::MAPI_E_SUBMITTED, ok, mapi::MAPI_E_NOT_FOUND};
  EXPECT_EQ(code_of([&] { client->delete_message(entry); }), row[GetParam()]);
  EXPECT_EQ(open(*spooler, Access::read_only),
            row[GetParam()] == mapi::MAPI_E_SUBMITTED ? ok : mapi::MAPI_E_NOT_FOUND);
}

TEST_P(StateTable, SpoolerLocks) {
  const Row row{mapi::MAPI_E_NOT_IN_QUEUE, ok, ok, mapi::MAPI_E_NOT_IN_QUEUE,
                mapi::MAPI_E_NOT_IN_QUEUE};
  EXPECT_EQ(code_of([&] { spooler->set_lock_state(entry, LockState::locked); }), row[GetParam()]);
  if (row[GetParam()] == ok) {
    EXPECT_EQ(client->queue_row(entry)->submit_flags & mapi::SUBMITFLAG_LOCKED, 1);
  }
}

TEST_P(StateTable, SpoolerUnlocks) {
  const Row row{mapi::MAPI_E_NOT_IN_QUEUE, ok, ok, mapi::MAPI_E_NOT_IN_QUEUE,
                mapi::MAPI_E_NOT_IN_QUEUE};
  EXPECT_EQ(code_of([&] { spooler->set_lock_state(entry, LockState::unlocked); }), row[GetParam()]);
  if (row[GetParam()] == ok) {
    EXPECT_EQ(client->queue_row(entry)->submit_flags & mapi::SUBMITFLAG_LOCKED, 0);
    EXPECT_EQ(code_of([&] { client->abort_submit(entry); }), ok);
  }
}

TEST_P(StateTable, SpoolerOpensToModifyAndSaves) {
  const Row row{ok, ok, ok, ok, mapi::MAPI_E_NOT_FOUND};
  ASSERT_EQ(open(*spooler, Access::modify), row[GetParam()]);
  if (row[GetParam()] != ok) return;
  const bool was_queued = is_queued();
  handle->edit().set(mapi::PR_SUBJECT, "by the spooler");
  handle->save_changes();
  EXPECT_EQ(is_queued(), was_queued);
  EXPECT_EQ(spooler->open_entry(entry, Access::read_only)->message().get(mapi::PR_SUBJECT),
            "by the spooler");
}

TEST_P(StateTable, SpoolerSubmits) {
  if (GetParam() == State::gone) return;
  handle = spooler->open_entry(entry, Access::modify);
  const bool refused = is_queued() && !preprocessed;
  preprocessed = false;
  EXPECT_EQ(code_of([&] { handle->submit_message(); }), refused ? mapi::MAPI_E_SUBMITTED : ok);
  EXPECT_EQ(client->queue_row(entry)->submit_flags & mapi::SUBMITFLAG_PREPROCESS, 0);
}

TEST_P(StateTable, SpoolerFinishes) {
  const Row row{mapi::MAPI_E_NOT_IN_QUEUE, mapi::MAPI_E_NO_ACCESS, ok, mapi::MAPI_E_NOT_IN_QUEUE,
                mapi::MAPI_E_NOT_IN_QUEUE};
  const bool was_queued = is_queued();
  EXPECT_EQ(code_of([&] { spooler->finished_msg(entry); }), row[GetParam()]);
  EXPECT_EQ(is_queued(), was_queued && row[GetParam()] != ok);
}

TEST_P(StateTable, ClientIsRefusedTheSpoolersMethods) {
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { client->set_lock_state(entry, LockState::locked); },
           [&] { client->finished_msg(entry); }, [&] { client->notify_new_mail({}); }}) {
    EXPECT_EQ(code_of(call), mapi::MAPI_E_NO_SUPPORT);
  }
}

TEST_P(StateTable, LockEndsWithTheSpoolersLogon) {
  handle = GetParam() == State::gone ? nullptr : spooler->open_entry(entry, Access::modify);
  const bool was_queued = is_queued();
  spooler.reset();
  EXPECT_EQ(code_of([&] { client->abort_submit(entry); }),
            was_queued ? ok : mapi::MAPI_E_NOT_IN_QUEUE);
}

TEST_P(StateTable, HandleOfASpoolerThatLoggedOffIsAClients) {
  if (GetParam() == State::gone) return;
  handle = spooler->open_entry(entry, Access::modify);
  spooler.reset();
  handle->edit().set(mapi::PR_SUBJECT, "too late");
  EXPECT_EQ(code_of([&] { handle->save_changes(); }), is_queued() ? mapi::MAPI_E_SUBMITTED : ok);
}

class EntryIds : public StoreTest {};

TEST_F(EntryIds, AbortingAnUnknownMessageFindsNothing) {
  auto unknown = client->create_message(outbox(), letter())->entry_id();
  unknown.bytes[25] = std::byte{9};
  EXPECT_EQ(code_of([&] { client->abort_submit(unknown); }), mapi::MAPI_E_NOT_FOUND);
  EXPECT_EQ(code_of([&] { client->open_entry(unknown, Access::read_only); }),
            mapi::MAPI_E_NOT_FOUND);
}

TEST_F(EntryIds, MalformedOnesAreRefusedEverywhere) {
  const auto good = client->create_message(outbox(), letter())->entry_id();
  log_spooler_on();
  std::vector<EntryId> malformed{{}, outbox()};
  for (const std::size_t at : {0U, 20U, 21U}) {
    malformed.push_back(good);
    malformed.back().bytes[at] = std::byte{77};
  }
  malformed.push_back(good);
  malformed.back().bytes.pop_back();
  for (const auto& entry : malformed) {
    for (const auto& call : std::vector<std::function<void()>>{
             [&] { client->open_entry(entry, Access::read_only); },
             [&] { client->delete_message(entry); }, [&] { client->abort_submit(entry); },
             [&] { (void)client->queue_row(entry); }, [&] { spooler->finished_msg(entry); },
             [&] { spooler->set_lock_state(entry, LockState::locked); }}) {
      EXPECT_EQ(code_of(call), mapi::MAPI_E_INVALID_ENTRYID);
    }
  }
  EXPECT_EQ(code_of([&] { client->submit(good, letter()); }), mapi::MAPI_E_INVALID_ENTRYID);
}

TEST_F(EntryIds, OfAnotherStoreAreNotFoundHere) {
  const auto other_provider = open_sqlite_store(directory / "other.sqlite", support);
  const auto other = other_provider->logon();
  const auto entry = other->submit(other->folder(mapi::SpecialFolder::outbox), letter());
  client->submit(outbox(), letter());
  EXPECT_EQ(code_of([&] { client->open_entry(entry, Access::read_only); }), mapi::MAPI_E_NOT_FOUND);
  EXPECT_EQ(code_of([&] { client->submit(other->folder(mapi::SpecialFolder::outbox), letter()); }),
            mapi::MAPI_E_NOT_FOUND);
}

TEST_F(EntryIds, AreNotUsedTwice) {
  const auto first = client->create_message(outbox(), letter())->entry_id();
  client->delete_message(first);
  reopen();
  EXPECT_NE(client->create_message(outbox(), letter())->entry_id(), first);
}

TEST_F(EntryIds, HaveANumberForPeople) {
  const auto entry = client->create_message(outbox(), letter())->entry_id();
  EXPECT_EQ(entry_of(*client, display_id(entry)), entry);
  for (const char* bad : {"", "x", "1x", "-1", "0", "99999999999999999999"}) {
    EXPECT_EQ(code_of([&] { (void)entry_of(*client, bad); }), mapi::MAPI_E_INVALID_ENTRYID) << bad;
  }
}

}  // namespace
}  // namespace postern::store::test
