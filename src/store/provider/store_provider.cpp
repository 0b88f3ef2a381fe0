#include "store/provider/store_provider.h"

#include <utility>

#include "session/folders.h"
#include "store/provider/store_object.h"

namespace postern::store {
namespace {

class StoreProvider final : public mapi::MSProvider {
 public:
  explicit StoreProvider(std::shared_ptr<StoreCore> core) : core_(std::move(core)) {}

  std::unique_ptr<mapi::MsgStore> logon(const mapi::Mailbox& mailbox) override {
    return std::make_unique<StoreObject>(core_, nullptr, mailbox);
  }
  std::unique_ptr<mapi::MsgStore> spooler_logon() override {
    auto logon = core_->engine->log_spooler_on(core_->commits);
    return std::make_unique<StoreObject>(core_, std::move(logon), mapi::Mailbox{});
  }
  [[nodiscard]] std::vector<mapi::Mailbox> mailboxes() const override {
    return core_->origin.reads->read(
        [](Connection& connection) { return store::mailboxes(connection); });
  }
  void create_mailbox(const mapi::Mailbox& mailbox) override {
    session::require_name(mailbox.name);
    core_->commits.commit([&](Transaction& transaction) {
      if (insert_mailbox(transaction.connection, mailbox.name)) return;
      throw mapi::Failure(
          mapi::MAPI_E_COLLISION,
          "the store " + core_->engine->name() + " has a mailbox '" + mailbox.name + "' already");
    });
  }
  [[nodiscard]] std::vector<mapi::MailboxAddress> addresses() const override {
    return core_->origin.reads->read(mailbox_addresses);
  }
  void add_address(const mapi::Mailbox& mailbox, const std::string& address) override {
    const auto wanted = session::require_own_address(address);
    core_->commits.commit([&](Transaction& transaction) {
      auto& connection = transaction.connection;
      const auto id = find_mailbox(connection, mailbox.name);
      if (!id) throw core_->unknown_mailbox(mailbox);
      const auto owner = mailbox_with_address(connection, wanted);
      if (owner == mailbox) return;
      if (owner) throw session::address_is_taken(address, *owner);
      insert_address(connection, *id, wanted);
    });
  }
  void remove_address(const std::string& address) override {
    const auto given = session::require_own_address(address);
    core_->commits.commit([&](Transaction& transaction) {
      if (!delete_address(transaction.connection, given)) throw session::no_such_address(address);
    });
  }

 private:
  std::shared_ptr<StoreCore> core_;
};

}  // namespace

std::unique_ptr<mapi::MSProvider> make_provider(std::unique_ptr<Engine> engine,
                                                mapi::StoreSupport& support) {
  return std::make_unique<StoreProvider>(std::make_shared<StoreCore>(std::move(engine), support));
}

}  // namespace postern::store
