// A store object of one logon to a store in memory (the role MsgStore).
//
// memory_store.cpp has its messages and their submission, memory_folders.cpp its folders and what
// is done to several messages.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <postern/mapi/msg_store.h>
#include <string>
#include <vector>

#include "store_state.h"

namespace memory_store {

class MemoryStore final : public mapi::MsgStore {
 public:
  /// `logon` is null for a client.
  MemoryStore(std::shared_ptr<State> state, std::shared_ptr<SpoolerLogon> logon,
              mapi::Mailbox mailbox)
      : state_(std::move(state)), logon_(std::move(logon)), mailbox_(std::move(mailbox)) {}
  ~MemoryStore() override { end_locks(); }
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  [[nodiscard]] mapi::PropertyBag properties() const override;
  [[nodiscard]] mapi::EntryId folder(mapi::SpecialFolder folder) const override;
  [[nodiscard]] mapi::EntryId receive_folder(std::string_view message_class) const override;
  void set_receive_folder(std::string_view message_class, const mapi::EntryId& folder) override;
  mapi::EntryId create_folder(const mapi::EntryId& parent, const std::string& name) override;
  [[nodiscard]] std::vector<mapi::FolderRow> folders(const mapi::EntryId& parent) const override;
  mapi::FolderOperation delete_folder(const mapi::EntryId& folder,
                                      mapi::FolderDeletion deletion) override;
  [[nodiscard]] std::vector<mapi::ContentsRow> contents(const mapi::EntryId& folder,
                                                        const mapi::EntryId& after,
                                                        std::size_t limit) const override;
  mapi::FolderOperation delete_messages(const std::vector<mapi::EntryId>& entries) override;
  mapi::FolderOperation empty_folder(const mapi::EntryId& folder) override;
  mapi::FolderOperation move_messages(const std::vector<mapi::EntryId>& entries,
                                      const mapi::EntryId& folder) override;
  mapi::FolderOperation copy_messages(const std::vector<mapi::EntryId>& entries,
                                      const mapi::EntryId& folder) override;
  void set_read_flag(const mapi::EntryId& entry, std::int32_t flags) override;
  [[nodiscard]] mapi::Mailbox mailbox_of(const mapi::EntryId& entry) const override;

  std::unique_ptr<mapi::MessageHandle> create_message(const mapi::EntryId& folder,
                                                      mapi::Message message) override;
  mapi::EntryId submit(const mapi::EntryId& folder, mapi::Message message) override;
  std::unique_ptr<mapi::MessageHandle> open_entry(const mapi::EntryId& entry,
                                                  mapi::Access access) override;
  [[nodiscard]] std::vector<mapi::EntryId> find_messages(Correlator by, std::string_view value,
                                                         std::size_t limit) const override;
  void abort_submit(const mapi::EntryId& entry) override;
  [[nodiscard]] std::vector<mapi::OutgoingQueueRow> outgoing_queue(
      std::optional<QueuePosition> after, std::size_t limit) const override;
  [[nodiscard]] std::optional<mapi::OutgoingQueueRow> queue_row(
      const mapi::EntryId& entry) const override;
  [[nodiscard]] std::unique_ptr<mapi::Subscription> advise(mapi::StoreObserver observer) override;
  [[nodiscard]] bool queue_is_empty() const override;
  void set_on_hold(const mapi::EntryId& entry, bool on_hold) override;
  [[nodiscard]] std::vector<mapi::EntryId> attempts_beyond(mapi::FileTime latest,
                                                           mapi::FileTime now,
                                                           std::size_t limit) const override;
  void retry_now(const std::optional<mapi::EntryId>& entry) override;
  mapi::LogoffResult store_logoff(mapi::Logoff how) override;

  std::vector<Claim> claim(mapi::FileTime now, std::size_t limit) override;
  [[nodiscard]] std::optional<mapi::FileTime> next_due() const override;
  void hold(const mapi::EntryId& entry, std::optional<mapi::FileTime> until) override;
  void set_lock_state(const mapi::EntryId& entry, mapi::LockState lock_state) override;
  void finished_msg(const mapi::EntryId& entry) override;
  void save_and_finish(mapi::MessageHandle& message) override;
  mapi::NewMail create_report(mapi::MessageHandle& original, mapi::Message report) override;
  mapi::NewMail receive(mapi::Message message, const mapi::Mailbox& mailbox) override;
  mapi::NewMail receive_report(const mapi::EntryId& original,
                               const std::function<void(mapi::Message&)>& change,
                               mapi::Message report) override;
  void notify_new_mail(const mapi::NewMail& mail) override;

 private:
  [[nodiscard]] State& state() const;
  void require_spooler() const;
  std::unique_ptr<mapi::MessageHandle> handle(const mapi::EntryId& entry, bool writable);
  void end_locks();
  void require_openable(const Stored& stored, mapi::Access access) const;
  mapi::FolderOperation change_each(const std::vector<mapi::EntryId>& entries,
                                    const std::function<void(const mapi::EntryId&)>& change);
  void submit_receipt(const mapi::EntryId& about, bool read);
  void remove(const mapi::EntryId& entry);
  void empty(const mapi::EntryId& folder, mapi::FolderOperation& result);
  Stored& require_finishable(const mapi::EntryId& entry) const;
  [[nodiscard]] std::optional<std::string> settle(const mapi::EntryId& entry, Stored& stored);

  std::shared_ptr<State> state_;  ///< null after store_logoff
  std::shared_ptr<SpoolerLogon> logon_;
  mapi::Mailbox mailbox_;
};

/// What a table shows of a text, and of the size of a message.
std::string table_text(const mapi::Message& message, mapi::Tag<mapi::PropertyType::unicode> tag);
std::uint64_t size_of(const mapi::Message& message);

}  // namespace memory_store
