// postern resend: queues a message again for those whom it has not reached.
#include "session/resend.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command/command.h"
#include "cli/option/mailbox.h"
#include "cli/option/store_option.h"
#include "cli/output/exit_status.h"
#include "cli/output/verdict_view.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "store/display_id.h"

namespace postern::cli {
namespace {

void copy_address(mapi::Message& to, const mapi::Message& from, const mapi::AddressGroup& group) {
  to.copy(group.entry_id, from, group.entry_id);
  to.copy(group.display_name, from, group.display_name);
  to.copy(group.address_type, from, group.address_type);
  to.copy(group.email_address, from, group.email_address);
  to.copy(group.smtp_address, from, group.smtp_address);
  to.copy(group.search_key, from, group.search_key);
}

class Resend {
 public:
  explicit Resend(CLI::App& command) {
    command
        .add_option("ID", id_,
                    "A non-delivery report, as shown by inbox, or a message that has not reached\n"
                    "everybody")
        ->required();
    command
        .add_option("--to", to_,
                    "Reach this recipient instead of those who failed, whose address is wrong,\n"
                    "say; repeatable")
        ->type_name("ADDRESS")
        ->take_all()
        ->expected(1);
    store_.add_to(command);
    command.add_flag("--no-sent-copy", no_sent_copy_, "Keep no copy in Sent Items");
    command.add_flag("--json", json_, "One JSON object on stdout");
    command.footer(
        "Only the recipients who failed get the message, and they see it as the others do, with\n"
        "the recipients of the original. When the command returns, it is on disk. `postern spool`\n"
        "sends it.");
  }

  int run() {
    for (const auto& text : to_) check_mailbox("--to", text);
    auto session = store_.open_existing().logon();
    auto message = message_to_resend(*session);
    auto shown = message;
    shown.attachments.clear();
    const auto entry =
        session->submit(session->folder(mapi::SpecialFolder::outbox), std::move(message));
    show(store::display_id(entry), shown);
    return all_delivered;
  }

 private:
  [[nodiscard]] mapi::Message message_to_resend(mapi::MsgStore& session) const {
    const auto entry = store::entry_of(session, id_);
    const auto handle = session.open_entry(entry, mapi::Access::best_access);
    if (session.queue_row(entry)) {
      throw mapi::Failure(
          mapi::MAPI_E_SUBMITTED,
          "message " + id_ + " is queued still, and its recipients are tried again");
    }
    auto found = session::undelivered(handle->message());
    if (!found) {
      throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                          "message " + id_ +
                              " is neither a non-delivery report with the original "
                              "in it nor a message that has failed to reach somebody");
    }
    const bool is_report = handle->message().get_or(mapi::PR_MESSAGE_CLASS, "") !=
                           found->original.get_or(mapi::PR_MESSAGE_CLASS, "");
    if (!is_report) found->original.set(mapi::PR_ENTRYID, entry.bytes);
    auto message = session::resend(*found, recipients_instead());
    copy_address(message, found->original, mapi::sender_group);
    copy_address(message, found->original, mapi::sent_representing_group);
    if (no_sent_copy_) {
      message.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
    } else {
      message.set(mapi::PR_SENTMAIL_ENTRYID, session.folder(mapi::SpecialFolder::sent_items).bytes);
    }
    return message;
  }

  [[nodiscard]] std::vector<mapi::Recipient> recipients_instead() const {
    std::vector<mapi::Recipient> rows;
    for (const auto& text : to_) {
      const auto mailbox = parse_mailbox(text);
      rows.push_back(mapi::make_recipient(mapi::RecipientType::to, mailbox.address, mailbox.name));
    }
    return rows;
  }

  /// Only who gets it, and not who is shown.
  void show(const std::string& id, mapi::Message message) const {
    std::erase_if(message.recipients, [](const mapi::Recipient& row) {
      return mapi::recipient_type(row) != mapi::RecipientType::p1;
    });
    if (json_) {
      print_json(to_json(std::nullopt, id, message, recipients_of(message)));
      return;
    }
    Table table({"ID", "SUBJECT", "RECIPIENT"});
    for (const auto& row : message.recipients) {
      table.add({id, std::string(message.get_or(mapi::PR_SUBJECT, "")), mapi::address_text(row)});
    }
    std::fputs(table.text().c_str(), stdout);
  }

  std::string id_;
  std::vector<std::string> to_;
  StoreOption store_;
  bool no_sent_copy_ = false;
  bool json_ = false;
};

}  // namespace

Run add_resend(CLI::App& program) {
  auto* command =
      program.add_subcommand("resend", "Queue a message again for those whom it has not reached");
  auto resend = std::make_shared<Resend>(*command);
  return [resend] { return resend->run(); };
}

}  // namespace postern::cli
