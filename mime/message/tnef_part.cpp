#include "mime/message/tnef_part.h"

#include <string_view>

#include "mapi/property_tags.h"
#include "mime/message/original_entity.h"
#include "msg/tnef_file.h"

namespace postern::mime {
namespace {

/// Text with a NUL at its end ([MS-OXTNEF] 2.1.3.1).
mapi::Binary correlation_key(std::string_view message_id) {
  mapi::Binary key;
  for (const char octet : message_id) key.push_back(static_cast<std::byte>(octet));
  key.push_back(std::byte{0});
  return key;
}

}  // namespace

bool goes_as_tnef(const mapi::Message& message, const ComposeOptions& options) {
  const bool is_asked = !options.is_file && message.get_or(mapi::PR_POSTERN_TNEF, false);
  return options.tnef || is_asked;
}

std::unique_ptr<Entity> tnef_part(const mapi::Message& message, const std::string& message_id) {
  constexpr std::string_view name = "winmail.dat";
  auto correlated = without_originals(message);
  if (!message_id.empty()) {
    correlated.set(mapi::PR_TNEF_CORRELATION_KEY, correlation_key(message_id));
  }
  auto entity = Entity::leaf("application/ms-tnef; name=\"winmail.dat\"", msg::tnef_of(correlated),
                             TransferEncoding::base64);
  entity->set_file_name(name);
  entity->add_field({"Content-Disposition", "attachment; filename=\"winmail.dat\""});
  return entity;
}

}  // namespace postern::mime
