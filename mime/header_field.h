// A field of a message header (RFC 5322 §2.2).
#pragma once

#include <string>

#pragma GCC visibility push(default)
namespace postern::mime {

struct HeaderField {
  std::string name;
  std::string value;
};

}  // namespace postern::mime
#pragma GCC visibility pop
