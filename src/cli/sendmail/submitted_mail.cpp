#include "cli/sendmail/submitted_mail.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/header_field.h"
#include "base/text.h"
#include "cli/input/message_file.h"
#include "cli/option/mailbox.h"
#include "cli/option/usage_error.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mime/read_message.h"

namespace postern::cli {
namespace {

/// With the domain that local users leave out. Throws UsageError if it is none.
std::string address_of(std::string_view text, std::string_view what, const LocalUser& user) {
  const auto named = parse_mailbox(text).address;
  const bool is_local = !named.empty() && named.find('@') == std::string::npos;
  const auto whole = is_local ? named + '@' + user.domain : named;
  auto address = mapi::is_smtp_address(whole) ? mapi::wire_address(whole) : std::nullopt;
  // One that begins like an option was meant as one.
  if (address && !has_control(text) && !text.starts_with('-')) return *std::move(address);
  throw UsageError("sendmail: the " + std::string(what) + " '" + printable(text) +
                   "' is no e-mail address");
}

/// The addresses between commas that stand in no quotation marks.
std::vector<std::string_view> pieces(std::string_view list) {
  std::vector<std::string_view> result;
  bool is_quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    if (i < list.size() && list[i] == '"') is_quoted = !is_quoted;
    if (i < list.size() && (list[i] != ',' || is_quoted)) continue;
    if (const auto piece = trim(list.substr(begin, i - begin)); !piece.empty()) {
      result.push_back(piece);
    }
    begin = i + 1;
  }
  return result;
}

/// Addresses, each once, by whom they name.
class Addresses {
 public:
  void add(std::string address) {
    if (seen_.insert(mapi::mailbox_key(address)).second) all_.push_back(std::move(address));
  }
  [[nodiscard]] const std::vector<std::string>& all() const { return all_; }
  [[nodiscard]] const std::set<std::string>& keys() const { return seen_; }

 private:
  std::vector<std::string> all_;
  std::set<std::string> seen_;
};

/// The address fields by which the mail was sent anew last, as the header of a mail to those: of
/// the first block of such fields, which another field ends, or one that the block has already
/// (RFC 5322 §3.6.6). Empty if there is none.
std::string resent_header(const mapi::Message& message) {
  std::string header;
  std::set<std::string> seen;
  auto block = message.get_or(mapi::PR_TRANSPORT_MESSAGE_HEADERS, "");
  while (!block.empty()) {
    const auto field = take_header_field(block);
    const auto name = lower_case(field.name);
    const bool is_resent = name.starts_with("resent-");
    if (!is_resent && seen.empty()) continue;
    if (!is_resent || !seen.insert(name).second) break;
    const bool has_addresses = name == "resent-to" || name == "resent-cc" || name == "resent-bcc";
    if (has_addresses) header.append("To:").append(field.body);
  }
  return header;
}

std::vector<mapi::Recipient> resent_rows(const mapi::Message& message, const LocalUser& user) {
  const auto header = resent_header(message);
  if (header.empty()) return {};
  const auto mail = mapi::Content::from_text(header + "\r\n");
  return mime::read_message(mail, {.domain = user.domain}).message.recipients;
}

std::string key_of(const mapi::Recipient& row) {
  const auto address = mapi::smtp_address(row, mapi::recipient_group);
  return address ? mapi::mailbox_key(*address) : "";
}

/// Leaves to the header what it shows, and takes from it whom the command line does not name.
void show_only(mapi::Message& message, const std::set<std::string>& named) {
  std::erase_if(message.recipients, [](const mapi::Recipient& row) {
    return mapi::recipient_type(row) == mapi::RecipientType::bcc;
  });
  for (auto& row : message.recipients) {
    if (named.contains(key_of(row))) continue;
    row.set(mapi::PR_RECIPIENT_TYPE, row.get_or(mapi::PR_RECIPIENT_TYPE, 0) | mapi::MAPI_SUBMITTED);
  }
}

void set_recipients(mapi::Message& message, const SendmailArguments& arguments,
                    const LocalUser& user) {
  Addresses given;
  for (const auto& list : arguments.recipients) {
    for (const auto piece : pieces(list)) given.add(address_of(piece, "recipient", user));
  }
  const auto resent = arguments.takes_header_recipients ? resent_rows(message, user)
                                                        : std::vector<mapi::Recipient>();
  for (const auto& row : resent) given.add(address_of(mapi::address_text(row), "recipient", user));
  if (!arguments.takes_header_recipients || !resent.empty()) {
    show_only(message, given.keys());
    // What submission reads the marks by.
    message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_RESEND);
  }
  std::set<std::string> in_header;
  for (const auto& row : message.recipients) in_header.insert(key_of(row));
  for (const auto& address : given.all()) {
    if (in_header.contains(mapi::mailbox_key(address))) continue;
    message.recipients.push_back(mapi::make_recipient(mapi::RecipientType::bcc, address));
  }
  if (given.all().empty() && (!arguments.takes_header_recipients || message.recipients.empty())) {
    throw UsageError(
        "sendmail: the header of the mail names no recipients, nor does the command "
        "line");
  }
}

/// From of a mail without one: the envelope's sender, else who starts the program.
void set_from(mapi::Message& message, const SendmailArguments& arguments, const LocalUser& user) {
  if (mapi::smtp_address(message, mapi::sent_representing_group) ||
      mapi::smtp_address(message, mapi::sender_group)) {
    return;
  }
  const auto given = arguments.envelope_sender.value_or("");
  if (given.empty() && user.login.empty()) {
    throw UnknownSender(
        "sendmail: the mail has no sender, and who starts this program has no name; give an "
        "address with -f");
  }
  const auto address = address_of(given.empty() ? user.login : given, "sender", user);
  auto name = arguments.full_name;
  if (name.empty() && given.empty()) name = user.full_name;
  mapi::set_address(message, mapi::sender_group, address, name);
  mapi::set_address(message, mapi::sent_representing_group, address, name);
}

/// Reports go where the envelope says, also those that the spooler makes.
void set_reverse_path(mapi::Message& message, const SendmailArguments& arguments,
                      const LocalUser& user) {
  if (!arguments.envelope_sender) return;
  const auto& sender = *arguments.envelope_sender;
  const auto address = sender.empty() ? "" : address_of(sender, "sender", user);
  message.set(mapi::PR_POSTERN_REVERSE_PATH, address);
  if (address.empty()) return;
  message.set(mapi::PR_REPORT_ENTRYID, mapi::make_one_off({address, "SMTP", address}).bytes);
  message.set(mapi::PR_REPORT_NAME, address);
}

void set_wanted_reports(mapi::Message& message, const SendmailArguments& arguments) {
  if (!arguments.wanted_reports) return;
  message.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, arguments.wanted_reports->success);
  message.set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, arguments.wanted_reports->failure);
}

}  // namespace

SubmittedMail submitted_mail(const mapi::Content& mail, const SendmailArguments& arguments,
                             const LocalUser& user) {
  auto [message, losses] = mime::read_message(mail, {.domain = user.domain});
  message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT);
  message.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
  set_recipients(message, arguments, user);
  set_from(message, arguments, user);
  set_reverse_path(message, arguments, user);
  set_wanted_reports(message, arguments);
  keep_written_date(message);
  if (!arguments.envelope_id.empty()) {
    losses.push_back({mapi::LossKind::substituted, mapi::whole_message,
                      "the envelope id '" + printable(arguments.envelope_id) +
                          "' is not sent; reports have one of Postern's own, by which it knows "
                          "them"});
  }
  return {std::move(message), std::move(losses)};
}

}  // namespace postern::cli
