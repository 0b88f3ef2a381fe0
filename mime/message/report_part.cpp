#include "mime/message/report_part.h"

#include <array>

#include "base/base64.h"
#include "base/text.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "mime/header/header_encoding.h"
#include "mime/message/address_header.h"
#include "mime/message/message_class.h"

namespace postern::mime {
namespace {

constexpr mapi::Tag<mapi::PropertyType::binary> PR_PARENT_KEY{0x0025};
constexpr mapi::Tag<mapi::PropertyType::unicode> PR_ORIGINAL_MESSAGE_ID{0x1046};

struct ClassAction {
  std::string_view suffix;
  std::string_view action;
};
/// The longer suffixes first.
constexpr std::array<ClassAction, 5> actions{{{"Expanded.DR", "expanded"},
                                              {"Relayed.DR", "relayed"},
                                              {"Delayed.DR", "delayed"},
                                              {"DR", "delivered"},
                                              {"NDR", "failed"}}};

/// Enhanced codes a.b.c as the number abc; 500 stands for "other".
constexpr std::array<int, 49> status_of_diagnostic{
    510, 514, 445, 446, 510, 447, 530, 560, 563, 562, 560, 554, 560, 534, 560, 561, 553,
    555, 533, 562, 560, 560, 464, 464, 464, 464, 573, 446, 572, 571, 524, 561, 513, 510,
    513, 511, 510, 530, 530, 510, 516, 510, 510, 516, 500, 500, 570, 500, 512};
constexpr std::array<int, 7> status_of_reason{540, 510, 565, 565, 520, 530, 443};

/// Fields of a status, one a line, folded; a blank line between groups.
class Fields {
 public:
  void add(std::string_view name, std::string_view value) {
    if (!value.empty()) text_ += fold(name, value);
  }
  void add_text(std::string_view name, std::string_view text) {
    add(name, encode_unstructured(text, name.size() + 2));
  }
  void end_group() { text_ += "\r\n"; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string_view action_of(std::string_view report_class) {
  for (const auto& [suffix, action] : actions) {
    if (has_class_suffix(report_class, suffix)) return action;
  }
  return "failed";
}

EnhancedStatus from_number(int number) {
  return {number / 100, number / 10 % 10, number % 10};
}

/// The code a diagnostic text starts with: "5.1.1 …" or "<host #5.1.1 …>".
std::optional<EnhancedStatus> status_in(std::string_view diagnostic) {
  if (diagnostic.starts_with('<')) {
    const auto mark = diagnostic.find('#');
    if (mark == std::string_view::npos) return std::nullopt;
    diagnostic.remove_prefix(mark + 1);
  }
  return EnhancedStatus::parse(diagnostic.substr(0, diagnostic.find_first_of(" >;")));
}

EnhancedStatus status_of(const mapi::Recipient& row, std::string_view action) {
  if (const auto status = status_in(row.get_or(mapi::PR_SUPPLEMENTARY_INFO, ""))) return *status;
  if (const auto number = row.get_or(mapi::PR_NDR_STATUS_CODE, 0); number >= 200 && number < 600) {
    return from_number(number);
  }
  if (action != "failed") return {action == "delayed" ? 4 : 2, 0, 0};
  const auto entry = [](const auto& table, std::int32_t index, int otherwise) {
    const bool inside = index >= 0 && static_cast<std::size_t>(index) < table.size();
    return inside ? table[static_cast<std::size_t>(index)] : otherwise;
  };
  const auto diagnostic = row.get_or(mapi::PR_NDR_DIAG_CODE, -1);
  const auto reason = row.get_or(mapi::PR_NDR_REASON_CODE, -1);
  return from_number(diagnostic == -1 ? entry(status_of_reason, reason, 540)
                                      : entry(status_of_diagnostic, diagnostic, 500));
}

/// "rfc822; address", or the name if there is no address (RFC 3464 §2.1.2 requires a type).
std::string typed_recipient(const std::optional<Mailbox>& party, std::string_view name) {
  if (party && is_ascii(party->address)) return "rfc822; " + party->address;
  if (party) return "x-utf-8; " + encode_unstructured(party->address, 26);
  const auto shown = encode_unstructured(name, 28);
  return "x-unknown; " + (shown.empty() ? "unknown" : shown);
}

/// `dns; host` from a stored name, which may bring its type along.
std::string typed_host(std::string_view stored, std::string_view otherwise) {
  auto host = one_line(stored);
  if (host.empty() || !is_printable_ascii(host)) host = otherwise;
  if (host.empty()) return {};
  return host.find(';') == std::string::npos ? "dns; " + host : host;
}

void add_recipient(Fields& fields, const mapi::Recipient& row, std::string_view action,
                   const ComposeOptions& options) {
  const auto party = mailbox(row, mapi::recipient_group, options);
  const auto name = mapi::display_name(row, mapi::recipient_group, party ? party->address : "");
  fields.end_group();
  fields.add("Final-Recipient", typed_recipient(party, name));
  fields.add("Action", action);
  fields.add("Status", status_of(row, action).text());
  fields.add("Remote-MTA", typed_host(row.get_or(mapi::PR_DSN_REMOTE_MTA, ""), ""));
  fields.add_text("X-Supplementary-Info", row.get_or(mapi::PR_SUPPLEMENTARY_INFO, ""));
  fields.add_text("X-Display-Name", name);
}

std::string delivery_status(const mapi::Message& message, const ComposeOptions& options) {
  Fields fields;
  fields.add("Reporting-MTA",
             typed_host(message.get_or(mapi::PR_REPORTING_MTA, ""), options.message_id_domain));
  const auto action = action_of(class_of(message));
  for (const auto& row : message.recipients) add_recipient(fields, row, action, options);
  return fields.text();
}

std::string disposition_notification(const mapi::Message& message, const ComposeOptions& options) {
  auto party = mailbox(message, mapi::sender_group, options);
  if (!party) party = mailbox(message, mapi::sent_representing_group, options);
  const bool was_read = has_class_suffix(class_of(message), "IPNRN");
  Fields fields;
  fields.add("Reporting-UA", one_line(options.message_id_domain) + "; Postern");
  fields.add("Final-Recipient", typed_recipient(party, message.get_or(mapi::PR_SENDER_NAME, "")));
  fields.add_text("Original-Message-ID", message.get_or(PR_ORIGINAL_MESSAGE_ID, ""));
  fields.add("Disposition", std::string("automatic-action/MDN-sent-automatically; ") +
                                (was_read ? "displayed" : "deleted"));
  if (const auto* key = message.get(PR_PARENT_KEY)) {
    fields.add("X-MSExch-Correlation-Key", base64(*key));
  }
  fields.add_text("X-Display-Name", party ? party->name : "");
  return fields.text();
}

}  // namespace

std::string_view report_type(std::string_view report_class) {
  return is_read_report_class(report_class) ? "disposition-notification" : "delivery-status";
}

std::unique_ptr<Entity> report_entity(const mapi::Message& message, ComposeContext& context) {
  const auto type = report_type(class_of(message));
  const auto text = is_read_report_class(class_of(message))
                        ? disposition_notification(message, context.options)
                        : delivery_status(message, context.options);
  if (is_delivery_report_class(class_of(message)) && message.recipients.empty()) {
    context.warn("the delivery report names no recipient");
  }
  return Entity::leaf("message/" + std::string(type), mapi::Content::from_text(text),
                      TransferEncoding::seven_bit);
}

}  // namespace postern::mime
