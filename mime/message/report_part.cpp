#include "mime/message/report_part.h"

#include "base/base64.h"
#include "mapi/property_tags.h"
#include "mime/context/message_class.h"
#include "mime/header/date.h"
#include "mime/header/header_encoding.h"
#include "mime/message/address_header.h"
#include "mime/message/delivery_status.h"
#include "mime/message/message_headers.h"
#include "mime/message/report_fields.h"

namespace postern::mime {
namespace {

constexpr mapi::Tag<mapi::PropertyType::binary> PR_PARENT_KEY{0x0025};
constexpr std::size_t longest_key = 256;  // so that the field stays one line

/// Whoever received the message sends the notification; for whom it was is represented.
std::string disposition_notification(const mapi::Message& message, const ComposeOptions& options) {
  const bool has_sender = !typed_recipient(message, mapi::sender_group).empty();
  const auto& reader = has_sender ? mapi::sender_group : mapi::sent_representing_group;
  const auto address = mapi::smtp_address(message, reader).value_or("");
  const bool was_read = has_class_suffix(class_of(message), "IPNRN");
  ReportFields fields;
  fields.add("Reporting-UA", one_line(options.message_id_domain) + "; Postern");
  fields.add("Original-Recipient", typed_recipient(message, mapi::sent_representing_group));
  fields.add("Final-Recipient", typed_recipient_or_name(message, reader));
  fields.add("Original-Message-ID", original_message_id(message));
  fields.add("Disposition", std::string("automatic-action/MDN-sent-automatically; ") +
                                (was_read ? "displayed" : "deleted"));
  if (const auto* key = message.get(PR_PARENT_KEY); key != nullptr && key->size() <= longest_key) {
    fields.add("X-MSExch-Correlation-Key", base64(*key));
  }
  fields.add_text("X-Display-Name", mapi::display_name(message, reader, address));
  return fields.text();
}

std::unique_ptr<Entity> seven_bit_leaf(std::string_view type, const std::string& text) {
  return Entity::leaf(type, mapi::Content::from_text(text), TransferEncoding::seven_bit);
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
    context.tell(
        {mapi::LossKind::dropped, mapi::whole_message, "the delivery report names no recipient"});
  }
  return seven_bit_leaf("message/" + std::string(type), text);
}

std::unique_ptr<Entity> returned_headers_entity(const mapi::Message& message) {
  const auto message_id = original_message_id(message);
  if (message_id.empty() || !is_delivery_report_class(class_of(message))) return nullptr;
  ReportFields fields;
  if (const auto submitted = message.get(mapi::PR_ORIGINAL_SUBMIT_TIME)) {
    fields.add("Date", date(*submitted).value_or(""));
  }
  const std::string sender(message.get_or(mapi::PR_ORIGINAL_SENDER_EMAIL_ADDRESS, ""));
  const auto address = wire_address(sender, false);
  if (address) {
    const std::string name(message.get_or(mapi::PR_ORIGINAL_SENDER_NAME, ""));
    fields.add("From", address_list("From", {Mailbox{name == sender ? "" : name, *address}}));
  }
  fields.add("Message-ID", message_id);
  fields.add_text("Subject", message.get_or(mapi::PR_ORIGINAL_SUBJECT, ""));
  return seven_bit_leaf("text/rfc822-headers", fields.text());
}

}  // namespace postern::mime
