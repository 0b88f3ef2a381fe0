#include "store_state.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <postern/mapi/property_tags.h>
#include <postern/session/folders.h>
#include <postern/session/submission.h>

using namespace postern::mapi;
namespace session = postern::session;

namespace memory_store {
namespace {

// An entry id: what it names, which store, and a number that grows.
constexpr std::byte of_store{0};
constexpr std::byte of_folder{1};
constexpr std::byte of_message{2};
constexpr std::size_t entry_id_size = 1 + 2 * sizeof(std::int64_t);

void append_number(EntryId& entry, std::int64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    entry.bytes.push_back(static_cast<std::byte>((number >> shift) & 0xFF));
  }
}

struct NamedFolder {
  SpecialFolder folder;
  const char* name;
};
constexpr std::array special_folders{
    NamedFolder{SpecialFolder::outbox, "Outbox"},
    NamedFolder{SpecialFolder::sent_items, "Sent Items"},
    NamedFolder{SpecialFolder::inbox, "Inbox"},
};

}  // namespace

bool Stored::is_locked() const {
  return (submit_flags & SUBMITFLAG_LOCKED) != 0;
}

std::optional<FileTime> Stored::due() const {
  if (is_held_without_end || is_on_hold) return std::nullopt;
  FileTime time = held_until.value_or(FileTime{});
  for (const auto tag : {PR_DEFERRED_SEND_TIME, PR_POSTERN_NEXT_ATTEMPT}) {
    const auto wanted = message.get_or(tag, FileTime{});
    if (!wanted.is_none()) time = std::max(time, wanted);
  }
  return time;
}

State::State(StoreSupport& store_support) : support(store_support) {
  static std::atomic<std::int64_t> stores{0};
  number_ = ++stores;
  add_mailbox({});
}

EntryId State::entry_id() const {
  EntryId entry;
  entry.bytes.push_back(of_store);
  append_number(entry, number_);
  return entry;
}

EntryId State::make_entry_id(std::byte kind) {
  EntryId entry;
  entry.bytes.push_back(kind);
  append_number(entry, number_);
  append_number(entry, ++last_number_);
  return entry;
}

void State::require_kind(const EntryId& entry, std::byte kind) const {
  const bool is_message = kind == of_message;
  if (entry.bytes.size() != entry_id_size || entry.bytes.front() != kind) {
    throw Failure(MAPI_E_INVALID_ENTRYID,
                  is_message ? "the entry id names no message" : "the entry id names no folder");
  }
}

const Folder& State::find_folder(const EntryId& entry) const {
  require_kind(entry, of_folder);
  const auto found = folders.find(entry);
  if (found == folders.end()) throw Failure(MAPI_E_NOT_FOUND, "there is no such folder");
  return found->second;
}

EntryId State::special_folder(const Mailbox& mailbox, SpecialFolder folder) const {
  const auto found = std::ranges::find_if(folders, [&](const auto& entry) {
    return entry.second.owner == mailbox && entry.second.special == folder;
  });
  if (found == folders.end()) {
    throw Failure(MAPI_E_NOT_FOUND, "there is no mailbox '" + mailbox.name + "'");
  }
  return found->first;
}

EntryId State::receive_folder(const Mailbox& mailbox, std::string_view message_class) const {
  std::vector<std::string> classes;
  for (const auto& [key, folder] : receive_folders) {
    if (key.first == mailbox) classes.push_back(key.second);
  }
  const auto longest = session::longest_prefix(classes, message_class);
  return longest ? receive_folders.at({mailbox, *longest})
                 : special_folder(mailbox, SpecialFolder::inbox);
}

bool State::has_mailbox(const Mailbox& mailbox) const {
  return std::ranges::any_of(folders,
                             [&](const auto& entry) { return entry.second.owner == mailbox; });
}

void State::add_mailbox(const Mailbox& mailbox) {
  const auto root = add_folder({mailbox, {}, "IPM_SUBTREE", SpecialFolder::ipm_subtree});
  for (const auto& special : special_folders) {
    add_folder({mailbox, root, special.name, special.folder});
  }
}

EntryId State::add_folder(Folder folder) {
  auto entry = make_entry_id(of_folder);
  folders[entry] = std::move(folder);
  return entry;
}

std::vector<EntryId> State::folders_in(const EntryId& folder) const {
  std::vector<EntryId> found;
  for (const auto& [entry, other] : folders) {
    if (other.parent == folder) found.push_back(entry);
  }
  return found;
}

std::vector<EntryId> State::messages_in(const EntryId& folder) const {
  std::vector<EntryId> found;
  for (const auto& [entry, stored] : messages) {
    if (stored.folder == folder) found.push_back(entry);
  }
  return found;
}

Stored& State::find(const EntryId& entry) {
  require_kind(entry, of_message);
  const auto found = messages.find(entry);
  if (found == messages.end()) throw Failure(MAPI_E_NOT_FOUND, "there is no such message");
  return found->second;
}

/// A message that was deleted after it was sent is not queued any more.
Stored& State::find_queued(const EntryId& entry) {
  require_kind(entry, of_message);
  const auto found = messages.find(entry);
  if (found == messages.end() || !found->second.queue_position) {
    throw Failure(MAPI_E_NOT_IN_QUEUE, "the message is not queued");
  }
  return found->second;
}

EntryId State::add(const EntryId& folder, Message message) {
  find_folder(folder);
  auto entry = make_entry_id(of_message);
  messages[entry] = {std::move(message), folder};
  return entry;
}

Message State::opened(const EntryId& entry, const Stored& stored) {
  auto message = stored.message;
  message.set(PR_ENTRYID, entry.bytes);
  if (stored.queue_position) {
    message.set(PR_SUBMIT_FLAGS, stored.submit_flags);
  } else {
    message.erase(PR_SUBMIT_FLAGS);
  }
  return message;
}

OwnRecipients State::own_recipients() const {
  return [known = addresses](const std::string& address) -> std::optional<Mailbox> {
    const auto found = known.find(address);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  };
}

std::vector<NewMail> State::deliver(std::vector<session::OwnDelivery> deliveries) {
  std::vector<NewMail> delivered;
  for (auto& [mailbox, message] : deliveries) {
    message.set(PR_MESSAGE_FLAGS, session::new_message_flags(message));
    NewMail mail;
    mail.message_class = message.get_or(PR_MESSAGE_CLASS, "");
    mail.folder = receive_folder(mailbox, mail.message_class);
    mail.message = add(mail.folder, std::move(message));
    delivered.push_back(std::move(mail));
  }
  return delivered;
}

void State::enqueue(const EntryId& entry, std::int32_t submit_flags) {
  auto& stored = find(entry);
  auto time = stored.message.get_or(PR_CLIENT_SUBMIT_TIME, FileTime{});
  if (!queue.empty()) time = std::max(time, queue.rbegin()->first.first);
  stored.queue_position = {time, ++last_submission_};
  stored.submit_flags = submit_flags;
  queue[{time, last_submission_}] = entry;
}

void State::dequeue(Stored& stored) {
  queue.erase({stored.queue_position->client_submit_time, stored.queue_position->sequence});
  stored.queue_position.reset();
  stored.submit_flags = 0;
  stored.held_until.reset();
  stored.is_held_without_end = false;
  stored.is_on_hold = false;
}

std::int64_t State::advise(StoreObserver observer) {
  const Lock lock(observer_mutex_);
  observers_[++last_observer_] = std::move(observer);
  return last_observer_;
}

void State::unadvise(std::int64_t number) {
  const Lock lock(observer_mutex_);
  observers_.erase(number);
}

void State::tell(QueueEvent event, const EntryId& entry) {
  const Lock lock(observer_mutex_);
  for (const auto& [number, observer] : observers_) {
    if (observer.outgoing_queue) observer.outgoing_queue(event, entry);
  }
}

void State::tell(const NewMail& mail) {
  const Lock lock(observer_mutex_);
  for (const auto& [number, observer] : observers_) {
    if (observer.new_mail) observer.new_mail(mail);
  }
}

void State::warn(const EntryId& entry, const std::string& sentence) {
  const Lock lock(observer_mutex_);
  for (const auto& [number, observer] : observers_) {
    if (observer.warning) observer.warning(entry, sentence);
  }
}

}  // namespace memory_store
