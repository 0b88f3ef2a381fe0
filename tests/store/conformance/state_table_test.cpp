// mapi-submission.md §4: what each operation does in each state of an outgoing message, for a
// client and for the spooler.
#include <array>
#include <ostream>
#include <tuple>

#include "tests/store/conformance/conformance_fixture.h"

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

class StateTable : public AnyStoreTest,
                   public ::testing::WithParamInterface<std::tuple<StoreKind, State>> {
 protected:
  StateTable() : AnyStoreTest(std::get<StoreKind>(GetParam())) {
    support.on_expand = [this](mapi::Message&) {
      return mapi::StoreSupport::ExpandResult{.needs_preprocessing = preprocessed};
    };
    log_spooler_on();
    bring_into(state());
  }

  [[nodiscard]] static State state() { return std::get<State>(GetParam()); }
  void bring_into(State wanted) {
    second_handle = client->create_message(outbox(), letter());
    entry = second_handle->entry_id();
    const auto submit = [this] { client->open_entry(entry, Access::modify)->submit_message(); };
    switch (wanted) {
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

INSTANTIATE_TEST_SUITE_P(AllStates, StateTable,
                         ::testing::Combine(::testing::ValuesIn(store_kinds()),
                                            ::testing::ValuesIn(states)),
                         [](const auto& of) {
                           return std::string(std::get<StoreKind>(of.param).name) + "_" +
                                  ::testing::PrintToString(std::get<State>(of.param));
                         });

constexpr Code ok = mapi::S_OK;

TEST_P(StateTable, ClientOpensReadOnly) {
  const Row row{ok, ok, mapi::MAPI_E_NO_ACCESS, ok, mapi::MAPI_E_NOT_FOUND};
  ASSERT_EQ(open(*client, Access::read_only), row[state()]);
  if (row[state()] == ok) {
    EXPECT_EQ(edit(), mapi::MAPI_E_NO_ACCESS);
    EXPECT_EQ(code_of([&] { handle->save_changes(); }), mapi::MAPI_E_NO_ACCESS);
  }
}

TEST_P(StateTable, ClientOpensWithBestAccess) {
  const Row row{ok, ok, mapi::MAPI_E_NO_ACCESS, ok, mapi::MAPI_E_NOT_FOUND};
  ASSERT_EQ(open(*client, Access::best_access), row[state()]);
  if (row[state()] == ok) {
    EXPECT_EQ(edit(), is_queued() ? mapi::MAPI_E_NO_ACCESS : ok);
  }
}

TEST_P(StateTable, ClientOpensToModify) {
  const Row row{ok, mapi::MAPI_E_SUBMITTED, mapi::MAPI_E_SUBMITTED, ok, mapi::MAPI_E_NOT_FOUND};
  ASSERT_EQ(open(*client, Access::modify), row[state()]);
  if (row[state()] == ok) {
    EXPECT_EQ(edit(), ok);
  }
}

TEST_P(StateTable, ClientSavesThroughAnEarlierHandle) {
  const Row row{ok, mapi::MAPI_E_SUBMITTED, mapi::MAPI_E_SUBMITTED, ok,
                mapi::MAPI_E_OBJECT_DELETED};
  second_handle->edit().set(mapi::PR_SUBJECT, "changed");
  EXPECT_EQ(code_of([&] { second_handle->save_changes(); }), row[state()]);
  if (state() != State::gone) {
    const auto stored = spooler->open_entry(entry, Access::read_only);
    EXPECT_EQ(stored->message().get(mapi::PR_SUBJECT), row[state()] == ok ? "changed" : "Hello");
  }
}

TEST_P(StateTable, ClientSubmitsThroughAnEarlierHandle) {
  const Row row{ok, mapi::MAPI_E_SUBMITTED, mapi::MAPI_E_SUBMITTED, ok,
                mapi::MAPI_E_OBJECT_DELETED};
  EXPECT_EQ(code_of([&] { second_handle->submit_message(); }), row[state()]);
  EXPECT_EQ(is_queued(), state() != State::gone);
}

TEST_P(StateTable, ClientSubmitsThroughTheBestHandleItGets) {
  const Row row{ok, mapi::MAPI_E_SUBMITTED, mapi::MAPI_E_NO_ACCESS, ok, mapi::MAPI_E_NOT_FOUND};
  EXPECT_EQ(code_of([&] { client->open_entry(entry, Access::best_access)->submit_message(); }),
            row[state()]);
}

TEST_P(StateTable, ClientAborts) {
  const Row row{mapi::MAPI_E_NOT_IN_QUEUE, ok, mapi::MAPI_E_UNABLE_TO_ABORT,
                mapi::MAPI_E_NOT_IN_QUEUE, mapi::MAPI_E_NOT_IN_QUEUE};
  const bool was_queued = is_queued();
  EXPECT_EQ(code_of([&] { client->abort_submit(entry); }), row[state()]);
  EXPECT_EQ(is_queued(), was_queued && row[state()] != ok);
}

TEST_P(StateTable, ClientPutsOnHoldAndRetries) {
  const Row row{mapi::MAPI_E_NOT_IN_QUEUE, ok, ok, mapi::MAPI_E_NOT_IN_QUEUE,
                mapi::MAPI_E_NOT_IN_QUEUE};
  EXPECT_EQ(code_of([&] { client->set_on_hold(entry, true); }), row[state()]);
  EXPECT_EQ(code_of([&] { client->retry_now(entry); }), row[state()]);
  EXPECT_EQ(is_queued() && client->queue_row(entry)->on_hold, row[state()] == ok);
  EXPECT_EQ(code_of([&] { client->set_on_hold(entry, false); }), row[state()]);
}

/// The row for operations on several messages: what is skipped stays as it was.
constexpr Row skipping{ok, mapi::MAPI_E_SUBMITTED, mapi::MAPI_E_SUBMITTED, ok,
                       mapi::MAPI_E_NOT_FOUND};

TEST_P(StateTable, ClientDeletes) {
  const auto other = create(outbox(), "other");
  const auto result = client->delete_messages({entry, other});
  const bool deletes = skipping[state()] == ok;
  EXPECT_EQ(result.code(), deletes ? ok : mapi::MAPI_W_PARTIAL_COMPLETION);
  EXPECT_EQ(result.done, deletes ? std::vector({entry, other}) : std::vector({other}));
  EXPECT_EQ(skipped_of(result), deletes ? Skipped{} : Skipped({{entry, skipping[state()]}}));
  EXPECT_EQ(open(*spooler, Access::read_only),
            skipping[state()] == mapi::MAPI_E_SUBMITTED ? ok : mapi::MAPI_E_NOT_FOUND);
}

TEST_P(StateTable, ClientMoves) {
  const auto other = create(outbox(), "other");
  const bool was_queued = is_queued();
  const auto result = client->move_messages({entry, other}, inbox());
  const bool moves = skipping[state()] == ok;
  EXPECT_EQ(result.code(), moves ? ok : mapi::MAPI_W_PARTIAL_COMPLETION);
  EXPECT_EQ(skipped_of(result), moves ? Skipped{} : Skipped({{entry, skipping[state()]}}));
  EXPECT_EQ(entries_in(inbox()), result.done);
  EXPECT_EQ(result.done.size(), moves ? 2U : 1U);
  EXPECT_EQ(is_queued(), was_queued);
}

TEST_P(StateTable, ClientCopies) {
  const Row row{ok, ok, mapi::MAPI_E_NO_ACCESS, ok, mapi::MAPI_E_NOT_FOUND};
  const auto result = client->copy_messages({entry}, inbox());
  const bool copies = row[state()] == ok;
  EXPECT_EQ(skipped_of(result), copies ? Skipped{} : Skipped({{entry, row[state()]}}));
  ASSERT_EQ(result.done.size(), copies ? 1U : 0U);
  EXPECT_EQ(entries_in(inbox()), result.done);
  if (!copies) return;
  EXPECT_NE(result.done.front(), entry);
  EXPECT_FALSE(client->queue_row(result.done.front())) << "a copy is not submitted";
  const auto copy = client->open_entry(result.done.front(), Access::modify);
  EXPECT_EQ(copy->message().get(mapi::PR_BODY), "Dear all, Hello");
  EXPECT_EQ(copy->message().get(mapi::PR_MESSAGE_FLAGS),
            state() == State::sent ? 0 : mapi::MSGFLAG_UNSENT);
  EXPECT_FALSE(copy->message().get(mapi::PR_SUBMIT_FLAGS));
  EXPECT_FALSE(copy->message().get(mapi::PR_POSTERN_NEXT_ATTEMPT));
  copy->submit_message();
  EXPECT_TRUE(client->queue_row(result.done.front()));
}

TEST_P(StateTable, ClientEmptiesTheFolder) {
  const auto other = create(outbox(), "other");
  const auto result = client->empty_folder(outbox());
  const bool stays = skipping[state()] == mapi::MAPI_E_SUBMITTED;
  EXPECT_EQ(result.code(), stays ? mapi::MAPI_W_PARTIAL_COMPLETION : ok);
  EXPECT_EQ(skipped_of(result), stays ? Skipped({{entry, skipping[state()]}}) : Skipped{});
  EXPECT_EQ(entries_in(outbox()), stays ? std::vector({entry}) : std::vector<EntryId>{});
}

TEST_P(StateTable, ClientSetsTheReadFlag) {
  const bool was_queued = is_queued();
  const auto code = code_of([&] { client->set_read_flag(entry, 0); });
  EXPECT_EQ(code, state() == State::gone ? mapi::MAPI_E_NOT_FOUND : ok);
  if (state() == State::gone) return;
  const auto flags =
      spooler->open_entry(entry, Access::read_only)->message().get_or(mapi::PR_MESSAGE_FLAGS, 0);
  EXPECT_EQ(flags & mapi::MSGFLAG_READ, was_queued ? 0 : mapi::MSGFLAG_READ);
}

TEST_P(StateTable, SpoolerAborts) {
  const Row row{mapi::MAPI_E_NOT_IN_QUEUE, ok, ok, mapi::MAPI_E_NOT_IN_QUEUE,
                mapi::MAPI_E_NOT_IN_QUEUE};
  EXPECT_EQ(code_of([&] { spooler->abort_submit(entry); }), row[state()]);
  if (row[state()] != ok) return;
  EXPECT_FALSE(is_queued());
  EXPECT_EQ(open(*client, Access::modify), ok) << "no lock is left";
  EXPECT_EQ(handle->message().get(mapi::PR_MESSAGE_FLAGS), mapi::MSGFLAG_UNSENT);
  EXPECT_FALSE(handle->message().get(mapi::PR_SUBMIT_FLAGS));
}

TEST_P(StateTable, SpoolerClaims) {
  const bool due = state() == State::queued || state() == State::queued_pp;
  const auto claims = spooler->claim(mapi::FileTime::now(), 10);
  ASSERT_EQ(claims.size(), due ? 1U : 0U);
  if (!due) return;
  EXPECT_EQ(claims.front().entry, entry);
  EXPECT_EQ(claims.front().submit_flags, preprocessed ? mapi::SUBMITFLAG_PREPROCESS : 0);
  EXPECT_EQ(code_of([&] { client->abort_submit(entry); }), mapi::MAPI_E_UNABLE_TO_ABORT);
}

TEST_P(StateTable, SpoolerLocks) {
  const Row row{mapi::MAPI_E_NOT_IN_QUEUE, ok, ok, mapi::MAPI_E_NOT_IN_QUEUE,
                mapi::MAPI_E_NOT_IN_QUEUE};
  EXPECT_EQ(code_of([&] { spooler->set_lock_state(entry, LockState::locked); }), row[state()]);
  if (row[state()] == ok) {
    EXPECT_EQ(client->queue_row(entry)->submit_flags & mapi::SUBMITFLAG_LOCKED, 1);
  }
}

TEST_P(StateTable, SpoolerUnlocks) {
  const Row row{mapi::MAPI_E_NOT_IN_QUEUE, ok, ok, mapi::MAPI_E_NOT_IN_QUEUE,
                mapi::MAPI_E_NOT_IN_QUEUE};
  EXPECT_EQ(code_of([&] { spooler->set_lock_state(entry, LockState::unlocked); }), row[state()]);
  if (row[state()] == ok) {
    EXPECT_EQ(client->queue_row(entry)->submit_flags & mapi::SUBMITFLAG_LOCKED, 0);
    EXPECT_EQ(code_of([&] { client->abort_submit(entry); }), ok);
  }
}

TEST_P(StateTable, SpoolerOpensToModifyAndSaves) {
  const Row row{ok, ok, ok, ok, mapi::MAPI_E_NOT_FOUND};
  ASSERT_EQ(open(*spooler, Access::modify), row[state()]);
  if (row[state()] != ok) return;
  const bool was_queued = is_queued();
  handle->edit().set(mapi::PR_SUBJECT, "by the spooler");
  handle->save_changes();
  EXPECT_EQ(is_queued(), was_queued);
  EXPECT_EQ(spooler->open_entry(entry, Access::read_only)->message().get(mapi::PR_SUBJECT),
            "by the spooler");
}

TEST_P(StateTable, SpoolerSubmits) {
  if (state() == State::gone) return;
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
  EXPECT_EQ(code_of([&] { spooler->finished_msg(entry); }), row[state()]);
  EXPECT_EQ(is_queued(), was_queued && row[state()] != ok);
}

TEST_P(StateTable, ClientIsRefusedTheSpoolersMethods) {
  for (const auto& call : std::vector<std::function<void()>>{
           [&] { client->set_lock_state(entry, LockState::locked); },
           [&] { client->finished_msg(entry); }, [&] { client->save_and_finish(*second_handle); },
           [&] { client->notify_new_mail({}); }, [&] { client->claim(mapi::FileTime::now(), 1); },
           [&] { (void)client->next_due(); }, [&] { client->hold(entry, std::nullopt); },
           [&] { client->create_report(*second_handle, letter()); }}) {
    EXPECT_EQ(code_of(call), mapi::MAPI_E_NO_SUPPORT);
  }
}

TEST_P(StateTable, LockEndsWithTheSpoolersLogon) {
  handle = state() == State::gone ? nullptr : spooler->open_entry(entry, Access::modify);
  const bool was_queued = is_queued();
  spooler.reset();
  EXPECT_EQ(code_of([&] { client->abort_submit(entry); }),
            was_queued ? ok : mapi::MAPI_E_NOT_IN_QUEUE);
}

TEST_P(StateTable, HandleOfASpoolerThatLoggedOffIsAClients) {
  if (state() == State::gone) return;
  handle = spooler->open_entry(entry, Access::modify);
  spooler.reset();
  handle->edit().set(mapi::PR_SUBJECT, "too late");
  EXPECT_EQ(code_of([&] { handle->save_changes(); }), is_queued() ? mapi::MAPI_E_SUBMITTED : ok);
}

}  // namespace
}  // namespace postern::store::test
