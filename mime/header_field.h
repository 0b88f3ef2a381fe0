// A field of a message header (RFC 5322 §2.2).
#pragma once

#include <string>

#pragma GCC visibility push(default)
namespace postern::mime {

struct HeaderField {
  std::string name;
  std::string value;  ///< without the colon, the blank before it and the line end
};

}  // namespace postern::mime
#pragma GCC visibility pop
