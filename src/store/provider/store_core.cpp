#include "store/provider/store_core.h"

#include <utility>

#include "mapi/property_tags.h"
#include "session/submission.h"
#include "store/table/queue_table.h"

namespace postern::store {

StoreCore::StoreCore(std::unique_ptr<Engine> store_engine, mapi::StoreSupport& store_support)
    : engine(std::move(store_engine)),
      support(store_support),
      origin(engine->origin()),
      commits(engine->make_executor(),
              [this](std::vector<StoreChange> changes) { notifier.changed(std::move(changes)); }),
      notifier([this] { return commits.foreign_version(); }) {
  engine->sweep(commits);
}

StoreCore::~StoreCore() {
  engine->on_foreign_change(nullptr);
}

std::unique_ptr<mapi::Subscription> StoreCore::advise(mapi::StoreObserver observer) {
  auto subscription = notifier.advise(std::move(observer));
  engine->on_foreign_change([this] { notifier.changed({QueueChange{}}); });
  return subscription;
}

std::string StoreCore::name(MessageId id) const {
  return "message " + std::to_string(id) + " of " + engine->name();
}

std::string StoreCore::folder_name(FolderId id) const {
  return "folder " + std::to_string(id) + " of " + engine->name();
}

mapi::Failure StoreCore::failure(mapi::Code code, MessageId id, const char* what) const {
  return {code, name(id) + " " + what};
}

mapi::Failure StoreCore::unknown_mailbox(const mapi::Mailbox& mailbox) const {
  return {mapi::MAPI_E_NOT_FOUND,
          "the store " + engine->name() + " has no mailbox '" + mailbox.name + "'"};
}

MessageState StoreCore::require_message(Connection& connection, MessageId id) const {
  const auto state = message_state(connection, id);
  if (!state) throw failure(mapi::MAPI_E_NOT_FOUND, id, "does not exist");
  return *state;
}

LoadedMessage StoreCore::load(Connection& connection, MessageId id,
                              const SpoolerLogon* logon) const {
  auto loaded = load_message(connection, origin, id);
  if (!loaded) throw failure(mapi::MAPI_E_NOT_FOUND, id, "does not exist");
  if (loaded->submit_flags) {
    const bool is_locked =
        (logon != nullptr && logon->has_locked(id)) || engine->is_locked(connection, id);
    loaded->message.set(mapi::PR_SUBMIT_FLAGS,
                        *loaded->submit_flags | (is_locked ? mapi::SUBMITFLAG_LOCKED : 0));
  }
  return *std::move(loaded);
}

LoadedMessage StoreCore::as_locked(LoadedMessage read) {
  if (read.submit_flags) {
    read.message.set(mapi::PR_SUBMIT_FLAGS, *read.submit_flags | mapi::SUBMITFLAG_LOCKED);
  }
  return read;
}

FolderState StoreCore::require_folder(Connection& connection, FolderId folder) const {
  const auto state = folder_state(connection, folder);
  if (!state) {
    throw mapi::Failure(mapi::MAPI_E_NOT_FOUND, folder_name(folder) + " does not exist");
  }
  return *state;
}

MessageId StoreCore::insert(Connection& connection, FolderId folder, const mapi::Message& message,
                            std::int32_t message_flags, ContentPlacement& contents) const {
  require_folder(connection, folder);
  return insert_message(connection, folder, message, message_flags, contents);
}

std::optional<mapi::OwnRecipients> StoreCore::own_recipients() const {
  had_no_addresses_ = !origin.reads->ask(has_mailbox_addresses);
  if (had_no_addresses_) return std::nullopt;
  return [reads = origin.reads](const std::string& address) {
    return reads->ask(
        [&](Connection& connection) { return mailbox_with_address(connection, address); });
  };
}

session::Submission StoreCore::prepare_submission(mapi::Message& message,
                                                  mapi::FileTime now) const {
  const auto own = own_recipients();
  return session::prepare_submission(message, support, now, own ? &*own : nullptr);
}

void StoreCore::deliver(Transaction& transaction,
                        const std::vector<session::OwnDelivery>& deliveries,
                        ContentPlacement& contents) const {
  auto& connection = transaction.connection;
  for (const auto& [mailbox, message] : deliveries) {
    const auto id = find_mailbox(connection, mailbox.name);
    if (!id) throw unknown_mailbox(mailbox);
    std::string message_class(message.get_or(mapi::PR_MESSAGE_CLASS, ""));
    const auto folder = receive_folder(connection, *id, message_class);
    const auto made =
        insert_message(connection, folder, message, session::new_message_flags(message), contents);
    transaction.changes.emplace_back(
        mapi::NewMail{entry_of(made), make_entry_id(origin.store, ObjectKind::folder, folder),
                      std::move(message_class)});
  }
}

}  // namespace postern::store
