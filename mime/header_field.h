// A field of a message header (RFC 5322 §2.2).
#pragma once

#include <string>

namespace postern::mime {

struct HeaderField {
  std::string name;
  std::string value;
};

}  // namespace postern::mime
