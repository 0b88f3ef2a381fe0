// What a message asks for, and what an entity gives.
#pragma once

#include <string_view>

#include "mapi/message.h"

namespace postern::smime {

struct Protection {
  bool is_signed = false;
  bool is_encrypted = false;
};

/// PR_SECURITY_FLAGS.
Protection asked_protection(const mapi::Message& message);

/// By the Content-Type: S/MIME (RFC 8551 §3.2) and the multiparts of RFC 1847. What is encrypted
/// does not show whether it is signed.
Protection protection_of(std::string_view content_type);

}  // namespace postern::smime
