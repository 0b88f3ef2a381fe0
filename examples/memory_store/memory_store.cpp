#include "memory_store.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <postern/mapi/property_tags.h>
#include <postern/session/folders.h>
#include <postern/session/logoff.h>
#include <postern/session/report.h>
#include <postern/session/submission.h>
#include <string>
#include <utility>
#include <vector>

#include "memory_handle.h"
#include "store_object.h"

using namespace postern::mapi;
namespace session = postern::session;

namespace memory_store {
namespace {

class MemorySubscription final : public Subscription {
 public:
  MemorySubscription(std::shared_ptr<State> state, StoreObserver observer)
      : state_(std::move(state)), number_(state_->advise(std::move(observer))) {}
  ~MemorySubscription() override { state_->unadvise(number_); }
  MemorySubscription(const MemorySubscription&) = delete;
  MemorySubscription& operator=(const MemorySubscription&) = delete;

 private:
  std::shared_ptr<State> state_;
  std::int64_t number_;
};

OutgoingQueueRow make_queue_row(const EntryId& entry, const Stored& stored) {
  const auto& message = stored.message;
  OutgoingQueueRow row;
  row.entry_id = entry;
  row.sequence = stored.queue_position->sequence;
  row.client_submit_time = stored.queue_position->client_submit_time;
  row.subject = table_text(message, PR_SUBJECT);
  row.sender_name = table_text(message, PR_SENDER_NAME);
  row.display_to = table_text(message, PR_DISPLAY_TO);
  row.display_cc = table_text(message, PR_DISPLAY_CC);
  row.display_bcc = table_text(message, PR_DISPLAY_BCC);
  row.message_flags = message.get_or(PR_MESSAGE_FLAGS, 0);
  row.submit_flags = stored.submit_flags;
  row.priority = message.get_or(PR_PRIORITY, 0);
  row.message_size = size_of(message);
  row.deferred_send_time = message.get(PR_DEFERRED_SEND_TIME);
  row.next_attempt = stored.held_until ? stored.held_until : message.get(PR_POSTERN_NEXT_ATTEMPT);
  row.on_hold = stored.is_on_hold;
  row.held_without_end = stored.is_held_without_end;
  return row;
}

/// As it is stored.
Message come_in(Message message) {
  message = session::received(std::move(message), FileTime::now());
  message.set(PR_MESSAGE_FLAGS, session::new_message_flags(message));
  session::set_computed_properties(message);
  return message;
}

}  // namespace

std::string table_text(const Message& message, Tag<PropertyType::unicode> tag) {
  return session::table_text(message.get_or(tag, ""));
}

std::uint64_t size_of(const Message& message) {
  std::uint64_t size = message.get_or(PR_BODY, "").size() + message.get_or(PR_SUBJECT, "").size();
  for (const auto& attachment : message.attachments) size += attachment.data.size();
  return size;
}

std::unique_ptr<Subscription> MemoryStore::advise(StoreObserver observer) {
  (void)state();
  return std::make_unique<MemorySubscription>(state_, std::move(observer));
}

bool MemoryStore::queue_is_empty() const {
  const Lock lock(state().mutex);
  return state().queue.empty();
}

void MemoryStore::notify_new_mail(const NewMail& mail) {
  require_spooler();
  state().tell(mail);
}

State& MemoryStore::state() const {
  if (!state_) throw Failure(MAPI_E_INVALID_OBJECT, "the store was logged off from");
  return *state_;
}

void MemoryStore::require_spooler() const {
  (void)state();
  if (!logon_) throw Failure(MAPI_E_NO_SUPPORT, "only the spooler's logon may do that");
}

std::unique_ptr<MessageHandle> MemoryStore::handle(const EntryId& entry, bool writable) {
  return std::make_unique<MemoryHandle>(state_, logon_, entry, writable);
}

std::unique_ptr<MessageHandle> MemoryStore::create_message(const EntryId& folder, Message message) {
  message.set(PR_MESSAGE_FLAGS, session::new_message_flags(message));
  session::set_computed_properties(message);
  const Lock lock(state().mutex);
  const auto entry = state().add(folder, std::move(message));
  return handle(entry, true);
}

EntryId MemoryStore::submit(const EntryId& folder, Message message) {
  message.set(PR_MESSAGE_FLAGS, session::new_message_flags(message));
  OwnRecipients own;
  {
    const Lock lock(state().mutex);
    own = state().own_recipients();
  }
  auto submission = session::prepare_submission(message, state().support, FileTime::now(), &own);
  EntryId entry;
  std::vector<NewMail> delivered;
  {
    const Lock lock(state().mutex);
    entry = state().add(folder, std::move(message));
    state().enqueue(entry, submission.submit_flags);
    delivered = state().deliver(std::move(submission.deliveries));
  }
  state().tell(QueueEvent::row_added, entry);
  for (const auto& mail : delivered) state().tell(mail);
  return entry;
}

/// The first three rows of the client's table of §4; they do not apply to the spooler.
void MemoryStore::require_openable(const Stored& stored, Access access) const {
  if (logon_ || !stored.queue_position) return;
  if (access == Access::modify) {
    throw Failure(MAPI_E_SUBMITTED, "the message is submitted; cancel that before changing it");
  }
  if (stored.is_locked()) throw Failure(MAPI_E_NO_ACCESS, "the message is being sent right now");
}

std::unique_ptr<MessageHandle> MemoryStore::open_entry(const EntryId& entry, Access access) {
  const Lock lock(state().mutex);
  const auto& stored = state().find(entry);
  require_openable(stored, access);
  const bool may_change = logon_ || !stored.queue_position;
  return handle(entry, may_change && access != Access::read_only);
}

std::vector<EntryId> MemoryStore::find_messages(Correlator by, std::string_view value,
                                                std::size_t limit) const {
  const auto tag = by == Correlator::envelope_id ? PR_POSTERN_ENVELOPE_ID : PR_INTERNET_MESSAGE_ID;
  const Lock lock(state().mutex);
  const auto& messages = state().messages;
  std::vector<EntryId> found;
  for (auto next = messages.rbegin(); next != messages.rend() && found.size() < limit; ++next) {
    if (next->second.message.get(tag) == value) found.push_back(next->first);
  }
  return found;
}

void MemoryStore::abort_submit(const EntryId& entry) {
  {
    const Lock lock(state().mutex);
    auto& stored = state().find_queued(entry);
    if (stored.is_locked() && !logon_) {
      throw Failure(MAPI_E_UNABLE_TO_ABORT, "the message is being sent right now");
    }
    const auto flags = stored.message.get_or(PR_MESSAGE_FLAGS, 0);
    stored.message.set(PR_MESSAGE_FLAGS, (flags & ~MSGFLAG_SUBMIT) | MSGFLAG_UNSENT);
    session::undo_submission(stored.message, stored.submit_flags);
    ++stored.changes;
    state().dequeue(stored);
  }
  state().tell(QueueEvent::row_deleted, entry);
}

std::vector<OutgoingQueueRow> MemoryStore::outgoing_queue(std::optional<QueuePosition> after,
                                                          std::size_t limit) const {
  const Lock lock(state().mutex);
  const auto& queue = state().queue;
  auto next =
      after ? queue.upper_bound({after->client_submit_time, after->sequence}) : queue.begin();
  std::vector<OutgoingQueueRow> rows;
  for (; next != queue.end() && rows.size() < limit; ++next) {
    rows.push_back(make_queue_row(next->second, state().messages.at(next->second)));
  }
  return rows;
}

std::optional<OutgoingQueueRow> MemoryStore::queue_row(const EntryId& entry) const {
  const Lock lock(state().mutex);
  try {
    return make_queue_row(entry, state().find_queued(entry));
  } catch (const Failure& failure) {
    if (failure.code() != MAPI_E_NOT_IN_QUEUE) throw;
    return std::nullopt;
  }
}

void MemoryStore::set_on_hold(const EntryId& entry, bool on_hold) {
  {
    const Lock lock(state().mutex);
    auto& stored = state().find_queued(entry);
    stored.is_on_hold = on_hold;
    if (on_hold) stored.is_held_without_end = false;
  }
  state().tell(QueueEvent::row_modified, entry);
}

std::vector<EntryId> MemoryStore::attempts_beyond(FileTime latest, FileTime now,
                                                  std::size_t limit) const {
  const Lock lock(state().mutex);
  std::multimap<FileTime, EntryId> found;
  for (const auto& [position, queued] : state().queue) {
    const auto& stored = state().messages.at(queued);
    const auto due = stored.due();
    const auto deferred = stored.message.get_or(PR_DEFERRED_SEND_TIME, {});
    if (!deferred.is_none() && deferred > now) continue;
    if (due && *due > latest) found.emplace(*due, queued);
  }
  std::vector<EntryId> first;
  for (auto next = found.begin(); next != found.end() && first.size() < limit; ++next) {
    first.push_back(next->second);
  }
  return first;
}

void MemoryStore::retry_now(const std::optional<EntryId>& entry) {
  {
    const Lock lock(state().mutex);
    if (entry) state().find_queued(*entry);
    for (const auto& [position, queued] : state().queue) {
      auto& stored = state().messages.at(queued);
      if (stored.is_on_hold || (entry && queued != *entry)) continue;
      stored.held_until.reset();
      stored.message.erase(PR_POSTERN_NEXT_ATTEMPT);
      ++stored.changes;
    }
  }
  state().tell(QueueEvent::table_changed, {});
}

/// A client has nothing in progress: the sending is the spooler's.
LogoffResult MemoryStore::store_logoff(Logoff how) {
  bool sending = false;
  bool queued = false;
  {
    const Lock lock(state().mutex);
    queued = !state().queue.empty();
    sending = logon_ && std::ranges::any_of(state().messages, [](const auto& message) {
                return message.second.is_locked();
              });
  }
  const auto result = session::logoff(how, sending, queued);
  if (result.complete) {
    end_locks();
    state_.reset();
  }
  return result;
}

// The spooler's methods.

/// The spooler's locks end with its logon.
void MemoryStore::end_locks() {
  if (!state_ || !logon_) return;
  const Lock lock(state_->mutex);
  for (auto& [entry, stored] : state_->messages) {
    stored.submit_flags &= ~SUBMITFLAG_LOCKED;
    stored.is_held_without_end = false;
  }
  logon_.reset();
}

std::vector<MsgStore::Claim> MemoryStore::claim(FileTime now, std::size_t limit) {
  require_spooler();
  const Lock lock(state().mutex);
  std::vector<Claim> claims;
  for (const auto& [position, entry] : state().queue) {
    if (claims.size() == limit) break;
    auto& stored = state().messages.at(entry);
    const auto due = stored.due();
    if (stored.is_locked() || !due || *due > now) continue;
    claims.push_back({entry, stored.submit_flags});
    stored.submit_flags |= SUBMITFLAG_LOCKED;
  }
  return claims;
}

std::optional<FileTime> MemoryStore::next_due() const {
  require_spooler();
  const Lock lock(state().mutex);
  std::optional<FileTime> next;
  for (const auto& [position, entry] : state().queue) {
    const auto& stored = state().messages.at(entry);
    const auto due = stored.due();
    if (due && !stored.is_locked()) next = next ? std::min(*next, *due) : *due;
  }
  return next;
}

void MemoryStore::hold(const EntryId& entry, std::optional<FileTime> until) {
  require_spooler();
  const Lock lock(state().mutex);
  auto& stored = state().find_queued(entry);
  stored.held_until = until;
  stored.is_held_without_end = !until && !stored.is_on_hold;
  stored.submit_flags &= ~SUBMITFLAG_LOCKED;
}

void MemoryStore::set_lock_state(const EntryId& entry, LockState lock_state) {
  require_spooler();
  const Lock lock(state().mutex);
  auto& stored = state().find_queued(entry);
  stored.is_held_without_end = false;
  auto& flags = stored.submit_flags;
  flags = lock_state == LockState::locked ? flags | SUBMITFLAG_LOCKED : flags & ~SUBMITFLAG_LOCKED;
}

void MemoryStore::finished_msg(const EntryId& entry) {
  require_spooler();
  std::optional<std::string> warning;
  {
    const Lock lock(state().mutex);
    warning = settle(entry, require_finishable(entry));
  }
  state().tell(QueueEvent::row_deleted, entry);
  if (warning) state().warn(entry, *warning);
}

void MemoryStore::save_and_finish(MessageHandle& message) {
  require_spooler();
  const auto entry = message.entry_id();
  Message before;
  {
    const Lock lock(state().mutex);
    before = require_finishable(entry).message;
  }
  message.save_changes();
  try {
    finished_msg(entry);
  } catch (...) {
    const Lock lock(state().mutex);
    state().find_queued(entry).message = std::move(before);
    throw;
  }
}

/// The mutex is held.
Stored& MemoryStore::require_finishable(const EntryId& entry) const {
  auto& stored = state().find_queued(entry);
  if (!stored.is_locked()) throw Failure(MAPI_E_NO_ACCESS, "the message is not locked");
  return stored;
}

/// Takes a message out of the queue that was sent, to where it goes. Returns what an operator
/// should know about that.
std::optional<std::string> MemoryStore::settle(const EntryId& entry, Stored& stored) {
  auto message = stored.message;
  session::finish_submission(message);
  const auto decision = state().support.do_sent_mail(message);  // if it throws, nothing has changed
  state().dequeue(stored);
  if (decision == StoreSupport::SentMail::remove) {
    state().messages.erase(entry);
    return std::nullopt;
  }
  message.set(PR_MESSAGE_FLAGS,
              message.get_or(PR_MESSAGE_FLAGS, 0) & ~(MSGFLAG_SUBMIT | MSGFLAG_UNSENT));
  const auto sent_mail = message.get_or(PR_SENTMAIL_ENTRYID, {});
  stored.message = std::move(message);
  ++stored.changes;
  if (decision == StoreSupport::SentMail::keep) return std::nullopt;
  if (!state().folders.contains(EntryId{sent_mail})) {
    return "a message was sent and stays where it is: the folder that it names for sent mail does "
           "not exist";
  }
  stored.folder = EntryId{sent_mail};
  return std::nullopt;
}

/// The one saves, the other adds: memory knows no crash between them.
NewMail MemoryStore::create_report(MessageHandle& original, Message report) {
  require_spooler();
  NewMail mail;
  mail.message_class = report.get_or(PR_MESSAGE_CLASS, "");
  const bool is_outgoing = session::is_to_be_submitted(report);
  report.set(PR_MESSAGE_FLAGS, session::new_message_flags(report));
  session::Submission submission;
  std::vector<NewMail> delivered;
  {
    const Lock lock(state().mutex);
    if (is_outgoing) {
      const auto own = state().own_recipients();
      submission = session::prepare_submission(report, state().support, FileTime::now(), &own);
    } else {
      session::set_computed_properties(report);
    }
    auto& stored = dynamic_cast<MemoryHandle&>(original);
    const auto owner = state().find_folder(state().find(original.entry_id()).folder).owner;
    mail.folder = is_outgoing ? state().special_folder(owner, SpecialFolder::outbox)
                              : state().receive_folder(owner, mail.message_class);
    stored.save();
    mail.message = state().add(mail.folder, std::move(report));
    if (is_outgoing) state().enqueue(mail.message, submission.submit_flags);
    delivered = state().deliver(std::move(submission.deliveries));
  }
  if (is_outgoing) state().tell(QueueEvent::row_added, mail.message);
  for (const auto& each : delivered) state().tell(each);
  return mail;
}

NewMail MemoryStore::receive(Message message, const Mailbox& mailbox) {
  message = come_in(std::move(message));
  NewMail mail;
  mail.message_class = message.get_or(PR_MESSAGE_CLASS, "");
  {
    const Lock lock(state().mutex);
    mail.folder = state().receive_folder(mailbox, mail.message_class);
    mail.message = state().add(mail.folder, std::move(message));
  }
  state().tell(mail);
  return mail;
}

/// The original stays as it is unless both can be done.
NewMail MemoryStore::receive_report(const EntryId& original,
                                    const std::function<void(Message&)>& change, Message report) {
  report = come_in(std::move(report));
  NewMail mail;
  mail.message_class = report.get_or(PR_MESSAGE_CLASS, "");
  {
    const Lock lock(state().mutex);
    auto& stored = state().find(original);
    auto changed = stored.message;
    change(changed);
    mail.folder =
        state().receive_folder(state().find_folder(stored.folder).owner, mail.message_class);
    mail.message = state().add(mail.folder, std::move(report));
    stored.message = std::move(changed);
    ++stored.changes;
  }
  state().tell(mail);
  return mail;
}

namespace {

Failure no_mailbox(const Mailbox& mailbox) {
  return {MAPI_E_NOT_FOUND, "there is no mailbox '" + mailbox.name + "'"};
}

class MemoryProvider final : public MSProvider {
 public:
  explicit MemoryProvider(StoreSupport& support) : state_(std::make_shared<State>(support)) {}

  std::unique_ptr<MsgStore> logon(const Mailbox& mailbox) override {
    const Lock lock(state_->mutex);
    if (!state_->has_mailbox(mailbox)) throw no_mailbox(mailbox);
    return std::make_unique<MemoryStore>(state_, nullptr, mailbox);
  }
  std::unique_ptr<MsgStore> spooler_logon() override {
    const Lock lock(state_->mutex);
    if (!state_->spooler.expired()) {
      throw Failure(MAPI_E_BUSY, "the store in memory has a spooler already");
    }
    auto logon = std::make_shared<SpoolerLogon>();
    state_->spooler = logon;
    return std::make_unique<MemoryStore>(state_, std::move(logon), Mailbox{});
  }
  [[nodiscard]] std::vector<Mailbox> mailboxes() const override {
    const Lock lock(state_->mutex);
    std::vector<Mailbox> found;
    for (const auto& [entry, folder] : state_->folders) {
      if (folder.special == SpecialFolder::inbox) found.push_back(folder.owner);
    }
    std::ranges::sort(found);
    return found;
  }
  void create_mailbox(const Mailbox& mailbox) override {
    session::require_name(mailbox.name);
    const Lock lock(state_->mutex);
    if (state_->has_mailbox(mailbox)) {
      throw Failure(MAPI_E_COLLISION, "there is a mailbox '" + mailbox.name + "' already");
    }
    state_->add_mailbox(mailbox);
  }
  [[nodiscard]] std::vector<MailboxAddress> addresses() const override {
    const Lock lock(state_->mutex);
    std::vector<MailboxAddress> found;
    for (const auto& [address, mailbox] : state_->addresses) found.push_back({address, mailbox});
    return found;
  }
  void add_address(const Mailbox& mailbox, const std::string& address) override {
    const auto wanted = session::require_own_address(address);
    const Lock lock(state_->mutex);
    if (!state_->has_mailbox(mailbox)) throw no_mailbox(mailbox);
    const auto& owner = state_->addresses.try_emplace(wanted, mailbox).first->second;
    if (owner != mailbox) throw session::address_is_taken(address, owner);
  }
  void remove_address(const std::string& address) override {
    const auto given = session::require_own_address(address);
    const Lock lock(state_->mutex);
    if (state_->addresses.erase(given) == 0) throw session::no_such_address(address);
  }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace
}  // namespace memory_store

std::unique_ptr<MSProvider> make_memory_store(StoreSupport& support) {
  return std::make_unique<memory_store::MemoryProvider>(support);
}
