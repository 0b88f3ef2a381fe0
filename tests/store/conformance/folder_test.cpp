// Folders of a store: how they are made, listed and deleted, and what is done to what lies in them.
#include "tests/store/conformance/conformance_fixture.h"

namespace postern::store::test {
namespace {

using mapi::EntryId;
using mapi::FolderDeletion;
using mapi::SpecialFolder;

class Folders : public Conformance {
 protected:
  [[nodiscard]] std::vector<std::string> names_in(const EntryId& folder) const {
    std::vector<std::string> names;
    for (const auto& row : client->folders(folder)) names.push_back(row.name);
    return names;
  }
};
POSTERN_WITH_EACH_STORE(Folders);

TEST_P(Folders, OfAMailboxLieInItsSubtree) {
  EXPECT_EQ(names_in(root()), (std::vector<std::string>{"Inbox", "Outbox", "Sent Items"}));
  EXPECT_EQ(client->folders(root()).front().entry_id, inbox());
  EXPECT_TRUE(client->folders(inbox()).empty());
}

TEST_P(Folders, AreMadeWithinOthersAndKnowTheirParentAndOwner) {
  const auto outer = client->create_folder(inbox(), "Projects");
  const auto inner = client->create_folder(outer, "Gate");
  const auto rows = client->folders(outer);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].entry_id, inner);
  EXPECT_EQ(rows[0].parent, outer);
  EXPECT_EQ(rows[0].owner, mapi::Mailbox{});
  EXPECT_EQ(rows[0].name, "Gate");
  const auto made = create(inner);
  EXPECT_EQ(entries_in(inner), std::vector{made});
}

TEST_P(Folders, HaveNamesThatAreNames) {
  client->create_folder(inbox(), "Caf\u00e9");
  EXPECT_EQ(code_of([&] { client->create_folder(inbox(), "Caf\u00e9"); }), mapi::MAPI_E_COLLISION);
  EXPECT_EQ(code_of([&] { client->create_folder(outbox(), "Caf\u00e9"); }), mapi::S_OK);
  EXPECT_EQ(code_of([&] { client->create_folder(inbox(), std::string(255, 'x')); }), mapi::S_OK);
  EXPECT_EQ(code_of([&] { client->create_folder(inbox(), std::string(256, 'x')); }),
            mapi::MAPI_E_STRING_TOO_LONG);
  for (const char* bad : {"", "a\nb", "\xff\xfe"}) {
    EXPECT_EQ(code_of([&] { client->create_folder(inbox(), bad); }),
              mapi::MAPI_E_INVALID_PARAMETER);
  }
  EXPECT_EQ(client->folders(inbox()).size(), 2U);
}

TEST_P(Folders, ThatAreNoneAreRefusedEverywhere) {
  const auto gone = client->create_folder(inbox(), "gone");
  EXPECT_EQ(client->delete_folder(gone, FolderDeletion::only_if_empty).code(), mapi::S_OK);
  const auto letter_id = create(outbox());
  const std::pair<EntryId, mapi::Code> none[] = {{gone, mapi::MAPI_E_NOT_FOUND},
                                                 {letter_id, mapi::MAPI_E_INVALID_ENTRYID},
                                                 {{}, mapi::MAPI_E_INVALID_ENTRYID}};
  for (const auto& one : none) {
    const auto& folder = one.first;
    for (const auto& call : std::vector<std::function<void()>>{
             [&] { (void)client->contents(folder); }, [&] { (void)client->folders(folder); },
             [&] { client->create_folder(folder, "x"); }, [&] { client->empty_folder(folder); },
             [&] { client->delete_folder(folder, FolderDeletion::only_if_empty); },
             [&] { client->move_messages({letter_id}, folder); },
             [&] { client->copy_messages({letter_id}, folder); },
             [&] { client->create_message(folder, letter()); },
             [&] { client->submit(folder, letter()); }}) {
      EXPECT_EQ(code_of(call), one.second);
    }
  }
  EXPECT_EQ(entries_in(outbox()), std::vector{letter_id});
}

TEST_P(Folders, AreDeletedWithWhatTheCallerAllows) {
  const auto outer = client->create_folder(inbox(), "outer");
  const auto inner = client->create_folder(outer, "inner");
  const auto deep = create(inner);
  const auto flat = create(outer);
  EXPECT_EQ(code_of([&] { client->delete_folder(outer, FolderDeletion::with_messages); }),
            mapi::MAPI_E_HAS_FOLDERS);
  EXPECT_EQ(code_of([&] { client->delete_folder(inner, FolderDeletion::only_if_empty); }),
            mapi::MAPI_E_HAS_MESSAGES);
  EXPECT_EQ(entries_in(inner), std::vector{deep}) << "a refusal deletes nothing";
  EXPECT_EQ(entries_in(outer), std::vector{flat});
  EXPECT_EQ(client->delete_folder(inner, FolderDeletion::with_messages).code(), mapi::S_OK);
  EXPECT_TRUE(client->folders(outer).empty());
  client->create_folder(client->create_folder(outer, "again"), "deeper");
  EXPECT_EQ(client->delete_folder(outer, FolderDeletion::with_messages_and_folders).done,
            std::vector{flat});
  EXPECT_TRUE(client->folders(inbox()).empty());
  for (const auto& gone : {deep, flat}) {
    EXPECT_EQ(code_of([&] { (void)message(gone); }), mapi::MAPI_E_NOT_FOUND);
  }
}

TEST_P(Folders, WithSubmittedMessagesStayWithThem) {
  const auto outer = client->create_folder(root(), "outer");
  const auto inner = client->create_folder(outer, "inner");
  const auto submitted = client->submit(inner, letter());
  const auto plain = create(outer);
  for (const auto& result :
       {client->delete_folder(outer, FolderDeletion::with_messages_and_folders),
        client->empty_folder(outer)}) {
    EXPECT_EQ(result.code(), mapi::MAPI_W_PARTIAL_COMPLETION);
    EXPECT_EQ(skipped_of(result), Skipped({{submitted, mapi::MAPI_E_SUBMITTED}}));
  }
  EXPECT_EQ(entries_in(inner), std::vector{submitted});
  EXPECT_EQ(code_of([&] { (void)message(plain); }), mapi::MAPI_E_NOT_FOUND);
  EXPECT_TRUE(client->queue_row(submitted));
}

TEST_P(Folders, ThatAreSpecialAreNotDeleted) {
  for (const auto special : {SpecialFolder::outbox, SpecialFolder::sent_items, SpecialFolder::inbox,
                             SpecialFolder::ipm_subtree}) {
    EXPECT_EQ(code_of([&] {
                client->delete_folder(client->folder(special),
                                      FolderDeletion::with_messages_and_folders);
              }),
              mapi::MAPI_E_NO_ACCESS);
  }
  client->empty_folder(root());
  EXPECT_EQ(client->folders(root()).size(), 3U);
}

TEST_P(Folders, AreReadPageByPage) {
  std::vector<EntryId> made;
  for (int i = 0; i < 7; ++i) {
    made.push_back(create(inbox(), std::to_string(i)));
    create(outbox(), "beside");
  }
  std::vector<EntryId> found;
  EntryId position;
  while (true) {
    const auto page = client->contents(inbox(), position, 3);
    if (page.empty()) break;
    EXPECT_LE(page.size(), 3U);
    for (const auto& row : page) found.push_back(row.entry_id);
    position = page.back().entry_id;
    if (found.size() == 3) client->delete_messages({position});
  }
  EXPECT_EQ(found, made) << "in the order they were made, though a page's last one went meanwhile";
  EXPECT_TRUE(client->contents(inbox(), made[1], 0).empty());
}

TEST_P(Folders, ShowTextsCutAndMessagesKeepThem) {
  auto wide = letter("wide", 200);
  std::string subject(254, 'a');
  subject += "\u00e9 and more";
  wide.set(mapi::PR_SUBJECT, subject);
  const auto entry = submit(wide);
  const auto row = client->contents(outbox()).at(0);
  EXPECT_EQ(row.subject, std::string(254, 'a')) << "no half character";
  EXPECT_EQ(row.display_to.size(), mapi::longest_table_text);
  EXPECT_EQ(client->queue_row(entry)->display_to, row.display_to);
  EXPECT_EQ(message(entry).get(mapi::PR_SUBJECT), subject);
  EXPECT_GT(message(entry).get(mapi::PR_DISPLAY_TO)->size(), 1'000U);
}

TEST_P(Folders, OperationsOnMessagesSkipWhatTheyCannotHave) {
  const auto there = create(outbox());
  const auto gone = create(outbox());
  client->delete_messages({gone});
  const auto submitted = submit();
  const Skipped skipped{{gone, mapi::MAPI_E_NOT_FOUND}, {submitted, mapi::MAPI_E_SUBMITTED}};
  const auto moved = client->move_messages({gone, there, submitted}, inbox());
  EXPECT_EQ(skipped_of(moved), skipped);
  EXPECT_EQ(moved.done, std::vector{there});
  const auto deleted = client->delete_messages({gone, there, submitted});
  EXPECT_EQ(skipped_of(deleted), skipped);
  EXPECT_EQ(client->delete_messages({}).code(), mapi::S_OK);
}

TEST_P(Folders, OperationsOnManyMessagesReachEachOfThem) {
  std::vector<EntryId> all;
  for (int i = 0; i < 230; ++i) all.push_back(create(outbox()));
  EXPECT_EQ(client->move_messages(all, inbox()).done, all);
  EXPECT_EQ(client->empty_folder(inbox()).done, all);
  EXPECT_TRUE(client->contents(inbox()).empty());
}

TEST_P(Folders, CopiesAreMessagesOfTheirOwn) {
  const auto original = create(outbox());
  client->set_read_flag(original, 0);
  const auto copy = client->copy_messages({original}, inbox()).done.at(0);
  EXPECT_EQ(message(copy).get(mapi::PR_MESSAGE_FLAGS),
            message(original).get(mapi::PR_MESSAGE_FLAGS));
  EXPECT_EQ(message(copy).recipients, message(original).recipients);
  const auto handle = client->open_entry(copy, mapi::Access::modify);
  handle->edit().set(mapi::PR_BODY, "another");
  handle->save_changes();
  EXPECT_EQ(message(original).get(mapi::PR_BODY), "Dear all, Hello");
  client->delete_messages({original});
  EXPECT_EQ(message(copy).get(mapi::PR_BODY), "another");
}

/// A row of the table of SetReadFlag (§8.6).
struct ReadFlagCase {
  std::int32_t before;
  std::int32_t arguments;
  mapi::Code code;
  std::int32_t after;
};

TEST_P(Folders, ReadFlagsChangeAsTheArgumentsSay) {
  using namespace mapi;
  constexpr auto pending = MSGFLAG_RN_PENDING | MSGFLAG_NRN_PENDING;
  const ReadFlagCase cases[] = {
      {0, 0, S_OK, MSGFLAG_READ},
      {MSGFLAG_READ, 0, S_OK, MSGFLAG_READ},
      {MSGFLAG_READ, CLEAR_READ_FLAG, S_OK, 0},
      {pending, SUPPRESS_RECEIPT, S_OK, MSGFLAG_READ},
      {pending, GENERATE_RECEIPT_ONLY, S_OK, 0},
      {pending, CLEAR_RN_PENDING, S_OK, MSGFLAG_NRN_PENDING},
      {pending, CLEAR_NRN_PENDING, S_OK, MSGFLAG_RN_PENDING},
      {pending | MSGFLAG_READ, CLEAR_RN_PENDING | CLEAR_NRN_PENDING, S_OK, MSGFLAG_READ},
      {0, SUPPRESS_RECEIPT | CLEAR_READ_FLAG, MAPI_E_INVALID_PARAMETER, 0},
      {0, CLEAR_READ_FLAG | GENERATE_RECEIPT_ONLY, MAPI_E_INVALID_PARAMETER, 0},
      {0, 0x2, MAPI_E_UNKNOWN_FLAGS, 0},
  };
  for (const auto& row : cases) {
    auto given = letter();
    given.set(PR_MESSAGE_FLAGS, row.before);
    const auto entry = client->create_message(inbox(), given)->entry_id();
    EXPECT_EQ(code_of([&] { client->set_read_flag(entry, row.arguments); }), row.code)
        << row.arguments;
    EXPECT_EQ(message(entry).get(PR_MESSAGE_FLAGS), row.after)
        << row.before << " with " << row.arguments;
  }
}

TEST_P(Folders, AnOpenHandleDoesNotTakeTheReadFlagBack) {
  const auto entry = create(inbox());
  const auto handle = client->open_entry(entry, mapi::Access::modify);
  client->set_read_flag(entry, 0);
  handle->edit().set(mapi::PR_SUBJECT, "changed");
  handle->save_changes();
  EXPECT_NE(message(entry).get_or(mapi::PR_MESSAGE_FLAGS, 0) & mapi::MSGFLAG_READ, 0);
  EXPECT_EQ(message(entry).get(mapi::PR_SUBJECT), "changed");
}

}  // namespace
}  // namespace postern::store::test
