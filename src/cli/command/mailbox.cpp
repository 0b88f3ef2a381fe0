// postern mailbox: the mailboxes of the store, and the addresses whose mail it delivers into them
// itself (mapi/msg_store.h, "tight coupling").
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command/command.h"
#include "cli/option/store_option.h"
#include "cli/output/exit_status.h"
#include "cli/output/table.h"
#include "cli/output/verdict_view.h"
#include "session/own_delivery.h"

namespace postern::cli {
namespace {

class MailboxCommand {
 public:
  explicit MailboxCommand(CLI::App& command) {
    command.require_subcommand(1);
    list_ = command.add_subcommand("list", "Show the mailboxes and their addresses");
    list_->add_flag("--json", json_, "One JSON object a line per mailbox");
    add_ = command.add_subcommand("add", "Give a mailbox an address, making it if it is not there");
    add_->add_option("ADDRESS", address_, "Mail to it is delivered into the mailbox")->required();
    add_->add_option("--name", name_, "The mailbox; by default one named like the address");
    remove_ = command.add_subcommand("remove", "Take an address from its mailbox");
    remove_->add_option("ADDRESS", address_, "Mail to it goes to a server from now on")->required();
    for (auto* subcommand : {list_, add_, remove_}) store_.add_to(*subcommand);
    command.footer(
        "Mail that is submitted to an address of a mailbox goes to no server: the store\n"
        "puts it into the mailbox at once, whatever program submits it. A message that is\n"
        "to be signed or encrypted goes to the servers all the same. The mailbox and what\n"
        "lies in it stay when its last address is removed.\n\n"
        "Exit status: 0 done, 65 no address, or another mailbox has it, 66 no such address\n"
        "or store.");
  }

  int run() {
    if (add_->parsed()) return add();
    if (remove_->parsed()) return remove();
    return list();
  }

 private:
  int list() {
    auto& provider = store_.open_existing();
    std::map<mapi::Mailbox, std::vector<std::string>> addresses;
    for (auto& mailbox : provider.mailboxes()) addresses[std::move(mailbox)];
    for (auto& [address, mailbox] : provider.addresses()) addresses[mailbox].push_back(address);
    Table table({"MAILBOX", "ADDRESSES"});
    for (const auto& [mailbox, own] : addresses) {
      if (json_) {
        print_json({{"mailbox", mailbox.name}, {"addresses", own}});
        continue;
      }
      std::string joined;
      for (const auto& address : own) joined += (joined.empty() ? "" : ", ") + address;
      table.add({mailbox.name.empty() ? "(the default one)" : mailbox.name, joined});
    }
    if (!json_) std::fputs(table.text().c_str(), stdout);
    return all_delivered;
  }

  /// Nothing is made for an address that another mailbox has.
  int add() {
    const auto address = session::require_own_address(address_);
    auto& provider = store_.open();
    const mapi::Mailbox mailbox{name_.value_or(address)};
    for (const auto& [taken, owner] : provider.addresses()) {
      if (taken == address && owner != mailbox) throw session::address_is_taken(address_, owner);
    }
    const auto known = provider.mailboxes();
    if (std::ranges::find(known, mailbox) == known.end()) provider.create_mailbox(mailbox);
    provider.add_address(mailbox, address);
    return all_delivered;
  }

  int remove() {
    store_.open_existing().remove_address(address_);
    return all_delivered;
  }

  CLI::App* list_ = nullptr;
  CLI::App* add_ = nullptr;
  CLI::App* remove_ = nullptr;
  std::string address_;
  std::optional<std::string> name_;
  StoreOption store_;
  bool json_ = false;
};

}  // namespace

Run add_mailbox(CLI::App& program) {
  auto* command =
      program.add_subcommand("mailbox", "Let the store deliver to mailboxes of its own");
  auto mailbox = std::make_shared<MailboxCommand>(*command);
  return [mailbox] { return mailbox->run(); };
}

}  // namespace postern::cli
