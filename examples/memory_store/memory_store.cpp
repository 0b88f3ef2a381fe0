#include "memory_store.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <postern/mapi/property_tags.h>
#include <postern/session/merge.h>
#include <postern/session/submission.h>
#include <string>
#include <utility>
#include <vector>

using namespace postern::mapi;
namespace session = postern::session;

namespace {

/// Folders have the numbers of SpecialFolder; messages come behind them.
constexpr std::int64_t last_folder = 3;

EntryId make_entry_id(std::int64_t number) {
  EntryId entry;
  for (int shift = 56; shift >= 0; shift -= 8) {
    entry.bytes.push_back(static_cast<std::byte>((number >> shift) & 0xFF));
  }
  return entry;
}

struct Stored {
  Message message;
  EntryId folder;
  std::int64_t changes = 0;                                 ///< how often it was saved
  std::optional<MsgStore::QueuePosition> queue_position{};  ///< set while it is queued
  std::int32_t submit_flags = 0;
  std::optional<FileTime> held_until{};  ///< by the spooler, whatever the message says
  bool is_held_without_end = false;

  [[nodiscard]] bool is_locked() const { return (submit_flags & SUBMITFLAG_LOCKED) != 0; }
  /// From when on it may be sent; nullopt: the spooler's transport will ask for it.
  [[nodiscard]] std::optional<FileTime> due() const {
    if (is_held_without_end) return std::nullopt;
    FileTime time = held_until.value_or(FileTime{});
    for (const auto tag : {PR_DEFERRED_SEND_TIME, PR_POSTERN_NEXT_ATTEMPT}) {
      const auto wanted = message.get_or(tag, FileTime{});
      if (!wanted.is_none()) time = std::max(time, wanted);
    }
    return time;
  }
};

/// What all logons share. Whoever uses `messages` or `queue` holds `mutex`.
struct Store {
  explicit Store(StoreSupport& store_support) : support(store_support) {}

  StoreSupport& support;
  std::mutex mutex;
  std::map<EntryId, Stored> messages;  ///< entry ids grow: the oldest comes first
  std::map<std::pair<FileTime, std::int64_t>, EntryId> queue;
  std::int64_t last_number = last_folder;
  std::int64_t last_submission = 0;
  bool has_spooler = false;

  /// Held while observers are called; the other one is not, or they would wait for each other.
  std::mutex observer_mutex;
  std::map<std::int64_t, StoreObserver> observers;
  std::int64_t last_observer = 0;

  Stored& find(const EntryId& entry) {
    const auto found = messages.find(entry);
    if (found == messages.end()) throw Failure(MAPI_E_NOT_FOUND, "there is no such message");
    return found->second;
  }
  Stored& find_queued(const EntryId& entry) {
    auto& stored = find(entry);
    if (!stored.queue_position) throw Failure(MAPI_E_NOT_IN_QUEUE, "the message is not queued");
    return stored;
  }
  static void require_folder(const EntryId& entry) {
    for (std::int64_t number = 1; number <= last_folder; ++number) {
      if (entry == make_entry_id(number)) return;
    }
    throw Failure(MAPI_E_NOT_FOUND, "there is no such folder");
  }
  EntryId add(const EntryId& folder, Message message) {
    require_folder(folder);
    auto entry = make_entry_id(++last_number);
    messages[entry] = {std::move(message), folder};
    return entry;
  }
  void enqueue(const EntryId& entry, std::int32_t submit_flags) {
    auto& stored = find(entry);
    const auto time = stored.message.get_or(PR_CLIENT_SUBMIT_TIME, FileTime{});
    stored.queue_position = {time, ++last_submission};
    stored.submit_flags = submit_flags;
    queue[{time, last_submission}] = entry;
  }
  void dequeue(Stored& stored) {
    queue.erase({stored.queue_position->client_submit_time, stored.queue_position->sequence});
    stored.queue_position.reset();
    stored.submit_flags = 0;
    stored.held_until.reset();
    stored.is_held_without_end = false;
  }

  void tell(QueueEvent event, const EntryId& entry) {
    const std::scoped_lock lock(observer_mutex);
    for (const auto& [number, observer] : observers) {
      if (observer.outgoing_queue) observer.outgoing_queue(event, entry);
    }
  }
};

using Lock = std::scoped_lock<std::mutex>;

class MemoryHandle final : public MessageHandle {
 public:
  MemoryHandle(std::shared_ptr<Store> store, EntryId entry, const Stored& stored, bool writable,
               bool is_spoolers)
      : store_(std::move(store)),
        entry_(std::move(entry)),
        saved_(stored.message),
        value_(stored.message),
        changes_(stored.changes),
        writable_(writable),
        is_spoolers_(is_spoolers) {}

  [[nodiscard]] const EntryId& entry_id() const override {
    require_valid();
    return entry_;
  }
  [[nodiscard]] const Message& message() const override {
    require_valid();
    return value_;
  }
  Message& edit() override {
    require_writable();
    return value_;
  }

  void save_changes() override {
    require_writable();
    const Lock lock(store_->mutex);
    auto& stored = require_mine();
    if (stored.queue_position && !is_spoolers_) {
      throw Failure(MAPI_E_SUBMITTED, "the message was submitted; it can no longer be changed");
    }
    take_over(stored);
    value_.set(PR_MESSAGE_FLAGS,
               session::saved_message_flags(stored.message.get_or(PR_MESSAGE_FLAGS, 0), value_));
    session::set_computed_properties(value_);
    stored.message = value_;
    saved_ = value_;
    changes_ = ++stored.changes;
  }

  void submit_message() override {
    require_writable();
    {
      const Lock lock(store_->mutex);
      auto& stored = require_mine();
      if (stored.queue_position)
        throw Failure(MAPI_E_SUBMITTED, "the message is submitted already");
      take_over(stored);
      auto prepared = value_;  // where that is refused, this handle is as it was
      const auto flags = session::prepare_submission(prepared, store_->support, FileTime::now());
      stored.message = std::move(prepared);
      ++stored.changes;
      store_->enqueue(entry_, flags);
      valid_ = false;
    }
    store_->tell(QueueEvent::row_added, entry_);
  }

 private:
  void require_valid() const {
    if (!valid_) throw Failure(MAPI_E_INVALID_OBJECT, "the message was submitted: open it anew");
  }
  void require_writable() const {
    require_valid();
    if (!writable_) throw Failure(MAPI_E_NO_ACCESS, "the message was opened for reading only");
  }
  Stored& require_mine() {
    const auto found = store_->messages.find(entry_);
    if (found == store_->messages.end()) {
      throw Failure(MAPI_E_OBJECT_DELETED, "the message was deleted meanwhile");
    }
    return found->second;
  }
  /// What another handle has saved meanwhile is not undone.
  void take_over(const Stored& stored) {
    if (stored.changes != changes_) {
      value_ = session::merge_changes(saved_, value_, stored.message);
    }
  }

  std::shared_ptr<Store> store_;
  EntryId entry_;
  Message saved_;
  Message value_;
  std::int64_t changes_;
  bool writable_;
  bool is_spoolers_;
  bool valid_ = true;
};

class MemorySubscription final : public Subscription {
 public:
  MemorySubscription(std::shared_ptr<Store> store, StoreObserver observer)
      : store_(std::move(store)) {
    const Lock lock(store_->observer_mutex);
    number_ = ++store_->last_observer;
    store_->observers[number_] = std::move(observer);
  }
  ~MemorySubscription() override {
    const Lock lock(store_->observer_mutex);
    store_->observers.erase(number_);
  }
  MemorySubscription(const MemorySubscription&) = delete;
  MemorySubscription& operator=(const MemorySubscription&) = delete;

 private:
  std::shared_ptr<Store> store_;
  std::int64_t number_ = 0;
};

OutgoingQueueRow make_queue_row(const EntryId& entry, const Stored& stored) {
  const auto& message = stored.message;
  const auto text = [&](auto tag) { return std::string(message.get_or(tag, "")); };
  OutgoingQueueRow row;
  row.entry_id = entry;
  row.sequence = stored.queue_position->sequence;
  row.client_submit_time = stored.queue_position->client_submit_time;
  row.subject = text(PR_SUBJECT);
  row.sender_name = text(PR_SENDER_NAME);
  row.display_to = text(PR_DISPLAY_TO);
  row.display_cc = text(PR_DISPLAY_CC);
  row.display_bcc = text(PR_DISPLAY_BCC);
  row.message_flags = message.get_or(PR_MESSAGE_FLAGS, 0);
  row.submit_flags = stored.submit_flags;
  row.priority = message.get_or(PR_PRIORITY, 0);
  for (const auto& attachment : message.attachments) row.message_size += attachment.data.size();
  row.deferred_send_time = message.get(PR_DEFERRED_SEND_TIME);
  row.next_attempt = message.get(PR_POSTERN_NEXT_ATTEMPT);
  return row;
}

ContentsRow make_contents_row(const EntryId& entry, const Stored& stored) {
  const auto& message = stored.message;
  const auto text = [&](auto tag) { return std::string(message.get_or(tag, "")); };
  ContentsRow row;
  row.entry_id = entry;
  row.message_class = text(PR_MESSAGE_CLASS);
  row.subject = text(PR_SUBJECT);
  row.sender_name = text(PR_SENDER_NAME);
  row.display_to = text(PR_DISPLAY_TO);
  row.message_flags = message.get_or(PR_MESSAGE_FLAGS, 0);
  for (const auto& attachment : message.attachments) row.message_size += attachment.data.size();
  row.time = message.get(PR_MESSAGE_DELIVERY_TIME);
  if (!row.time) row.time = message.get(PR_CLIENT_SUBMIT_TIME);
  return row;
}

class MemoryStore final : public MsgStore {
 public:
  MemoryStore(std::shared_ptr<Store> store, bool is_spoolers)
      : store_(std::move(store)), is_spoolers_(is_spoolers) {}

  /// The spooler's locks end with its logon.
  ~MemoryStore() override {
    if (!is_spoolers_) return;
    const Lock lock(store_->mutex);
    for (auto& [entry, stored] : store_->messages) {
      stored.submit_flags &= ~SUBMITFLAG_LOCKED;
      stored.is_held_without_end = false;
    }
    store_->has_spooler = false;
  }
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  [[nodiscard]] EntryId folder(SpecialFolder folder) const override {
    return make_entry_id(static_cast<std::int64_t>(folder));
  }
  [[nodiscard]] EntryId receive_folder(std::string_view) const override {
    return folder(SpecialFolder::inbox);
  }

  std::unique_ptr<MessageHandle> create_message(const EntryId& folder, Message message) override {
    message.set(PR_MESSAGE_FLAGS, session::new_message_flags(message));
    session::set_computed_properties(message);
    const Lock lock(store_->mutex);
    const auto entry = store_->add(folder, std::move(message));
    return handle(entry, true);
  }

  EntryId submit(const EntryId& folder, Message message) override {
    message.set(PR_MESSAGE_FLAGS, session::new_message_flags(message));
    const auto flags = session::prepare_submission(message, store_->support, FileTime::now());
    EntryId entry;
    {
      const Lock lock(store_->mutex);
      entry = store_->add(folder, std::move(message));
      store_->enqueue(entry, flags);
    }
    store_->tell(QueueEvent::row_added, entry);
    return entry;
  }

  std::unique_ptr<MessageHandle> open_entry(const EntryId& entry, Access access) override {
    const Lock lock(store_->mutex);
    const auto& stored = store_->find(entry);
    if (is_spoolers_ || !stored.queue_position) return handle(entry, access != Access::read_only);
    if (access == Access::modify) {
      throw Failure(MAPI_E_SUBMITTED, "the message is submitted; cancel that before changing it");
    }
    if (stored.is_locked()) {
      throw Failure(MAPI_E_NO_ACCESS, "the message is being sent right now");
    }
    return handle(entry, false);
  }

  [[nodiscard]] std::vector<ContentsRow> contents(const EntryId& folder) const override {
    Store::require_folder(folder);
    const Lock lock(store_->mutex);
    std::vector<ContentsRow> rows;
    for (const auto& [entry, stored] : store_->messages) {
      if (stored.folder == folder) rows.push_back(make_contents_row(entry, stored));
    }
    return rows;
  }

  [[nodiscard]] std::vector<EntryId> find_messages(Correlator by, std::string_view value,
                                                   std::size_t limit) const override {
    const auto tag =
        by == Correlator::envelope_id ? PR_POSTERN_ENVELOPE_ID : PR_INTERNET_MESSAGE_ID;
    const Lock lock(store_->mutex);
    std::vector<EntryId> found;
    for (auto next = store_->messages.rbegin(); next != store_->messages.rend(); ++next) {
      if (found.size() == limit) break;
      if (next->second.message.get(tag) == value) found.push_back(next->first);
    }
    return found;
  }

  void delete_message(const EntryId& entry) override {
    const Lock lock(store_->mutex);
    if (store_->find(entry).queue_position) {
      throw Failure(MAPI_E_SUBMITTED, "the message is submitted; cancel that before deleting it");
    }
    store_->messages.erase(entry);
  }

  void abort_submit(const EntryId& entry) override {
    {
      const Lock lock(store_->mutex);
      auto& stored = store_->find_queued(entry);
      if (stored.is_locked() && !is_spoolers_) {
        throw Failure(MAPI_E_UNABLE_TO_ABORT, "the message is being sent right now");
      }
      const auto flags = stored.message.get_or(PR_MESSAGE_FLAGS, 0);
      stored.message.set(PR_MESSAGE_FLAGS, (flags & ~MSGFLAG_SUBMIT) | MSGFLAG_UNSENT);
      session::undo_submission(stored.message);
      ++stored.changes;
      store_->dequeue(stored);
    }
    store_->tell(QueueEvent::row_deleted, entry);
  }

  [[nodiscard]] std::vector<OutgoingQueueRow> outgoing_queue(std::optional<QueuePosition> after,
                                                             std::size_t limit) const override {
    const Lock lock(store_->mutex);
    auto next = after ? store_->queue.upper_bound({after->client_submit_time, after->sequence})
                      : store_->queue.begin();
    std::vector<OutgoingQueueRow> rows;
    for (; next != store_->queue.end() && rows.size() < limit; ++next) {
      rows.push_back(make_queue_row(next->second, store_->messages.at(next->second)));
    }
    return rows;
  }

  [[nodiscard]] std::optional<OutgoingQueueRow> queue_row(const EntryId& entry) const override {
    const Lock lock(store_->mutex);
    const auto found = store_->messages.find(entry);
    if (found == store_->messages.end() || !found->second.queue_position) return std::nullopt;
    return make_queue_row(entry, found->second);
  }

  [[nodiscard]] std::unique_ptr<Subscription> advise(StoreObserver observer) override {
    return std::make_unique<MemorySubscription>(store_, std::move(observer));
  }

  [[nodiscard]] bool queue_is_empty() const override {
    const Lock lock(store_->mutex);
    return store_->queue.empty();
  }

  std::vector<Claim> claim(FileTime now, std::size_t limit) override {
    require_spooler();
    const Lock lock(store_->mutex);
    std::vector<Claim> claims;
    for (const auto& [position, entry] : store_->queue) {
      if (claims.size() == limit) break;
      auto& stored = store_->messages.at(entry);
      const auto due = stored.due();
      if (stored.is_locked() || !due || *due > now) continue;
      claims.push_back({entry, stored.submit_flags});
      stored.submit_flags |= SUBMITFLAG_LOCKED;
    }
    return claims;
  }

  [[nodiscard]] std::optional<FileTime> next_due() const override {
    require_spooler();
    const Lock lock(store_->mutex);
    std::optional<FileTime> next;
    for (const auto& [position, entry] : store_->queue) {
      const auto& stored = store_->messages.at(entry);
      const auto due = stored.due();
      if (due && !stored.is_locked()) next = next ? std::min(*next, *due) : *due;
    }
    return next;
  }

  void hold(const EntryId& entry, std::optional<FileTime> until) override {
    require_spooler();
    const Lock lock(store_->mutex);
    auto& stored = store_->find_queued(entry);
    stored.held_until = until;
    stored.is_held_without_end = !until;
    stored.submit_flags &= ~SUBMITFLAG_LOCKED;
  }

  void retry_now(const std::optional<EntryId>& entry) override {
    require_spooler();
    {
      const Lock lock(store_->mutex);
      for (const auto& [position, queued] : store_->queue) {
        if (entry && queued != *entry) continue;
        auto& stored = store_->messages.at(queued);
        stored.held_until.reset();
        stored.message.erase(PR_POSTERN_NEXT_ATTEMPT);
        ++stored.changes;
      }
    }
    store_->tell(QueueEvent::table_changed, {});
  }

  void set_lock_state(const EntryId& entry, LockState state) override {
    require_spooler();
    const Lock lock(store_->mutex);
    auto& stored = store_->find_queued(entry);
    stored.is_held_without_end = false;
    auto& flags = stored.submit_flags;
    flags = state == LockState::locked ? flags | SUBMITFLAG_LOCKED : flags & ~SUBMITFLAG_LOCKED;
  }

  void finished_msg(const EntryId& entry) override {
    require_spooler();
    {
      const Lock lock(store_->mutex);
      auto& stored = store_->find_queued(entry);
      if (!stored.is_locked()) {
        throw Failure(MAPI_E_NO_ACCESS, "the message is not locked");
      }
      store_->dequeue(stored);
      settle(entry, stored);
    }
    store_->tell(QueueEvent::row_deleted, entry);
  }

  /// The one saves, the other adds: memory knows no crash between them.
  NewMail create_report(MessageHandle& original, Message report) override {
    require_spooler();
    std::string report_class(report.get_or(PR_MESSAGE_CLASS, ""));
    const auto folder = receive_folder(report_class);
    original.save_changes();
    return {create_message(folder, std::move(report))->entry_id(), folder, report_class};
  }

  void notify_new_mail(const NewMail& mail) override {
    require_spooler();
    const Lock lock(store_->observer_mutex);
    for (const auto& [number, observer] : store_->observers) {
      if (observer.new_mail) observer.new_mail(mail);
    }
  }

 private:
  void require_spooler() const {
    if (!is_spoolers_) throw Failure(MAPI_E_NO_SUPPORT, "only the spooler's logon may do that");
  }
  std::unique_ptr<MessageHandle> handle(const EntryId& entry, bool writable) {
    return std::make_unique<MemoryHandle>(store_, entry, store_->find(entry), writable,
                                          is_spoolers_);
  }

  /// Where a message goes that was sent.
  void settle(const EntryId& entry, Stored& stored) {
    auto& message = stored.message;
    const auto decision = store_->support.do_sent_mail(message);
    if (decision == StoreSupport::SentMail::remove) {
      store_->messages.erase(entry);
      return;
    }
    if (decision == StoreSupport::SentMail::move) {
      const EntryId sent_mail{*message.get(PR_SENTMAIL_ENTRYID)};
      Store::require_folder(sent_mail);
      stored.folder = sent_mail;
    }
    message.set(PR_MESSAGE_FLAGS,
                message.get_or(PR_MESSAGE_FLAGS, 0) & ~(MSGFLAG_SUBMIT | MSGFLAG_UNSENT));
    session::finish_submission(message);
    ++stored.changes;
  }

  std::shared_ptr<Store> store_;
  bool is_spoolers_;
};

class MemoryProvider final : public MSProvider {
 public:
  explicit MemoryProvider(StoreSupport& support) : store_(std::make_shared<Store>(support)) {}

  std::unique_ptr<MsgStore> logon() override {
    return std::make_unique<MemoryStore>(store_, false);
  }
  std::unique_ptr<MsgStore> spooler_logon() override {
    const Lock lock(store_->mutex);
    if (std::exchange(store_->has_spooler, true)) {
      throw Failure(MAPI_E_BUSY, "the store in memory has a spooler already");
    }
    return std::make_unique<MemoryStore>(store_, true);
  }

 private:
  std::shared_ptr<Store> store_;
};

}  // namespace

std::unique_ptr<MSProvider> make_memory_store(StoreSupport& support) {
  return std::make_unique<MemoryProvider>(support);
}
