#include <cstdint>
#include <deque>
#include <utility>

#include "mapi/property_tags.h"
#include "session/folders.h"
#include "session/report.h"
#include "session/submission.h"
#include "store/provider/store_object.h"

namespace postern::store {
namespace {

MailboxId require_mailbox(const StoreCore& core, const mapi::Mailbox& mailbox) {
  const auto id = core.origin.reads->read(
      [&](Connection& connection) { return find_mailbox(connection, mailbox.name); });
  if (!id) throw core.unknown_mailbox(mailbox);
  return *id;
}

mapi::Message with_new_flags(mapi::Message message) {
  message.set(mapi::PR_MESSAGE_FLAGS, session::new_message_flags(message));
  return message;
}

StoredMessage::Mode asked_mode(mapi::Access access) {
  using Mode = StoredMessage::Mode;
  return access == mapi::Access::read_only ? Mode::read_only : Mode::read_write;
}

/// What was prepared as if no mailbox had an address is to be prepared anew: one has.
struct AddressIsNew : mapi::Failure {
  AddressIsNew() : mapi::Failure(mapi::MAPI_E_OBJECT_CHANGED, "a mailbox has an address now") {}
};

bool is_new_address(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const AddressIsNew&) {
    return true;
  } catch (...) {
    return false;
  }
}

/// As it is stored.
mapi::Message come_in(mapi::Message message) {
  message = session::received(std::move(message), mapi::FileTime::now());
  session::set_computed_properties(message);
  return message;
}

}  // namespace

StoreObject::StoreObject(std::shared_ptr<StoreCore> core, std::shared_ptr<SpoolerLogon> logon,
                         mapi::Mailbox mailbox)
    : core_(std::move(core)),
      logon_(std::move(logon)),
      mailbox_(std::move(mailbox)),
      mailbox_id_(require_mailbox(*core_, mailbox_)) {}

StoreCore& StoreObject::core() const {
  if (!core_) throw mapi::Failure(mapi::MAPI_E_INVALID_OBJECT, "the store was logged off from");
  return *core_;
}

SpoolerLogon& StoreObject::require_spooler(const char* method) const {
  (void)core();
  if (!logon_) {
    throw mapi::Failure(mapi::MAPI_E_NO_SUPPORT,
                        std::string(method) + " is for the spooler's logon only");
  }
  return *logon_;
}

std::unique_ptr<mapi::Subscription> StoreObject::advise(mapi::StoreObserver observer) {
  return core().advise(std::move(observer));
}

/// Makes a message in a commit of its own.
MessageId StoreObject::insert(FolderId folder, const Message& message, std::int32_t message_flags) {
  auto staged = core().stage(message);
  MessageId id = 0;
  core().commits.commit([&](Transaction& transaction) {
    ContentPlacement contents(transaction.connection, staged);
    id = core().insert(transaction.connection, folder, message, message_flags, contents);
  });
  staged.keep();
  return id;
}

std::unique_ptr<mapi::MessageHandle> StoreObject::create_message(const mapi::EntryId& folder,
                                                                 Message message) {
  const auto folder_id = core().folder_of(folder);
  session::set_computed_properties(message);
  const auto id = insert(folder_id, message, session::new_message_flags(message));
  auto made =
      read([&](Connection& connection) { return core().load(connection, id, logon_.get()); });
  return std::make_unique<StoredMessage>(core_, logon_, id, StoredMessage::Mode::read_write,
                                         std::move(made.message), made.state.change_number);
}

mapi::EntryId StoreObject::submit(const mapi::EntryId& folder, Message message) {
  return core().entry_of(submit_new(core().folder_of(folder), message));
}

/// Whether mailboxes have addresses is looked for each message within its commit, and before it
/// only if they had some the last time.
MessageId StoreObject::submit_new(FolderId folder, const Message& message) {
  while (true) {
    NewSubmission made(core(), message);
    try {
      core().commits.commit(
          [&](Transaction& transaction) { insert_queued(transaction, folder, made); });
      made.staged.keep();
      return made.id;
    } catch (const AddressIsNew&) {
      continue;
    }
  }
}

std::vector<mapi::MsgStore::Submitted> StoreObject::submit_all(const mapi::EntryId& folder,
                                                               std::vector<Message> messages) {
  const auto folder_id = core().folder_of(folder);
  std::vector<Submitted> results;
  std::deque<NewSubmission> made;
  std::vector<std::size_t> places;  // of what was made, in the results
  std::vector<Work> works;
  for (const auto& message : messages) {
    results.emplace_back(mapi::EntryId{});
    try {
      auto& one = made.emplace_back(core(), message);
      works.emplace_back([this, folder_id, &one](Transaction& transaction) {
        insert_queued(transaction, folder_id, one);
      });
      places.push_back(results.size() - 1);
    } catch (const mapi::Failure& failure) {
      results.back() = failure;
    }
  }
  const auto failures = core().commits.commit_all(works);
  for (std::size_t i = 0; i < places.size(); ++i) {
    auto& result = results[places[i]];
    if (!failures[i]) {
      made[i].staged.keep();
      result = core().entry_of(made[i].id);
    } else if (is_new_address(failures[i])) {
      result = submit_again(folder_id, messages[places[i]]);
    } else {
      result = mapi::as_failure(failures[i]);
    }
  }
  return results;
}

StoreObject::Submitted StoreObject::submit_again(FolderId folder, const Message& message) {
  try {
    return core().entry_of(submit_new(folder, message));
  } catch (const mapi::Failure& failure) {
    return failure;
  }
}

std::unique_ptr<mapi::MessageHandle> StoreObject::open_entry(const mapi::EntryId& entry,
                                                             mapi::Access access) {
  const auto id = core().message_of(entry);
  if (auto known = logon_ ? logon_->take_read(id) : std::nullopt) {
    auto found = StoreCore::as_locked(*std::move(known));
    return std::make_unique<StoredMessage>(core_, logon_, id, asked_mode(access),
                                           std::move(found.message), found.state.change_number);
  }
  return read([&](Connection& connection) -> std::unique_ptr<mapi::MessageHandle> {
    const auto mode = mode_of(connection, id, access);
    if (logon_ && logon_->has_locked(id)) logon_->require_lock(connection, id);
    auto found = core().load(connection, id, logon_.get());
    return std::make_unique<StoredMessage>(core_, logon_, id, mode, std::move(found.message),
                                           found.state.change_number);
  });
}

/// The first three rows of the client's table of §4; they do not apply to the spooler.
StoredMessage::Mode StoreObject::mode_of(Connection& connection, MessageId id,
                                         mapi::Access access) const {
  const auto asked = asked_mode(access);
  if (logon_ || !submit_flags(connection, id)) return asked;
  if (access == mapi::Access::modify) {
    throw core().failure(mapi::MAPI_E_SUBMITTED, id,
                         "is submitted; cancel its submission before changing it");
  }
  if (core().engine->is_locked(connection, id)) {
    throw core().failure(mapi::MAPI_E_NO_ACCESS, id, "is being sent right now");
  }
  return StoredMessage::Mode::read_only;
}

std::vector<mapi::EntryId> StoreObject::find_messages(Correlator by, std::string_view value,
                                                      std::size_t limit) const {
  const auto found =
      read([&](Connection& connection) { return messages_with(connection, by, value, limit); });
  return entries_of(found);
}

std::vector<mapi::EntryId> StoreObject::entries_of(const std::vector<MessageId>& messages) const {
  std::vector<mapi::EntryId> entries;
  entries.reserve(messages.size());
  for (const auto id : messages) entries.push_back(core().entry_of(id));
  return entries;
}

StoreObject::NewSubmission::NewSubmission(StoreCore& core, Message given)
    : message(with_new_flags(std::move(given))),
      is_for_others(core.had_no_addresses()),
      submission(is_for_others ? session::prepare_submission(message, core.support,
                                                             mapi::FileTime::now(), nullptr)
                               : core.prepare_submission(message, mapi::FileTime::now())),
      staged(core.stage(message)) {}

void StoreObject::insert_queued(Transaction& transaction, FolderId folder, NewSubmission& made) {
  const auto state = core().require_folder(transaction.connection, folder);
  if (made.is_for_others && state.has_store_addresses) {
    core().forget_addresses();
    throw AddressIsNew();
  }
  ContentPlacement contents(transaction.connection, made.staged);
  made.id = insert_queued(transaction, folder, made.message, made.submission, contents);
}

/// Makes a message that is prepared for submission in a folder that exists, its place in the queue,
/// and what is delivered here, within a commit.
MessageId StoreObject::insert_queued(Transaction& transaction, FolderId folder,
                                     const Message& message, const session::Submission& submission,
                                     ContentPlacement& contents) {
  const auto flags = session::new_message_flags(message) | mapi::MSGFLAG_SUBMIT;
  const auto id = insert_message(transaction.connection, folder, message, flags, contents);
  enqueue(transaction.connection, id, message, submission.submit_flags);
  core().deliver(transaction, submission.deliveries, contents);
  transaction.tell(mapi::QueueEvent::row_added, core().entry_of(id));
  return id;
}

/// The submission of one that is for somebody else; nullopt for one that is received here.
std::optional<session::Submission> StoreObject::prepare_report(Message& report) const {
  if (!session::is_to_be_submitted(report)) {
    session::set_computed_properties(report);
    return std::nullopt;
  }
  report.set(mapi::PR_MESSAGE_FLAGS, session::new_message_flags(report));
  return core().prepare_submission(report, mapi::FileTime::now());
}

StoredMessage& StoreObject::require_own(mapi::MessageHandle& message) const {
  auto* stored = dynamic_cast<StoredMessage*>(&message);
  if (stored == nullptr || !stored->is_of(core())) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER, "the message is none of this store's");
  }
  return *stored;
}

mapi::NewMail StoreObject::create_report(mapi::MessageHandle& original, Message report) {
  require_spooler("CreateReport");
  auto& stored = require_own(original);
  const std::string report_class(report.get_or(mapi::PR_MESSAGE_CLASS, ""));
  const auto submission = prepare_report(report);
  auto staged = core().stage(report);
  MessageId id = 0;
  FolderId folder = 0;
  stored.save_changes_and([&](Transaction& transaction) {
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

mapi::NewMail StoreObject::receive(Message message, const mapi::Mailbox& mailbox) {
  const auto mailbox_id = require_mailbox(core(), mailbox);
  message = come_in(std::move(message));
  std::string message_class(message.get_or(mapi::PR_MESSAGE_CLASS, ""));
  const auto folder = read([&](Connection& connection) {
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
mapi::NewMail StoreObject::receive_report(const mapi::EntryId& original,
                                          const std::function<void(Message&)>& change,
                                          Message report) {
  const auto about = core().message_of(original);
  report = come_in(std::move(report));
  std::string report_class(report.get_or(mapi::PR_MESSAGE_CLASS, ""));
  auto staged = core().stage(report);
  const auto nothing = core().stage({});
  MessageId id = 0;
  FolderId folder = 0;
  core().commits.commit([&](Transaction& transaction) {
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

void StoreObject::notify_new_mail(const mapi::NewMail& mail) {
  require_spooler("NotifyNewMail");
  core().notifier.new_mail(mail);
}

}  // namespace postern::store
