// Arbitrary headers: the text properties of PS_INTERNET_HEADERS (mapi-to-mime.md §3.4). The
// functions throw nothing but std::bad_alloc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mapi/message.h"
#include "mime/header_field.h"

#pragma GCC visibility push(default)
namespace postern::mime {

struct NamedHeader {
  HeaderField field;      ///< without a value: nothing of it can be written
  bool is_lossy = false;  ///< a part of the text cannot be written in the field's syntax
};

/// Every text property of the set as a header in the syntax of its name (header/field_syntax.h);
/// each name once, compared without case. A name that is none has no value. Left out: structure
/// (Content-*, MIME-Version), what an earlier transport has added, Bcc, and, except in embedded
/// messages, headers internal to an Exchange organisation. `smtputf8`: addresses may be UTF-8.
std::vector<NamedHeader> named_headers(const mapi::Message& message, bool is_embedded,
                                       bool smtputf8);

/// The text of one of them, as stored, the name compared without case; empty if there is none. A
/// view of the message's property.
std::string_view named_header(const mapi::Message& message, std::string_view name);

}  // namespace postern::mime
#pragma GCC visibility pop
