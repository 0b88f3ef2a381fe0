#include "mime/header/transport_sender.h"

#include "base/text.h"
#include "mapi/address.h"
#include "mime/header/encoded_words.h"
#include "mime/header/header_block.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {
std::string mailbox_name(std::string_view mailbox) {
  const auto open = mailbox.rfind('<');
  if (open == std::string_view::npos) return {};
  std::string name;
  for (auto text = trim(mailbox.substr(0, open)); !text.empty(); text.remove_prefix(1)) {
    if (text.front() == '"') continue;
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    name += text.front();
  }
  return decode_encoded_words(name);
}

std::optional<std::string> sender_in_transport_headers(std::string_view headers,
                                                       std::string_view display_name) {
  if (display_name.empty() || headers.empty()) return std::nullopt;
  const auto block = parse_header_block(headers);
  for (const auto* name : {"From", "Sender"}) {
    const auto* field = find_field(block, name);
    if (field == nullptr) continue;
    if (!equals_ignoring_case(mailbox_name(field->value), display_name)) continue;
    if (auto address = mapi::wire_address(one_line(field->value))) return address;
  }
  return std::nullopt;
}

}  // namespace postern::mime
