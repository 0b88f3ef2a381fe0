// The values of the fields of reports (RFC 3464 §2.1, RFC 6533 §3, RFC 3461 §4).
#pragma once

#include <string>
#include <string_view>

namespace postern::mime {

/// A value after its type: "dns; mx.example.net" has the type "dns". The type is in lower case, and
/// empty if there is none.
struct TypedValue {
  std::string type;
  std::string_view value;  ///< a view of the field's value
};
TypedValue typed_value(std::string_view field);

/// The text without its comments "(…)", which may be nested.
std::string without_comments(std::string_view text);

/// The address of a recipient field: without type, angle brackets and encoding.
std::string recipient_address(std::string_view field);

/// The host of an MTA field: without type and comments.
std::string mta_host(std::string_view field);

/// The first "<…>" in the value, else the whole.
std::string message_id_in(std::string_view value);

/// The text that an xtext stands for (RFC 3461 §4). Reports hold the decoded text, but some systems
/// repeat what they were given; and a decoded "joe+2023@example.com" can be taken for xtext. So it
/// is decoded only if it is xtext and has "+2B" or "+3D", the two characters that every encoder
/// must encode.
std::string xtext_decoded(std::string_view text);

}  // namespace postern::mime
