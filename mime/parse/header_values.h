// The values of header fields, read with GMime: text, addresses, media types, dispositions.
//
// What is given is the body of one field, unfolded, with any octets in it; what comes back is
// UTF-8. 8-bit octets are read as UTF-8 if they are that, else as windows-1252. Malformed values
// give what can be read of them, in linear time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::mime {

/// Unstructured text, its encoded words decoded (RFC 2047).
std::string text_value(std::string_view body);

struct ListedMailbox {
  std::string name;
  std::string address;  ///< as it stands there; empty: a group has a name alone
};
/// The mailboxes of an address list, those of groups too (RFC 5322 §3.4). A group without members
/// is one with a name alone, unless it stands for hidden recipients.
std::vector<ListedMailbox> address_list_value(std::string_view body);

struct Parameter {
  std::string name;  ///< lower case
  std::string value;
};
/// A value with parameters: Content-Type, Content-Disposition (RFC 2045 §5.1, RFC 2183, RFC 2231).
struct ParameterizedValue {
  std::string value;  ///< lower case
  std::vector<Parameter> parameters;

  /// The parameter's value; empty if there is none.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
};
/// "type/subtype"; nullopt if it is none.
std::optional<ParameterizedValue> media_type_value(std::string_view body);
std::optional<ParameterizedValue> disposition_value(std::string_view body);

}  // namespace postern::mime
