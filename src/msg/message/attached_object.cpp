#include "msg/message/attached_object.h"

#include <cstdint>

#include "mapi/property_tags.h"

namespace postern::msg {

void settle_method(mapi::Attachment& attachment, mapi::AttachMethod method) {
  const auto value = static_cast<std::int32_t>(method);
  const auto stated = attachment.get(mapi::PR_ATTACH_METHOD);
  const bool tells = stated || method == mapi::AttachMethod::ole;
  if (tells && stated != value) attachment.set(mapi::PR_ATTACH_METHOD, value);
}

const char* missing_part(mapi::AttachMethod method) {
  switch (method) {
    case mapi::AttachMethod::by_value:
      return "the data";
    case mapi::AttachMethod::embedded_message:
      return "the embedded message";
    case mapi::AttachMethod::ole:
      return "the OLE object";
    default:
      return nullptr;
  }
}

}  // namespace postern::msg
