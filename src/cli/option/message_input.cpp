#include "cli/option/message_input.h"

#include <chrono>

#include <CLI/CLI.hpp>

#include "base/host_name.h"
#include "cli/input/message_file.h"
#include "cli/option/mailbox.h"
#include "cli/option/send_time.h"
#include "cli/option/usage_error.h"
#include "cli/output/diagnostic.h"
#include "cli/output/time_text.h"
#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::cli {
namespace {

/// What only meant something to the program or store the file came from.
void remove_foreign_state(mapi::Message& message) {
  message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT);
  message.erase(mapi::PR_SUBMIT_FLAGS);
  message.erase(mapi::PR_SENTMAIL_ENTRYID);
  message.erase(mapi::PR_DELETE_AFTER_SUBMIT);
  message.erase(mapi::PR_ENTRYID);
  message.erase(mapi::PR_RECORD_KEY);
  message.erase(mapi::PR_REPORT_ENTRYID);
  message.erase(mapi::PR_LATEST_DELIVERY_TIME);
  message.erase(mapi::PR_POSTERN_REQUIRE_TLS);
  message.erase(mapi::PR_POSTERN_ENVELOPE_ID);
  message.erase(mapi::PR_POSTERN_LOSSES);
  message.erase(mapi::PR_POSTERN_TNEF);
  message.erase(mapi::PR_POSTERN_REVERSE_PATH);
  message.erase(mapi::PR_POSTERN_HEADER_DATE);
  for (auto& row : message.recipients) {
    row.erase(mapi::PR_RESPONSIBILITY);
    row.erase(mapi::PR_ROWID);
    row.erase(mapi::PR_POSTERN_SECURED_ENTITY);
    mapi::clear_outcome(row);
  }
  for (auto& attachment : message.attachments) {
    attachment.erase(mapi::PR_POSTERN_SECURED_ENTITY);
  }
}

/// Of PR_PRIORITY.
std::int32_t priority_of(std::string_view name) {
  if (name == "urgent") return 1;
  return name == "non-urgent" ? -1 : 0;
}

bool has_sender(const mapi::Message& message) {
  return mapi::smtp_address(message, mapi::sent_representing_group) ||
         mapi::smtp_address(message, mapi::sender_group);
}

/// What mime/compose.h says of the message, with the file named.
mapi::Failure about(const std::filesystem::path& file, const mapi::Message& message,
                    const mime::ComposeOptions& options, const mapi::Failure& failure) {
  const bool nobody = failure.code() == mapi::MAPI_E_INVALID_PARAMETER && !options.default_from &&
                      !has_sender(message);
  return {failure.code(),
          "'" + file.string() + "': " + failure.what() + (nobody ? "; give one with --from" : "")};
}

}  // namespace

mime::Plan compose(const std::filesystem::path& file, const mapi::Message& message,
                   const mime::ComposeOptions& options) {
  try {
    return mime::compose(message, options);
  } catch (const mapi::Failure& failure) {
    throw about(file, message, options, failure);
  }
}

void MessageInput::add_to(CLI::App& command) {
  command.add_option("FILE", files_,
                     "Messages: Outlook files (.msg, .oft) or mails (.eml), whatever their names;\n"
                     "-: a mail from standard input");
  command
      .add_option("--files-from", files_from_,
                  "More files: a list with one name a line; -: from standard input, as they come")
      ->type_name("LIST");
  command.add_option("--from", from_, "Replaces the sender")->type_name("ADDRESS");
  const char* replaces = "of these three options any one replaces all recipients of the files";
  for (auto& [name, list] : {std::pair{"--to", &to_}, {"--cc", &cc_}, {"--bcc", &bcc_}}) {
    command.add_option(name, *list, std::string("A recipient; repeatable; ") + replaces)
        ->type_name("ADDRESS")
        ->take_all()
        ->expected(1);
  }
  command
      .add_option("--list", list_files_,
                  "A distribution list or contact, an Outlook .msg file; repeatable. Where a\n"
                  "message has that list as a recipient, its members get the message; --to,\n"
                  "--cc and --bcc take its name. A list that is not given is reported as\n"
                  "undeliverable")
      ->type_name("FILE")
      ->take_all()
      ->expected(1);
  command.add_flag("--sign", sign_,
                   "Ask for a signature (S/MIME; what sends needs --smime-identities)");
  command.add_flag("--encrypt", encrypt_,
                   "Ask for encryption (S/MIME; what sends needs --smime-certificates)");
  command
      .add_option("--priority", priority_,
                  "urgent or non-urgent: sent on in that order by servers that know priorities\n"
                  "(MT-PRIORITY)")
      ->type_name("LEVEL")
      ->transform(CLI::IsMember({"urgent", "normal", "non-urgent"}));
  command
      .add_option(
          "--deliver-by", deliver_by_,
          "No later: what cannot be handed over until then comes back; servers that know of\n"
          "it (DELIVERBY) report what they deliver late. TIME as by `postern submit --at`")
      ->type_name("TIME");
  command
      .add_option("--deliver-after", deliver_after_,
                  "No earlier: a relay that can hold messages gets them now (FUTURERELEASE);\n"
                  "otherwise they wait here")
      ->type_name("TIME");
  command.add_flag("--require-tls", require_tls_,
                   "Send by verified TLS only, to servers that promise to go on so (REQUIRETLS);\n"
                   "else the messages come back");
  command.add_flag(
      "--tnef", tnef_,
      "Send as winmail.dat (TNEF), which has everything and which Outlook alone reads");
}

void MessageInput::check() {
  if (files_.empty() && !files_from_) {
    throw UsageError("FILE is required: give a message, or a list of them with --files-from");
  }
  for (const auto& file : list_files_) {
    try {
      contacts_.add(read_message_file(file).message);
    } catch (const mapi::Failure& failure) {
      throw mapi::Failure(failure.code(), file_diagnostic(file, failure.what()));
    }
  }
  latest_ = future_time("--deliver-by", deliver_by_, "give a later one");
  earliest_ = future_time("--deliver-after", deliver_after_, "leave it out to deliver at once");
  check_time("--deliver-after", earliest_);
  if (from_) check_mailbox("--from", *from_);
  for (const auto& text : to_) check_recipient("--to", text);
  for (const auto& text : cc_) check_recipient("--cc", text);
  for (const auto& text : bcc_) check_recipient("--bcc", text);
}

void MessageInput::check_time(const std::string& option,
                              std::optional<mapi::FileTime> earliest) const {
  if (latest_ && earliest && *latest_ <= *earliest) {
    throw UsageError("--deliver-by: it is not later than " + option);
  }
}

void MessageInput::check_recipient(const std::string& option, const std::string& text) const {
  if (contacts_.find(text)) return;
  check_mailbox(option, text, list_files_.empty() ? "" : ", nor the name of a --list");
}

session::RecipientResolver MessageInput::resolver() const {
  return [this](const mapi::Recipient& row) { return contacts_.resolve(row); };
}

void MessageInput::add_recipients(mapi::Message& message, mapi::RecipientType type,
                                  const std::vector<std::string>& given) const {
  for (const auto& text : given) {
    auto row = contacts_.find(text);
    if (!row) {
      const auto mailbox = parse_mailbox(text);
      row = mapi::make_recipient(type, mailbox.address, mailbox.name);
    }
    row->set(mapi::PR_RECIPIENT_TYPE, static_cast<std::int32_t>(type));
    message.recipients.push_back(std::move(*row));
  }
}

mapi::Message MessageInput::load(const std::filesystem::path& file,
                                 std::vector<mapi::Loss>& losses) const {
  auto [message, read_losses, form] = read_message_file(file);
  for (auto& loss : read_losses) losses.push_back(std::move(loss));
  remove_foreign_state(message);
  if (form == FileForm::mail) keep_written_date(message);
  if (!to_.empty() || !cc_.empty() || !bcc_.empty()) {
    message.recipients.clear();
    add_recipients(message, mapi::RecipientType::to, to_);
    add_recipients(message, mapi::RecipientType::cc, cc_);
    add_recipients(message, mapi::RecipientType::bcc, bcc_);
  }
  if (from_) {
    const auto mailbox = parse_mailbox(*from_);
    mapi::set_address(message, mapi::sender_group, mailbox.address, mailbox.name);
    mapi::set_address(message, mapi::sent_representing_group, mailbox.address, mailbox.name);
  }
  const auto asked = (sign_ ? mapi::SECFLAG_SIGNED : 0) | (encrypt_ ? mapi::SECFLAG_ENCRYPTED : 0);
  if (priority_) message.set(mapi::PR_PRIORITY, priority_of(*priority_));
  if (latest_) message.set(mapi::PR_LATEST_DELIVERY_TIME, *latest_);
  if (earliest_) message.set(mapi::PR_DEFERRED_DELIVERY_TIME, *earliest_);
  if (require_tls_) message.set(mapi::PR_POSTERN_REQUIRE_TLS, true);
  if (tnef_) message.set(mapi::PR_POSTERN_TNEF, true);
  const auto deferred = message.get_or(mapi::PR_DEFERRED_DELIVERY_TIME, {});
  if (latest_ && !deferred.is_none() && *latest_ <= deferred) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                        "'" + file.string() + "' is not to be delivered before " +
                            local_time(deferred) + ", which is later than --deliver-by");
  }
  if (asked != 0) {
    message.set(mapi::PR_SECURITY_FLAGS, message.get_or(mapi::PR_SECURITY_FLAGS, 0) | asked);
  }
  if (message.recipients.empty()) {
    throw mapi::Failure(mapi::MAPI_E_NO_RECIPIENTS,
                        "'" + file.string() + "' has no recipients; give some with --to");
  }
  mime::ComposeOptions options;
  options.now = std::chrono::system_clock::now();
  options.message_id_domain = host_name();
  options.smtputf8 = true;
  try {
    auto as_sent = message;
    as_sent.recipients = session::expand_lists(std::move(as_sent.recipients), resolver());
    auto checked = mime::check(as_sent, options);
    for (auto& loss : checked.losses) losses.push_back(std::move(loss));
    message.set(mapi::PR_INTERNET_MESSAGE_ID, std::move(checked.message_id));
  } catch (const mapi::Failure& failure) {
    throw about(file, message, options, failure);
  }
  return message;
}

}  // namespace postern::cli
