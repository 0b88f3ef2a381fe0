#include "store/sqlite_store.h"

#include <cstdint>
#include <utility>

#include "mapi/property_tags.h"
#include "session/folders.h"
#include "session/report.h"
#include "session/submission.h"
#include "store/provider/store_object.h"

namespace postern::store {
namespace {

mapi::Failure unknown_mailbox(const StoreCore& core, const mapi::Mailbox& mailbox) {
  return {mapi::MAPI_E_NOT_FOUND,
          "the store '" + core.path.string() + "' has no mailbox '" + mailbox.name + "'"};
}

MailboxId require_mailbox(const StoreCore& core, const mapi::Mailbox& mailbox) {
  const auto id = core.origin.reads->read(
      [&](SqliteConnection& connection) { return find_mailbox(connection, mailbox.name); });
  if (!id) throw unknown_mailbox(core, mailbox);
  return *id;
}

/// As it is stored.
mapi::Message come_in(mapi::Message message) {
  message = session::received(std::move(message), mapi::FileTime::now());
  session::set_computed_properties(message);
  return message;
}

}  // namespace

SqliteStore::SqliteStore(std::shared_ptr<StoreCore> core, std::shared_ptr<SpoolerLogon> logon,
                         mapi::Mailbox mailbox)
    : core_(std::move(core)),
      logon_(std::move(logon)),
      mailbox_(std::move(mailbox)),
      mailbox_id_(require_mailbox(*core_, mailbox_)) {}

StoreCore& SqliteStore::core() const {
  if (!core_) throw mapi::Failure(mapi::MAPI_E_INVALID_OBJECT, "the store was logged off from");
  return *core_;
}

SpoolerLogon& SqliteStore::require_spooler(const char* method) const {
  (void)core();
  if (!logon_) {
    throw mapi::Failure(mapi::MAPI_E_NO_SUPPORT,
                        std::string(method) + " is for the spooler's logon only");
  }
  return *logon_;
}

std::unique_ptr<mapi::Subscription> SqliteStore::advise(mapi::StoreObserver observer) {
  return core().notifier.advise(std::move(observer));
}

/// Makes a message in a commit of its own.
MessageId SqliteStore::insert(FolderId folder, const Message& message, std::int32_t message_flags) {
  auto staged = core().stage(message);
  MessageId id = 0;
  core().commits.commit([&](SqliteTransaction& transaction) {
    ContentPlacement contents(transaction.connection, staged);
    id = core().insert(transaction.connection, folder, message, message_flags, contents);
  });
  staged.keep();
  return id;
}

std::unique_ptr<mapi::MessageHandle> SqliteStore::create_message(const mapi::EntryId& folder,
                                                                 Message message) {
  const auto folder_id = core().folder_of(folder);
  session::set_computed_properties(message);
  const auto id = insert(folder_id, message, session::new_message_flags(message));
  auto [saved, change_number] = read([&](SqliteConnection& connection) {
    return std::pair(core().load(connection, id),
                     core().require_message(connection, id).change_number);
  });
  return std::make_unique<StoredMessage>(core_, logon_, id, StoredMessage::Mode::read_write,
                                         std::move(saved), change_number);
}

mapi::EntryId SqliteStore::submit(const mapi::EntryId& folder, Message message) {
  const auto folder_id = core().folder_of(folder);
  message.set(mapi::PR_MESSAGE_FLAGS, session::new_message_flags(message));
  const auto submission = core().prepare_submission(message, mapi::FileTime::now());
  auto staged = core().stage(message);
  MessageId id = 0;
  core().commits.commit([&](SqliteTransaction& transaction) {
    ContentPlacement contents(transaction.connection, staged);
    id = insert_queued(transaction, folder_id, message, submission, contents);
  });
  staged.keep();
  return core().entry_of(id);
}

std::unique_ptr<mapi::MessageHandle> SqliteStore::open_entry(const mapi::EntryId& entry,
                                                             mapi::Access access) {
  const auto id = core().message_of(entry);
  return read([&](SqliteConnection& connection) -> std::unique_ptr<mapi::MessageHandle> {
    const auto state = core().require_message(connection, id);
    const auto mode = mode_of(id, submit_flags(connection, id).has_value(), access);
    return std::make_unique<StoredMessage>(core_, logon_, id, mode, core().load(connection, id),
                                           state.change_number);
  });
}

/// The first three rows of the client's table of §4; they do not apply to the spooler.
StoredMessage::Mode SqliteStore::mode_of(MessageId id, bool is_queued, mapi::Access access) const {
  using Mode = StoredMessage::Mode;
  const auto asked = access == mapi::Access::read_only ? Mode::read_only : Mode::read_write;
  if (!is_queued || logon_) return asked;
  if (access == mapi::Access::modify) {
    throw core().failure(mapi::MAPI_E_SUBMITTED, id,
                         "is submitted; cancel its submission before changing it");
  }
  if (is_locked(core().locks, id)) {
    throw core().failure(mapi::MAPI_E_NO_ACCESS, id, "is being sent right now");
  }
  return Mode::read_only;
}

std::vector<mapi::EntryId> SqliteStore::find_messages(Correlator by, std::string_view value,
                                                      std::size_t limit) const {
  const auto found = read(
      [&](SqliteConnection& connection) { return messages_with(connection, by, value, limit); });
  return entries_of(found);
}

std::vector<mapi::EntryId> SqliteStore::entries_of(const std::vector<MessageId>& messages) const {
  std::vector<mapi::EntryId> entries;
  entries.reserve(messages.size());
  for (const auto id : messages) entries.push_back(core().entry_of(id));
  return entries;
}

/// Makes a message that is prepared for submission, its place in the queue, and what is delivered
/// here, within a commit.
MessageId SqliteStore::insert_queued(SqliteTransaction& transaction, FolderId folder,
                                     const Message& message, const session::Submission& submission,
                                     ContentPlacement& contents) {
  const auto flags = session::new_message_flags(message) | mapi::MSGFLAG_SUBMIT;
  const auto id = core().insert(transaction.connection, folder, message, flags, contents);
  enqueue(transaction.connection, id, message, submission.submit_flags);
  core().deliver(transaction, submission.deliveries, contents);
  transaction.tell(mapi::QueueEvent::row_added, core().entry_of(id));
  return id;
}

/// The submission of one that is for somebody else; nullopt for one that is received here.
std::optional<session::Submission> SqliteStore::prepare_report(Message& report) const {
  if (!session::is_to_be_submitted(report)) {
    session::set_computed_properties(report);
    return std::nullopt;
  }
  report.set(mapi::PR_MESSAGE_FLAGS, session::new_message_flags(report));
  return core().prepare_submission(report, mapi::FileTime::now());
}

StoredMessage& SqliteStore::require_own(mapi::MessageHandle& message) const {
  auto* stored = dynamic_cast<StoredMessage*>(&message);
  if (stored == nullptr || !stored->is_of(core())) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER, "the message is none of this store's");
  }
  return *stored;
}

mapi::NewMail SqliteStore::create_report(mapi::MessageHandle& original, Message report) {
  require_spooler("CreateReport");
  auto& stored = require_own(original);
  const std::string report_class(report.get_or(mapi::PR_MESSAGE_CLASS, ""));
  const auto submission = prepare_report(report);
  auto staged = core().stage(report);
  MessageId id = 0;
  FolderId folder = 0;
  stored.save_changes_and([&](SqliteTransaction& transaction) {
    auto& connection = transaction.connection;
    const auto lies_in = core().require_message(connection, stored.id()).folder;
    const auto mailbox = core().require_folder(connection, lies_in).mailbox;
    ContentPlacement contents(connection, staged);
    if (submission) {
      folder = special_folder(connection, mailbox, mapi::SpecialFolder::outbox);
      id = insert_queued(transaction, folder, report, *submission, contents);
    } else {
      folder = store::receive_folder(connection, mailbox, report_class);
      id = core().insert(connection, folder, report, session::new_message_flags(report), contents);
    }
  });
  staged.keep();
  return {core().entry_of(id), entry_of_folder(folder), report_class};
}

mapi::NewMail SqliteStore::receive(Message message, const mapi::Mailbox& mailbox) {
  const auto mailbox_id = require_mailbox(core(), mailbox);
  message = come_in(std::move(message));
  std::string message_class(message.get_or(mapi::PR_MESSAGE_CLASS, ""));
  const auto folder = read([&](SqliteConnection& connection) {
    return store::receive_folder(connection, mailbox_id, message_class);
  });
  const auto id = insert(folder, message, session::new_message_flags(message));
  mapi::NewMail mail{core().entry_of(id), entry_of_folder(folder), std::move(message_class)};
  core().notifier.new_mail(mail);
  return mail;
}

/// The original is read and written within the commit, so that neither undoes what the other has
/// saved: a handle on it merges this change as it saves. Of a damaged one, what can be read
/// changes.
mapi::NewMail SqliteStore::receive_report(const mapi::EntryId& original,
                                          const std::function<void(Message&)>& change,
                                          Message report) {
  const auto about = core().message_of(original);
  report = come_in(std::move(report));
  std::string report_class(report.get_or(mapi::PR_MESSAGE_CLASS, ""));
  auto staged = core().stage(report);
  const auto nothing = core().stage({});
  MessageId id = 0;
  FolderId folder = 0;
  core().commits.commit([&](SqliteTransaction& transaction) {
    auto& connection = transaction.connection;
    const auto state = core().require_message(connection, about);
    const auto before = load_what_is_intact(connection, core().origin, about);
    auto after = before;
    change(after);
    ContentPlacement contents(connection, nothing);
    update_message(connection, about, before, after, state.message_flags, contents);
    const auto mailbox = core().require_folder(connection, state.folder).mailbox;
    folder = store::receive_folder(connection, mailbox, report_class);
    ContentPlacement enclosed(connection, staged);
    id = core().insert(connection, folder, report, session::new_message_flags(report), enclosed);
  });
  staged.keep();
  mapi::NewMail mail{core().entry_of(id), entry_of_folder(folder), std::move(report_class)};
  core().notifier.new_mail(mail);
  return mail;
}

void SqliteStore::notify_new_mail(const mapi::NewMail& mail) {
  require_spooler("NotifyNewMail");
  core().notifier.new_mail(mail);
}

namespace {

class SqliteProvider final : public mapi::MSProvider {
 public:
  explicit SqliteProvider(std::shared_ptr<StoreCore> core) : core_(std::move(core)) {}

  std::unique_ptr<mapi::MsgStore> logon(const mapi::Mailbox& mailbox) override {
    return std::make_unique<SqliteStore>(core_, nullptr, mailbox);
  }
  std::unique_ptr<mapi::MsgStore> spooler_logon() override {
    auto logon = std::make_shared<SpoolerLogon>(core_->path);
    core_->commits.commit(
        [](SqliteTransaction& transaction) { end_holds_without_end(transaction.connection); });
    return std::make_unique<SqliteStore>(core_, std::move(logon), mapi::Mailbox{});
  }
  [[nodiscard]] std::vector<mapi::Mailbox> mailboxes() const override {
    return core_->origin.reads->read(
        [](SqliteConnection& connection) { return store::mailboxes(connection); });
  }
  void create_mailbox(const mapi::Mailbox& mailbox) override {
    session::require_name(mailbox.name);
    core_->commits.commit([&](SqliteTransaction& transaction) {
      if (insert_mailbox(transaction.connection, mailbox.name)) return;
      throw mapi::Failure(
          mapi::MAPI_E_COLLISION,
          "the store '" + core_->path.string() + "' has a mailbox '" + mailbox.name + "' already");
    });
  }
  [[nodiscard]] std::vector<mapi::MailboxAddress> addresses() const override {
    return core_->origin.reads->read(mailbox_addresses);
  }
  void add_address(const mapi::Mailbox& mailbox, const std::string& address) override {
    const auto wanted = session::require_own_address(address);
    core_->commits.commit([&](SqliteTransaction& transaction) {
      auto& connection = transaction.connection;
      const auto id = find_mailbox(connection, mailbox.name);
      if (!id) throw unknown_mailbox(*core_, mailbox);
      const auto owner = mailbox_with_address(connection, wanted);
      if (owner == mailbox) return;
      if (owner) throw session::address_is_taken(address, *owner);
      insert_address(connection, *id, wanted);
    });
  }
  void remove_address(const std::string& address) override {
    const auto given = session::require_own_address(address);
    core_->commits.commit([&](SqliteTransaction& transaction) {
      if (!delete_address(transaction.connection, given)) throw session::no_such_address(address);
    });
  }

 private:
  std::shared_ptr<StoreCore> core_;
};

}  // namespace

std::unique_ptr<mapi::MSProvider> open_sqlite_store(const std::filesystem::path& path,
                                                    mapi::StoreSupport& support) {
  return std::make_unique<SqliteProvider>(std::make_shared<StoreCore>(path, support));
}

}  // namespace postern::store
