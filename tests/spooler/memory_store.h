// A message store in memory: just enough MsgStore for the spooler's tests, with the store's rules
// about the queue and the lock.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "mapi/msg_store.h"
#include "mapi/property_tags.h"

namespace postern::spooler::test {

class MemoryStore final : public mapi::MsgStore {
 public:
  struct Stored {
    mapi::Message message;
    mapi::EntryId folder;
    std::optional<std::int64_t> sequence;  ///< set while queued
    bool locked = false;
  };

  [[nodiscard]] mapi::EntryId folder(mapi::SpecialFolder folder) const override {
    return id(static_cast<std::int64_t>(folder));
  }
  [[nodiscard]] mapi::EntryId receive_folder(std::string_view) const override {
    return folder(mapi::SpecialFolder::inbox);
  }
  std::unique_ptr<mapi::MessageHandle> create_message(const mapi::EntryId& folder,
                                                      mapi::Message message) override {
    const std::scoped_lock lock(mutex_);
    const auto entry = add(folder, std::move(message));
    return std::make_unique<Handle>(*this, entry, messages_.at(entry).message);
  }
  mapi::EntryId submit(const mapi::EntryId& folder, mapi::Message message) override {
    mapi::EntryId entry;
    {
      const std::scoped_lock lock(mutex_);
      for (auto& row : message.recipients) {
        if (!row.get(mapi::PR_RESPONSIBILITY)) row.set(mapi::PR_RESPONSIBILITY, false);
      }
      if (!message.get(mapi::PR_CLIENT_SUBMIT_TIME)) {
        message.set(mapi::PR_CLIENT_SUBMIT_TIME, mapi::FileTime::now());
      }
      entry = add(folder, std::move(message));
      messages_.at(entry).sequence = ++last_sequence_;
    }
    tell(mapi::QueueEvent::row_added, entry);
    return entry;
  }
  std::unique_ptr<mapi::MessageHandle> open_entry(const mapi::EntryId& entry,
                                                  mapi::Access) override {
    fail_once(open_failure);
    const std::scoped_lock lock(mutex_);
    return std::make_unique<Handle>(*this, entry, at(entry).message);
  }
  [[nodiscard]] std::vector<mapi::ContentsRow> contents(
      const mapi::EntryId& folder) const override {
    const std::scoped_lock lock(mutex_);
    std::vector<mapi::ContentsRow> rows;
    for (const auto& [entry, stored] : messages_) {
      if (stored.folder == folder) {
        mapi::ContentsRow row;
        row.entry_id = entry;
        row.subject = stored.message.get_or(mapi::PR_SUBJECT, "");
        rows.push_back(row);
      }
    }
    return rows;
  }
  void delete_message(const mapi::EntryId& entry) override {
    const std::scoped_lock lock(mutex_);
    messages_.erase(entry);
  }
  void abort_submit(const mapi::EntryId& entry) override {
    {
      const std::scoped_lock lock(mutex_);
      auto& stored = queued(entry);
      if (stored.locked) throw mapi::Failure(mapi::MAPI_E_UNABLE_TO_ABORT, "locked");
      stored.sequence.reset();
    }
    tell(mapi::QueueEvent::row_deleted, entry);
  }
  [[nodiscard]] std::vector<mapi::OutgoingQueueRow> outgoing_queue(
      std::optional<QueuePosition> after, std::size_t limit) const override {
    fail_once(queue_failure);
    const std::scoped_lock lock(mutex_);
    ++queue_readings_;
    std::map<std::pair<std::uint64_t, std::int64_t>, mapi::EntryId> order;
    for (const auto& [entry, stored] : messages_) {
      if (stored.sequence) order[{submit_time(stored).ticks, *stored.sequence}] = entry;
    }
    std::vector<mapi::OutgoingQueueRow> rows;
    for (const auto& [key, entry] : order) {
      if (after && key <= std::pair(after->client_submit_time.ticks, after->sequence)) continue;
      if (rows.size() < limit) rows.push_back(row(entry, messages_.at(entry)));
    }
    return rows;
  }
  [[nodiscard]] std::optional<mapi::OutgoingQueueRow> queue_row(
      const mapi::EntryId& entry) const override {
    const std::scoped_lock lock(mutex_);
    const auto found = messages_.find(entry);
    if (found == messages_.end() || !found->second.sequence) return std::nullopt;
    return row(entry, found->second);
  }
  [[nodiscard]] std::unique_ptr<mapi::Subscription> advise(mapi::StoreObserver observer) override {
    const std::scoped_lock lock(mutex_);
    observer_ = std::move(observer);
    return std::make_unique<Advice>(*this);
  }
  void set_lock_state(const mapi::EntryId& entry, mapi::LockState state) override {
    const std::scoped_lock lock(mutex_);
    queued(entry).locked = state == mapi::LockState::locked;
  }
  void finished_msg(const mapi::EntryId& entry) override {
    const std::scoped_lock lock(mutex_);
    auto& stored = queued(entry);
    if (!stored.locked) throw mapi::Failure(mapi::MAPI_E_NO_ACCESS, "not locked");
    stored.sequence.reset();
    stored.locked = false;
    stored.folder = folder(mapi::SpecialFolder::sent_items);
  }
  mapi::EntryId create_report(mapi::MessageHandle& original, const mapi::EntryId& folder,
                              mapi::Message report) override {
    if (!report.attachments.empty() && enclosing_failure != mapi::S_OK) {
      throw mapi::Failure(enclosing_failure, "the original cannot be enclosed");
    }
    original.save_changes();
    const std::scoped_lock lock(mutex_);
    return add(folder, std::move(report));
  }
  void notify_new_mail(const mapi::NewMail&) override { ++new_mail; }

  // For the tests.
  [[nodiscard]] mapi::Message message(const mapi::EntryId& entry) {
    const std::scoped_lock lock(mutex_);
    return at(entry).message;
  }
  /// How often the queue table was read.
  [[nodiscard]] int queue_readings() const {
    const std::scoped_lock lock(mutex_);
    return queue_readings_;
  }
  [[nodiscard]] std::vector<mapi::Message> inbox() {
    std::vector<mapi::Message> reports;
    for (const auto& row : contents(folder(mapi::SpecialFolder::inbox))) {
      reports.push_back(message(row.entry_id));
    }
    return reports;
  }
  std::atomic<int> new_mail = 0;
  /// The next saves fail with this code; S_OK: none does.
  std::atomic<mapi::Code> save_failure = mapi::S_OK;
  /// The next call fails with this code; S_OK: it does not.
  mutable std::atomic<mapi::Code> open_failure = mapi::S_OK;
  mutable std::atomic<mapi::Code> queue_failure = mapi::S_OK;
  /// So do reports that have the original with them.
  std::atomic<mapi::Code> enclosing_failure = mapi::S_OK;
  /// Tells the observer that the queue has changed.
  void changed() { tell(mapi::QueueEvent::table_changed, {}); }

 private:
  class Handle final : public mapi::MessageHandle {
   public:
    Handle(MemoryStore& store, mapi::EntryId entry, mapi::Message value)
        : store_(store), entry_(std::move(entry)), value_(std::move(value)) {}
    [[nodiscard]] const mapi::EntryId& entry_id() const override { return entry_; }
    [[nodiscard]] const mapi::Message& message() const override { return value_; }
    mapi::Message& edit() override { return value_; }
    void save_changes() override {
      if (store_.save_failure != mapi::S_OK) {
        throw mapi::Failure(store_.save_failure, "the store failed");
      }
      const std::scoped_lock lock(store_.mutex_);
      store_.at(entry_).message = value_;
    }
    void submit_message() override { throw mapi::Failure(mapi::MAPI_E_NO_SUPPORT, "not here"); }

   private:
    MemoryStore& store_;
    mapi::EntryId entry_;
    mapi::Message value_;
  };
  class Advice final : public mapi::Subscription {
   public:
    explicit Advice(MemoryStore& store) : store_(store) {}
    ~Advice() override {
      const std::scoped_lock lock(store_.telling_, store_.mutex_);
      store_.observer_ = {};
    }

   private:
    MemoryStore& store_;
  };

  static mapi::EntryId id(std::int64_t number) {
    mapi::EntryId entry;
    for (int shift = 56; shift >= 0; shift -= 8) {
      entry.bytes.push_back(static_cast<std::byte>((number >> shift) & 0xFF));
    }
    return entry;
  }
  static void fail_once(std::atomic<mapi::Code>& code) {
    const auto failure = code.exchange(mapi::S_OK);
    if (failure != mapi::S_OK) throw mapi::Failure(failure, "the store failed");
  }
  static mapi::FileTime submit_time(const Stored& stored) {
    return stored.message.get_or(mapi::PR_CLIENT_SUBMIT_TIME, mapi::FileTime{});
  }
  static mapi::OutgoingQueueRow row(const mapi::EntryId& entry, const Stored& stored) {
    mapi::OutgoingQueueRow row;
    row.entry_id = entry;
    row.sequence = *stored.sequence;
    row.client_submit_time = submit_time(stored);
    row.submit_flags = stored.locked ? mapi::SUBMITFLAG_LOCKED : 0;
    row.deferred_send_time = stored.message.get(mapi::PR_DEFERRED_SEND_TIME);
    row.next_attempt = stored.message.get(mapi::PR_POSTERN_NEXT_ATTEMPT);
    return row;
  }
  mapi::EntryId add(const mapi::EntryId& folder, mapi::Message message) {
    const auto entry = id(++last_id_);
    messages_[entry] = Stored{std::move(message), folder, std::nullopt, false};
    return entry;
  }
  Stored& at(const mapi::EntryId& entry) {
    const auto found = messages_.find(entry);
    if (found == messages_.end()) throw mapi::Failure(mapi::MAPI_E_NOT_FOUND, "no such message");
    return found->second;
  }
  Stored& queued(const mapi::EntryId& entry) {
    auto& stored = at(entry);
    if (!stored.sequence) throw mapi::Failure(mapi::MAPI_E_NOT_IN_QUEUE, "not queued");
    return stored;
  }
  void tell(mapi::QueueEvent event, const mapi::EntryId& entry) {
    const std::scoped_lock telling(telling_);
    std::function<void(mapi::QueueEvent, const mapi::EntryId&)> callback;
    {
      const std::scoped_lock lock(mutex_);
      callback = observer_.outgoing_queue;
    }
    if (callback) callback(event, entry);
  }

  std::mutex telling_;  ///< held while the observer is told: it may go afterwards
  mutable std::mutex mutex_;
  mutable int queue_readings_ = 0;
  std::map<mapi::EntryId, Stored> messages_;
  std::int64_t last_id_ = 100;
  std::int64_t last_sequence_ = 0;
  mapi::StoreObserver observer_;
};

}  // namespace postern::spooler::test
