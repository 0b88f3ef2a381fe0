#include "tests/store/power_loss/found_objects.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include "mapi/address.h"

namespace postern::store::test {
namespace {

constexpr std::array special_folders{mapi::SpecialFolder::outbox, mapi::SpecialFolder::sent_items,
                                     mapi::SpecialFolder::inbox, mapi::SpecialFolder::ipm_subtree};
constexpr std::size_t no_limit = 1'000'000;

using QueueRows = std::map<mapi::EntryId, mapi::OutgoingQueueRow>;

class MailboxWalk {
 public:
  MailboxWalk(mapi::MsgStore& store, const QueueRows& queue, std::vector<FoundObject>& found)
      : store_(store), queue_(queue), found_(found) {}

  void visit(const mapi::EntryId& folder) {
    for (const auto& row : store_.contents(folder, {}, no_limit)) add_message(folder, row.entry_id);
    for (const auto& row : store_.folders(folder)) {
      if (!is_special(row.entry_id)) add_folder(row);
      visit(row.entry_id);
    }
  }

 private:
  [[nodiscard]] bool is_special(const mapi::EntryId& folder) const {
    return std::ranges::any_of(special_folders,
                               [&](auto special) { return store_.folder(special) == folder; });
  }
  void add_message(const mapi::EntryId& folder, const mapi::EntryId& entry) {
    FoundObject object{.entry = entry, .folder = folder};
    object.value = store_.open_entry(entry, mapi::Access::read_only)->message();
    if (const auto row = queue_.find(entry); row != queue_.end()) object.queued = row->second;
    found_.push_back(std::move(object));
  }
  void add_folder(const mapi::FolderRow& row) {
    FoundObject object{.kind = ObjectKind::folder, .entry = row.entry_id, .folder = row.parent};
    object.value.set(mapi::PR_DISPLAY_NAME, row.name);
    found_.push_back(std::move(object));
  }

  mapi::MsgStore& store_;
  const QueueRows& queue_;
  std::vector<FoundObject>& found_;
};

template <mapi::PropertyType... Types>
constexpr std::array<std::uint16_t, sizeof...(Types)> ids(mapi::Tag<Types>... tags) {
  return {tags.id...};
}

constexpr auto ids(const mapi::AddressGroup& group) {
  return ids(group.entry_id, group.display_name, group.address_type, group.email_address,
             group.smtp_address, group.search_key);
}

/// What the store adds to a message by itself. What else is there, and was not given, is wrong.
constexpr auto added_to_messages =
    ids(mapi::PR_ENTRYID, mapi::PR_MESSAGE_SIZE, mapi::PR_MESSAGE_FLAGS, mapi::PR_SUBMIT_FLAGS,
        mapi::PR_DISPLAY_TO, mapi::PR_DISPLAY_CC, mapi::PR_DISPLAY_BCC, mapi::PR_HASATTACH,
        mapi::PR_SEARCH_KEY, mapi::PR_CLIENT_SUBMIT_TIME, mapi::PR_POSTERN_ENVELOPE_ID,
        mapi::PR_INTERNET_MESSAGE_ID, mapi::PR_MESSAGE_DELIVERY_TIME);
constexpr auto added_to_copies = ids(mapi::received_by_group);
constexpr auto added_to_copies_as_well = ids(mapi::rcvd_representing_group);
/// The outcome of a row whose recipient is of this store.
constexpr auto added_to_rows =
    ids(mapi::PR_ROWID, mapi::PR_POSTERN_VERDICT, mapi::PR_POSTERN_STAGE,
        mapi::PR_POSTERN_REPLY_CODE, mapi::PR_POSTERN_STATUS, mapi::PR_POSTERN_REPLY_TEXT,
        mapi::PR_POSTERN_HOST, mapi::PR_POSTERN_OUTCOME_TIME, mapi::PR_POSTERN_OWN_WORDS,
        mapi::PR_POSTERN_NEXT_HOP_REPORTS, mapi::PR_POSTERN_ATTEMPTS, mapi::PR_DELIVER_TIME,
        mapi::PR_REPORT_TIME, mapi::PR_SUPPLEMENTARY_INFO);

bool is_added_to_message(std::uint16_t id) {
  return std::ranges::count(added_to_messages, id) + std::ranges::count(added_to_copies, id) +
             std::ranges::count(added_to_copies_as_well, id) !=
         0;
}
bool is_added_to_row(std::uint16_t id) {
  return std::ranges::count(added_to_rows, id) != 0;
}
bool is_added_to_none(std::uint16_t /*id*/) {
  return false;
}

std::string property(std::uint16_t id) {
  constexpr const char* digits = "0123456789ABCDEF";
  std::string name = "property ";
  for (int shift = 12; shift >= 0; shift -= 4) name += digits[(id >> shift) & 0xF];
  return name;
}

std::string bag_difference(const mapi::PropertyBag& found, const mapi::PropertyBag& expected,
                           bool (*is_added)(std::uint16_t)) {
  for (const auto& [id, value] : expected.properties()) {
    const auto* there = found.find(id);
    if (there == nullptr) return property(id) + " is missing";
    if (*there != value) return property(id) + " is another";
  }
  for (const auto& [id, value] : found.properties()) {
    if (expected.find(id) == nullptr && !is_added(id)) return property(id) + " was never given";
  }
  return {};
}

std::string in(const std::string& part, std::size_t number, const std::string& difference) {
  return difference.empty() ? difference : part + std::to_string(number) + ": " + difference;
}

std::string message_difference(const mapi::Message& found, const mapi::Message& expected,
                               bool (*is_added)(std::uint16_t));

std::string attachment_difference(const mapi::Attachment& found, const mapi::Attachment& expected) {
  if (auto wrong = bag_difference(found, expected, is_added_to_none); !wrong.empty()) return wrong;
  if ((found.embedded != nullptr) != (expected.embedded != nullptr)) return "it embeds another";
  if (found.embedded) {
    return message_difference(*found.embedded, *expected.embedded, is_added_to_none);
  }
  if (found.data.size() != expected.data.size()) return "its length is another";
  return found.data.read_all() == expected.data.read_all() ? "" : "its octets are others";
}

std::string message_difference(const mapi::Message& found, const mapi::Message& expected,
                               bool (*is_added)(std::uint16_t)) {
  auto wrong = bag_difference(found, expected, is_added);
  if (!wrong.empty()) return wrong;
  if (found.recipients.size() != expected.recipients.size()) return "its recipients are others";
  if (found.attachments.size() != expected.attachments.size()) return "its attachments are others";
  for (std::size_t i = 0; wrong.empty() && i < found.recipients.size(); ++i) {
    wrong = in("recipient ", i,
               bag_difference(found.recipients[i], expected.recipients[i], is_added_to_row));
  }
  for (std::size_t i = 0; wrong.empty() && i < found.attachments.size(); ++i) {
    wrong =
        in("attachment ", i, attachment_difference(found.attachments[i], expected.attachments[i]));
  }
  return wrong;
}

std::string queue_difference(const FoundObject& found, const Expected& expected) {
  const auto flags =
      found.value.get_or(mapi::PR_MESSAGE_FLAGS, 0) & (mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT);
  if (flags != expected.sending) return "its flags are " + std::to_string(flags);
  if (found.queued.has_value() != expected.is_queued()) {
    return found.queued ? "it is queued" : "it is not queued";
  }
  if (!found.queued) return {};
  if (found.queued->on_hold != expected.on_hold) return "it is on hold, or was";
  if (found.queued->next_attempt != expected.next_attempt) return "its next attempt is another";
  if (found.queued->held_without_end != expected.held_without_end) return "it is held, or was";
  return {};
}

}  // namespace

std::vector<FoundObject> find_objects(mapi::MSProvider& provider) {
  QueueRows queue;
  for (auto& row : provider.logon()->outgoing_queue(std::nullopt, no_limit)) {
    queue.emplace(row.entry_id, row);
  }
  std::vector<FoundObject> found;
  for (const auto& mailbox : provider.mailboxes()) {
    const auto store = provider.logon(mailbox);
    MailboxWalk(*store, queue, found).visit(store->folder(mapi::SpecialFolder::ipm_subtree));
  }
  return found;
}

std::vector<std::string> faults_of_file(const std::filesystem::path& store) {
  std::vector<std::string> faults;
  SQLite::Database file(store.string(), SQLite::OPEN_READWRITE);
  SQLite::Statement integrity(file, "PRAGMA integrity_check");
  while (integrity.executeStep()) {
    const auto answer = integrity.getColumn(0).getString();
    if (answer != "ok") faults.push_back("the file: " + answer);
  }
  SQLite::Statement keys(file, "PRAGMA foreign_key_check");
  while (keys.executeStep()) {
    faults.push_back("the file: a row of " + keys.getColumn(0).getString() +
                     " refers to one that is not there");
  }
  const auto ownerless = file.execAndGet(
      "SELECT (SELECT count(*) FROM content WHERE writer IS NOT NULL"
      " OR id NOT IN (SELECT content_id FROM attachment WHERE content_id IS NOT NULL))"
      " + (SELECT count(*) FROM content_chunk WHERE content_id NOT IN (SELECT id FROM content))");
  if (ownerless.getInt64() != 0) faults.emplace_back("the file: attachment data that nobody has");
  return faults;
}

std::string difference(const FoundObject& found, const Expected& expected) {
  if (found.folder != expected.folder) return "it lies in another folder";
  if (found.kind == ObjectKind::message) {
    if (auto wrong = queue_difference(found, expected); !wrong.empty()) return wrong;
  }
  return message_difference(found.value, expected.value, is_added_to_message);
}

}  // namespace postern::store::test
