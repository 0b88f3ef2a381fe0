// A message store in memory (examples/memory_store) that fails when a test wants it to.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "mapi/msg_store.h"
#include "mapi/property_tags.h"
#include "session/store_support.h"

/// Of examples/memory_store, whose own header includes the installed ones.
std::unique_ptr<postern::mapi::MSProvider> make_memory_store(postern::mapi::StoreSupport& support);

namespace postern::spooler::test {

class MemoryStore final : public mapi::MsgStore {
 public:
  MemoryStore()
      : provider_(make_memory_store(support_)),
        client_(provider_->logon()),
        spooler_(provider_->spooler_logon()),
        told_(spooler_->advise({.new_mail = [this](const mapi::NewMail&) { ++new_mail; }})) {}

  [[nodiscard]] mapi::EntryId folder(mapi::SpecialFolder folder) const override {
    return spooler_->folder(folder);
  }
  [[nodiscard]] mapi::EntryId receive_folder(std::string_view message_class) const override {
    return spooler_->receive_folder(message_class);
  }
  std::unique_ptr<mapi::MessageHandle> create_message(const mapi::EntryId& folder,
                                                      mapi::Message message) override {
    return spooler_->create_message(folder, std::move(message));
  }
  mapi::EntryId submit(const mapi::EntryId& folder, mapi::Message message) override {
    return client_->submit(folder, std::move(message));
  }
  std::unique_ptr<mapi::MessageHandle> open_entry(const mapi::EntryId& entry,
                                                  mapi::Access access) override {
    fail_once(open_failure);
    return std::make_unique<Handle>(*this, spooler_->open_entry(entry, access));
  }
  [[nodiscard]] mapi::PropertyBag properties() const override { return spooler_->properties(); }
  void set_receive_folder(std::string_view message_class, const mapi::EntryId& folder) override {
    spooler_->set_receive_folder(message_class, folder);
  }
  mapi::EntryId create_folder(const mapi::EntryId& parent, const std::string& name) override {
    return spooler_->create_folder(parent, name);
  }
  [[nodiscard]] std::vector<mapi::FolderRow> folders(const mapi::EntryId& parent) const override {
    return spooler_->folders(parent);
  }
  mapi::FolderOperation delete_folder(const mapi::EntryId& folder,
                                      mapi::FolderDeletion deletion) override {
    return spooler_->delete_folder(folder, deletion);
  }
  [[nodiscard]] std::vector<mapi::ContentsRow> contents(const mapi::EntryId& folder,
                                                        const mapi::EntryId& after,
                                                        std::size_t limit) const override {
    return spooler_->contents(folder, after, limit);
  }
  mapi::FolderOperation delete_messages(const std::vector<mapi::EntryId>& entries) override {
    return spooler_->delete_messages(entries);
  }
  mapi::FolderOperation empty_folder(const mapi::EntryId& folder) override {
    return spooler_->empty_folder(folder);
  }
  mapi::FolderOperation move_messages(const std::vector<mapi::EntryId>& entries,
                                      const mapi::EntryId& folder) override {
    return spooler_->move_messages(entries, folder);
  }
  mapi::FolderOperation copy_messages(const std::vector<mapi::EntryId>& entries,
                                      const mapi::EntryId& folder) override {
    return spooler_->copy_messages(entries, folder);
  }
  void set_read_flag(const mapi::EntryId& entry, std::int32_t flags) override {
    spooler_->set_read_flag(entry, flags);
  }
  [[nodiscard]] mapi::Mailbox mailbox_of(const mapi::EntryId& entry) const override {
    return spooler_->mailbox_of(entry);
  }
  mapi::LogoffResult store_logoff(mapi::Logoff how) override { return spooler_->store_logoff(how); }
  mapi::NewMail receive(mapi::Message message, const mapi::Mailbox& mailbox) override {
    fail_once(receive_failure);
    return spooler_->receive(std::move(message), mailbox);
  }
  mapi::NewMail receive_report(const mapi::EntryId& original,
                               const std::function<void(mapi::Message&)>& change,
                               mapi::Message report) override {
    fail_once(receive_failure);
    return spooler_->receive_report(original, change, std::move(report));
  }
  [[nodiscard]] std::vector<mapi::EntryId> find_messages(Correlator by, std::string_view value,
                                                         std::size_t limit) const override {
    return spooler_->find_messages(by, value, limit);
  }
  void abort_submit(const mapi::EntryId& entry) override { spooler_->abort_submit(entry); }
  [[nodiscard]] std::vector<mapi::OutgoingQueueRow> outgoing_queue(
      std::optional<QueuePosition> after, std::size_t limit) const override {
    std::this_thread::sleep_for(reading_takes);
    return spooler_->outgoing_queue(after, limit);
  }
  [[nodiscard]] bool queue_is_empty() const override { return spooler_->queue_is_empty(); }
  [[nodiscard]] std::optional<mapi::OutgoingQueueRow> queue_row(
      const mapi::EntryId& entry) const override {
    return spooler_->queue_row(entry);
  }
  [[nodiscard]] std::unique_ptr<mapi::Subscription> advise(mapi::StoreObserver observer) override {
    observer.outgoing_queue = [this, told = std::move(observer.outgoing_queue)](
                                  mapi::QueueEvent event, const mapi::EntryId& entry) {
      if (told && !is_silent) told(event, entry);
    };
    {
      const std::scoped_lock lock(mutex_);
      changed_ = observer.outgoing_queue;
    }
    return std::make_unique<Advice>(*this, spooler_->advise(std::move(observer)));
  }
  std::vector<Claim> claim(mapi::FileTime now, std::size_t limit) override {
    fail_once(queue_failure);
    ++claims;
    return spooler_->claim(now, limit);
  }
  void set_on_hold(const mapi::EntryId& entry, bool on_hold) override {
    spooler_->set_on_hold(entry, on_hold);
  }
  [[nodiscard]] std::vector<mapi::EntryId> attempts_beyond(mapi::FileTime latest,
                                                           mapi::FileTime now,
                                                           std::size_t limit) const override {
    return spooler_->attempts_beyond(latest, now, limit);
  }
  void retry_now(const std::optional<mapi::EntryId>& entry) override { spooler_->retry_now(entry); }
  [[nodiscard]] std::optional<mapi::FileTime> next_due() const override {
    fail_once(due_failure);
    return spooler_->next_due();
  }
  void hold(const mapi::EntryId& entry, std::optional<mapi::FileTime> until) override {
    spooler_->hold(entry, until);
  }
  void set_lock_state(const mapi::EntryId& entry, mapi::LockState state) override {
    spooler_->set_lock_state(entry, state);
  }
  void finished_msg(const mapi::EntryId& entry) override {
    fail_once(finish_failure);
    spooler_->finished_msg(entry);
  }
  void save_and_finish(mapi::MessageHandle& message) override {
    fail_once(finish_failure);
    auto& handle = dynamic_cast<Handle&>(message);
    handle.require_savable();
    spooler_->save_and_finish(handle.inner());
  }
  mapi::NewMail create_report(mapi::MessageHandle& original, mapi::Message report) override {
    if (!report.attachments.empty() && enclosing_failure != mapi::S_OK) {
      throw mapi::Failure(enclosing_failure, "the original cannot be enclosed");
    }
    fail_once(report_failure);
    return spooler_->create_report(dynamic_cast<Handle&>(original).inner(), std::move(report));
  }
  void notify_new_mail(const mapi::NewMail& mail) override { spooler_->notify_new_mail(mail); }

  // For the tests.
  [[nodiscard]] mapi::Message message(const mapi::EntryId& entry) {
    return spooler_->open_entry(entry, mapi::Access::read_only)->message();
  }
  /// Of a message that is queued: as if the spooler had saved it so.
  void change(const mapi::EntryId& entry, const std::function<void(mapi::Message&)>& change) {
    const auto handle = spooler_->open_entry(entry, mapi::Access::modify);
    change(handle->edit());
    handle->save_changes();
  }
  [[nodiscard]] std::vector<mapi::Message> inbox() {
    std::vector<mapi::Message> reports;
    for (const auto& row : spooler_->contents(folder(mapi::SpecialFolder::inbox))) {
      reports.push_back(message(row.entry_id));
    }
    return reports;
  }
  std::atomic<int> new_mail = 0;
  std::atomic<int> claims = 0;
  std::chrono::milliseconds reading_takes{};  ///< a page of the queue
  /// The next saves fail with this code; S_OK: none does.
  std::atomic<mapi::Code> save_failure = mapi::S_OK;
  /// The next call fails with this code; S_OK: it does not.
  mutable std::atomic<mapi::Code> open_failure = mapi::S_OK;
  mutable std::atomic<mapi::Code> queue_failure = mapi::S_OK;
  mutable std::atomic<mapi::Code> due_failure = mapi::S_OK;
  std::atomic<mapi::Code> receive_failure = mapi::S_OK;
  std::atomic<mapi::Code> finish_failure = mapi::S_OK;
  std::atomic<mapi::Code> report_failure = mapi::S_OK;
  /// So do reports that have the original with them.
  std::atomic<mapi::Code> enclosing_failure = mapi::S_OK;
  /// The observer is not told of changes in the queue, as if that took long.
  std::atomic<bool> is_silent = false;
  /// Tells the observer that the queue has changed.
  void changed() {
    const std::scoped_lock lock(mutex_);
    if (changed_) changed_(mapi::QueueEvent::table_changed, {});
  }

 private:
  class Handle final : public mapi::MessageHandle {
   public:
    Handle(MemoryStore& store, std::unique_ptr<mapi::MessageHandle> inner)
        : store_(store), inner_(std::move(inner)) {}
    [[nodiscard]] const mapi::EntryId& entry_id() const override { return inner_->entry_id(); }
    [[nodiscard]] const mapi::Message& message() const override { return inner_->message(); }
    mapi::Message& edit() override { return inner_->edit(); }
    void save_changes() override {
      require_savable();
      inner_->save_changes();
    }
    void require_savable() const {
      if (store_.save_failure != mapi::S_OK) {
        throw mapi::Failure(store_.save_failure, "the store failed");
      }
    }
    void submit_message() override { inner_->submit_message(); }
    mapi::MessageHandle& inner() { return *inner_; }

   private:
    MemoryStore& store_;
    std::unique_ptr<mapi::MessageHandle> inner_;
  };
  class Advice final : public mapi::Subscription {
   public:
    Advice(MemoryStore& store, std::unique_ptr<mapi::Subscription> inner)
        : store_(store), inner_(std::move(inner)) {}
    ~Advice() override {
      const std::scoped_lock lock(store_.mutex_);
      store_.changed_ = {};
    }

   private:
    MemoryStore& store_;
    std::unique_ptr<mapi::Subscription> inner_;
  };

  static void fail_once(std::atomic<mapi::Code>& code) {
    const auto failure = code.exchange(mapi::S_OK);
    if (failure != mapi::S_OK) throw mapi::Failure(failure, "the store failed");
  }

  session::DefaultStoreSupport support_;
  std::unique_ptr<mapi::MSProvider> provider_;
  std::unique_ptr<mapi::MsgStore> client_;
  std::unique_ptr<mapi::MsgStore> spooler_;
  std::mutex mutex_;
  std::function<void(mapi::QueueEvent, const mapi::EntryId&)> changed_;
  std::unique_ptr<mapi::Subscription> told_;
};

}  // namespace postern::spooler::test
