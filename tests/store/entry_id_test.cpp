// Entry ids of the SQLite store: what they refuse, and their numbers for people.
#include "store/display_id.h"
#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

using mapi::Access;
using mapi::EntryId;
using mapi::LockState;

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
             [&] {
               client->move_messages({good, entry}, outbox());
             },
             [&] {
               client->copy_messages({good, entry}, outbox());
             },
             [&] { client->set_read_flag(entry, 0); }, [&] { (void)client->mailbox_of(entry); },
             [&] { client->delete_messages({entry}); }, [&] { client->abort_submit(entry); },
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
  client->delete_messages({first});
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
