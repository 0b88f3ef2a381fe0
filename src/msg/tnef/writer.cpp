// tnef_of: a message into a stream of attributes (mapi-to-mime.md §9).
#include <cstdint>
#include <string>
#include <utility>

#include "mapi/address.h"
#include "mapi/code_page.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "msg/message/nesting.h"
#include "msg/property/property_encoder.h"
#include "msg/tnef/attributes.h"
#include "msg/tnef/list_writer.h"
#include "msg/tnef/message_classes.h"
#include "msg/tnef/one_off_addresses.h"
#include "msg/tnef/pieces.h"
#include "msg/tnef_file.h"

namespace postern::msg {
namespace {

/// By which other parts of the mail could refer to attachments; nobody does.
constexpr std::uint16_t attachment_key = 1;

template <std::unsigned_integral... Number>
Pieces of_numbers(Number... numbers) {
  Pieces pieces;
  (pieces.number(numbers), ...);
  return pieces;
}

/// 8-bit text with a NUL at its end.
Pieces of_text(std::string_view text) {
  auto octets = *encode_property(std::string(text), StringType::string8).stream;
  octets.push_back(std::byte{0});
  Pieces pieces;
  pieces.octets(octets);
  return pieces;
}

/// Whether the row is seen by the other recipients.
bool is_shown(const mapi::Recipient& recipient) {
  const auto type = mapi::recipient_type(recipient);
  return type != mapi::RecipientType::bcc && type != mapi::RecipientType::p1;
}

Pieces recipient_table(const mapi::Message& message, const mapi::ExchangeAddresses& addresses) {
  Pieces lists;
  std::uint32_t count = 0;
  for (const auto& recipient : message.recipients) {
    if (!is_shown(recipient)) continue;
    lists.pieces(property_list(with_one_offs(recipient, addresses)));
    ++count;
  }
  Pieces table;
  table.number(count);
  table.pieces(std::move(lists));
  return table;
}

Pieces message_stream(const mapi::Message& message, int depth);

std::optional<TnefObject> object_of(const mapi::Attachment& attachment, int depth) {
  if (attachment.embedded) {
    return TnefObject{message_interface, message_stream(*attachment.embedded, depth + 1)};
  }
  if (mapi::attach_method(attachment) != mapi::AttachMethod::ole) return std::nullopt;
  Pieces octets;
  octets.content(attachment.data);
  return TnefObject{storage_interface, std::move(octets)};
}

Pieces rendering_data(const mapi::Attachment& attachment) {
  const bool is_ole = mapi::attach_method(attachment) == mapi::AttachMethod::ole;
  const bool is_mac = attachment.get(mapi::PR_ATTACH_ENCODING) != nullptr;
  const auto position = attachment.get_or(mapi::PR_RENDERING_POSITION, -1);
  constexpr std::uint32_t no_icon = 0;
  return of_numbers(is_ole ? rendered_ole_object : rendered_file,
                    static_cast<std::uint32_t>(position), no_icon,
                    is_mac ? rendered_mac_binary : std::uint32_t{0});
}

void add_attachment(Pieces& stream, const mapi::Attachment& attachment,
                    const mapi::ExchangeAddresses& addresses, int depth) {
  const auto add = [&stream](Attribute id, Pieces data) {
    stream.attribute(AttributeLevel::attachment, id, std::move(data));
  };
  add(Attribute::attach_rendering, rendering_data(attachment));
  const auto method = mapi::attach_method(attachment);
  if (method == mapi::AttachMethod::by_value) {
    Pieces data;
    data.content(attachment.data);
    add(Attribute::attach_data, std::move(data));
  }
  const auto name = attachment.get_or(mapi::PR_ATTACH_FILENAME,
                                      attachment.get_or(mapi::PR_ATTACH_LONG_FILENAME, ""));
  if (!name.empty()) add(Attribute::attach_title, of_text(name));
  auto bag = with_one_offs(attachment, addresses);
  bag.set(mapi::PR_ATTACH_METHOD, static_cast<std::int32_t>(method));
  add(Attribute::attachment, property_list(bag, object_of(attachment, depth)));
}

Pieces message_stream(const mapi::Message& message, int depth) {
  if (depth > deepest_message) {
    throw mapi::Failure(mapi::MAPI_E_TOO_COMPLEX,
                        "TNEF holds messages nested 32 deep; this one is nested deeper");
  }
  const mapi::ExchangeAddresses addresses(message);
  Pieces stream;
  stream.number(tnef_signature);
  stream.number(attachment_key);
  const auto add = [&stream](Attribute id, Pieces data) {
    stream.attribute(AttributeLevel::message, id, std::move(data));
  };
  constexpr std::uint32_t code_page{mapi::code_page_windows_1252};
  add(Attribute::version, of_numbers(tnef_version));
  add(Attribute::code_page, of_numbers(code_page, std::uint32_t{0}));
  add(Attribute::message_class,
      of_text(class_to_tnef(message.get_or(mapi::PR_MESSAGE_CLASS, "IPM.Note"))));
  if (depth > 0) add(Attribute::recipient_table, recipient_table(message, addresses));
  add(Attribute::message_properties, property_list(with_one_offs(message, addresses)));
  for (const auto& attachment : message.attachments) {
    add_attachment(stream, attachment, addresses, depth);
  }
  return stream;
}

}  // namespace

mapi::Content tnef_of(const mapi::Message& message) {
  return message_stream(message, 0).stream();
}

}  // namespace postern::msg
