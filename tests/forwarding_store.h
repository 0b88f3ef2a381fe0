// A store object that passes every call on to another one: what a test changes, it overrides.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mapi/msg_store.h"

namespace postern::test {

class ForwardingStore : public mapi::MsgStore {
 public:
  explicit ForwardingStore(std::shared_ptr<mapi::MsgStore> inner) : inner_(std::move(inner)) {}

  [[nodiscard]] mapi::PropertyBag properties() const override { return inner_->properties(); }
  [[nodiscard]] mapi::EntryId folder(mapi::SpecialFolder folder) const override {
    return inner_->folder(folder);
  }
  [[nodiscard]] mapi::EntryId receive_folder(std::string_view message_class) const override {
    return inner_->receive_folder(message_class);
  }
  void set_receive_folder(std::string_view message_class, const mapi::EntryId& folder) override {
    inner_->set_receive_folder(message_class, folder);
  }
  mapi::EntryId create_folder(const mapi::EntryId& parent, const std::string& name) override {
    return inner_->create_folder(parent, name);
  }
  [[nodiscard]] std::vector<mapi::FolderRow> folders(const mapi::EntryId& parent) const override {
    return inner_->folders(parent);
  }
  mapi::FolderOperation delete_folder(const mapi::EntryId& folder,
                                      mapi::FolderDeletion deletion) override {
    return inner_->delete_folder(folder, deletion);
  }
  [[nodiscard]] std::vector<mapi::ContentsRow> contents(const mapi::EntryId& folder,
                                                        const mapi::EntryId& after,
                                                        std::size_t limit) const override {
    return inner_->contents(folder, after, limit);
  }
  mapi::FolderOperation delete_messages(const std::vector<mapi::EntryId>& entries) override {
    return inner_->delete_messages(entries);
  }
  mapi::FolderOperation empty_folder(const mapi::EntryId& folder) override {
    return inner_->empty_folder(folder);
  }
  mapi::FolderOperation move_messages(const std::vector<mapi::EntryId>& entries,
                                      const mapi::EntryId& folder) override {
    return inner_->move_messages(entries, folder);
  }
  mapi::FolderOperation copy_messages(const std::vector<mapi::EntryId>& entries,
                                      const mapi::EntryId& folder) override {
    return inner_->copy_messages(entries, folder);
  }
  void set_read_flag(const mapi::EntryId& entry, std::int32_t flags) override {
    inner_->set_read_flag(entry, flags);
  }
  [[nodiscard]] mapi::Mailbox mailbox_of(const mapi::EntryId& entry) const override {
    return inner_->mailbox_of(entry);
  }
  std::unique_ptr<mapi::MessageHandle> create_message(const mapi::EntryId& folder,
                                                      mapi::Message message) override {
    return inner_->create_message(folder, std::move(message));
  }
  mapi::EntryId submit(const mapi::EntryId& folder, mapi::Message message) override {
    return inner_->submit(folder, std::move(message));
  }
  std::unique_ptr<mapi::MessageHandle> open_entry(const mapi::EntryId& entry,
                                                  mapi::Access access) override {
    return inner_->open_entry(entry, access);
  }
  [[nodiscard]] std::vector<mapi::EntryId> find_messages(Correlator by, std::string_view value,
                                                         std::size_t limit) const override {
    return inner_->find_messages(by, value, limit);
  }
  mapi::NewMail receive(mapi::Message message, const mapi::Mailbox& mailbox) override {
    return inner_->receive(std::move(message), mailbox);
  }
  mapi::NewMail receive_report(const mapi::EntryId& original,
                               const std::function<void(mapi::Message&)>& change,
                               mapi::Message report) override {
    return inner_->receive_report(original, change, std::move(report));
  }
  void abort_submit(const mapi::EntryId& entry) override { inner_->abort_submit(entry); }
  [[nodiscard]] std::vector<mapi::OutgoingQueueRow> outgoing_queue(
      std::optional<QueuePosition> after, std::size_t limit) const override {
    return inner_->outgoing_queue(after, limit);
  }
  [[nodiscard]] bool queue_is_empty() const override { return inner_->queue_is_empty(); }
  [[nodiscard]] std::optional<mapi::OutgoingQueueRow> queue_row(
      const mapi::EntryId& entry) const override {
    return inner_->queue_row(entry);
  }
  void set_on_hold(const mapi::EntryId& entry, bool on_hold) override {
    inner_->set_on_hold(entry, on_hold);
  }
  [[nodiscard]] std::vector<mapi::EntryId> attempts_beyond(mapi::FileTime latest,
                                                           mapi::FileTime now,
                                                           std::size_t limit) const override {
    return inner_->attempts_beyond(latest, now, limit);
  }
  void retry_now(const std::optional<mapi::EntryId>& entry) override { inner_->retry_now(entry); }
  [[nodiscard]] std::unique_ptr<mapi::Subscription> advise(mapi::StoreObserver observer) override {
    return inner_->advise(std::move(observer));
  }
  mapi::LogoffResult store_logoff(mapi::Logoff how) override { return inner_->store_logoff(how); }
  std::vector<Claim> claim(mapi::FileTime now, std::size_t limit) override {
    return inner_->claim(now, limit);
  }
  [[nodiscard]] std::optional<mapi::FileTime> next_due() const override {
    return inner_->next_due();
  }
  void hold(const mapi::EntryId& entry, std::optional<mapi::FileTime> until) override {
    inner_->hold(entry, until);
  }
  void set_lock_state(const mapi::EntryId& entry, mapi::LockState state) override {
    inner_->set_lock_state(entry, state);
  }
  void finished_msg(const mapi::EntryId& entry) override { inner_->finished_msg(entry); }
  void save_and_finish(mapi::MessageHandle& message) override { inner_->save_and_finish(message); }
  mapi::NewMail create_report(mapi::MessageHandle& original, mapi::Message report) override {
    return inner_->create_report(original, std::move(report));
  }
  void notify_new_mail(const mapi::NewMail& mail) override { inner_->notify_new_mail(mail); }

 protected:
  [[nodiscard]] mapi::MsgStore& inner() const { return *inner_; }

 private:
  std::shared_ptr<mapi::MsgStore> inner_;
};

}  // namespace postern::test
