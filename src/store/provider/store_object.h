// A store object of one logon (the role MsgStore).
//
// Its methods lie in three sources: store_messages.cpp (messages, their submission and reports),
// store_folders.cpp (folders, and what is done to several messages), store_queue.cpp (the queue,
// for clients and for the spooler).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "mapi/msg_store.h"
#include "store/provider/message_handle.h"
#include "store/provider/store_core.h"
#include "store/table/folder_table.h"
#include "store/table/queue_table.h"

namespace postern::store {

class StoreObject final : public mapi::MsgStore {
 public:
  using EntryId = mapi::EntryId;
  using Message = mapi::Message;

  /// `logon` is null for a client. Throws mapi::Failure(MAPI_E_NOT_FOUND) for an unknown mailbox.
  StoreObject(std::shared_ptr<StoreCore> core, std::shared_ptr<SpoolerLogon> logon,
              mapi::Mailbox mailbox);

  [[nodiscard]] mapi::PropertyBag properties() const override;
  [[nodiscard]] EntryId folder(mapi::SpecialFolder folder) const override;
  [[nodiscard]] EntryId receive_folder(std::string_view message_class) const override;
  void set_receive_folder(std::string_view message_class, const EntryId& folder) override;
  EntryId create_folder(const EntryId& parent, const std::string& name) override;
  [[nodiscard]] std::vector<mapi::FolderRow> folders(const EntryId& parent) const override;
  mapi::FolderOperation delete_folder(const EntryId& folder,
                                      mapi::FolderDeletion deletion) override;
  [[nodiscard]] std::vector<mapi::ContentsRow> contents(const EntryId& folder, const EntryId& after,
                                                        std::size_t limit) const override;
  mapi::FolderOperation delete_messages(const std::vector<EntryId>& entries) override;
  mapi::FolderOperation empty_folder(const EntryId& folder) override;
  mapi::FolderOperation move_messages(const std::vector<EntryId>& entries,
                                      const EntryId& folder) override;
  mapi::FolderOperation copy_messages(const std::vector<EntryId>& entries,
                                      const EntryId& folder) override;
  void set_read_flag(const EntryId& entry, std::int32_t flags) override;
  [[nodiscard]] mapi::Mailbox mailbox_of(const EntryId& entry) const override;

  std::unique_ptr<mapi::MessageHandle> create_message(const EntryId& folder,
                                                      Message message) override;
  EntryId submit(const EntryId& folder, Message message) override;
  std::vector<Submitted> submit_all(const EntryId& folder, std::vector<Message> messages) override;
  std::unique_ptr<mapi::MessageHandle> open_entry(const EntryId& entry,
                                                  mapi::Access access) override;
  [[nodiscard]] std::vector<EntryId> find_messages(Correlator by, std::string_view value,
                                                   std::size_t limit) const override;
  mapi::NewMail receive(Message message, const mapi::Mailbox& mailbox) override;
  mapi::NewMail receive_report(const EntryId& original, const std::function<void(Message&)>& change,
                               Message report) override;
  void abort_submit(const EntryId& entry) override;
  [[nodiscard]] std::vector<mapi::OutgoingQueueRow> outgoing_queue(
      std::optional<QueuePosition> after, std::size_t limit) const override;
  [[nodiscard]] bool queue_is_empty() const override;
  [[nodiscard]] std::optional<mapi::OutgoingQueueRow> queue_row(
      const EntryId& entry) const override;
  void set_on_hold(const EntryId& entry, bool on_hold) override;
  [[nodiscard]] std::vector<EntryId> attempts_beyond(mapi::FileTime latest, mapi::FileTime now,
                                                     std::size_t limit) const override;
  void retry_now(const std::optional<EntryId>& entry) override;
  [[nodiscard]] std::unique_ptr<mapi::Subscription> advise(mapi::StoreObserver observer) override;
  mapi::LogoffResult store_logoff(mapi::Logoff how) override;

  std::vector<Claim> claim(mapi::FileTime now, std::size_t limit) override;
  [[nodiscard]] std::optional<mapi::FileTime> next_due() const override;
  void hold(const EntryId& entry, std::optional<mapi::FileTime> until) override;
  void set_lock_state(const EntryId& entry, mapi::LockState state) override;
  void finished_msg(const EntryId& entry) override;
  void save_and_finish(mapi::MessageHandle& message) override;
  std::vector<Finished> save_and_finish_all(
      std::span<mapi::MessageHandle* const> messages) override;
  mapi::NewMail create_report(mapi::MessageHandle& original, Message report) override;
  void notify_new_mail(const mapi::NewMail& mail) override;

 private:
  using Change = std::function<void(Transaction&, MessageId)>;

  /// Throws MAPI_E_INVALID_OBJECT after store_logoff.
  [[nodiscard]] StoreCore& core() const;
  template <class Work>
  auto read(Work&& work) const {
    return core().origin.reads->read(std::forward<Work>(work));
  }
  SpoolerLogon& require_spooler(const char* method) const;
  StoredMessage& require_own(mapi::MessageHandle& message) const;

  // store_messages.cpp
  MessageId insert(FolderId folder, const Message& message, std::int32_t message_flags);
  /// A message on its way into the queue.
  struct NewSubmission {
    NewSubmission(StoreCore& core, Message given);
    Message message;
    bool is_for_others;  ///< it was assumed that no mailbox has an address
    session::Submission submission;
    StagedContents staged;
    MessageId id = 0;
  };
  MessageId submit_new(FolderId folder, const Message& message);
  Submitted submit_again(FolderId folder, const Message& message);
  void insert_queued(Transaction& transaction, FolderId folder, NewSubmission& made);
  MessageId insert_queued(Transaction& transaction, FolderId folder, const Message& message,
                          const session::Submission& submission, ContentPlacement& contents);
  std::optional<session::Submission> prepare_report(Message& report) const;
  [[nodiscard]] std::vector<EntryId> entries_of(const std::vector<MessageId>& messages) const;
  [[nodiscard]] StoredMessage::Mode mode_of(Connection& connection, MessageId id,
                                            mapi::Access access) const;

  // store_folders.cpp
  [[nodiscard]] EntryId entry_of_folder(FolderId id) const;
  void require_folder(FolderId id) const;
  void require_deletable(FolderId id, mapi::FolderDeletion deletion) const;
  void require_well_formed(const std::vector<EntryId>& entries) const;
  mapi::FolderOperation change_each(const std::vector<EntryId>& entries, const Change& change);
  mapi::FolderOperation change_batch(std::span<const EntryId> entries, const Change& change);
  [[nodiscard]] std::variant<MessageId, mapi::Code> changeable(Connection& connection,
                                                               const EntryId& entry) const;
  void submit_receipt(Transaction& transaction, MessageId about, bool read);
  void empty(const std::vector<FolderId>& folders, mapi::FolderOperation& result);
  EntryId copy(MessageId id, FolderId folder);

  // store_queue.cpp
  MessageId require_finishable(const EntryId& entry) const;
  /// A message on its way out of the queue.
  struct SentMessage {
    SentMessage(StoreCore& core, const EntryId& sent_entry, KnownMessage as_sent, Message to_keep);
    EntryId entry;
    MessageId id;
    KnownMessage sent;  ///< as the store holds it
    Message kept;       ///< as it will be kept
    mapi::StoreSupport::SentMail decision;
    StagedContents staged;
    bool stays_for_want_of_a_folder = false;
    bool had_content = false;
  };
  void finish(Transaction& transaction, SentMessage& made);
  void end_finish(SentMessage& made);
  void retry_all_now();
  void require_queued(MessageId id) const;
  [[nodiscard]] mapi::Failure not_queued(MessageId id) const;
  [[nodiscard]] std::optional<FolderId> sent_mail_folder(Connection& connection,
                                                         const Message& message) const;

  std::shared_ptr<StoreCore> core_;  ///< null after store_logoff
  std::shared_ptr<SpoolerLogon> logon_;
  mapi::Mailbox mailbox_;
  MailboxId mailbox_id_;
};

}  // namespace postern::store
