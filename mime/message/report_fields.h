// The fields of a report's machine-readable part (RFC 3464 §2.1, RFC 8098 §3.1): groups of lines in
// ASCII, whatever the values bring along.
#pragma once

#include <string>
#include <string_view>

#include "mapi/address.h"
#include "mapi/property_bag.h"

namespace postern::mime {

/// Fields, one a line, folded; an empty line between groups. A field without a value is left out.
class ReportFields {
 public:
  /// `value`: printable ASCII.
  void add(std::string_view name, std::string_view value);
  /// Any text, encoded where it needs to be.
  void add_text(std::string_view name, std::string_view text);
  /// "type; text", of any text; `type` is ours.
  void add_typed(std::string_view name, std::string_view type, std::string_view text);
  void end_group() { text_ += "\r\n"; }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// "rfc822; address" of a party, or "utf-8; address" (RFC 6533 §3) if its local part is not ASCII.
/// Empty if the group gives no address.
std::string typed_recipient(const mapi::PropertyBag& bag, const mapi::AddressGroup& group);

/// The same; of a party without an address "x-unknown; name", since a recipient has to be named.
std::string typed_recipient_or_name(const mapi::PropertyBag& bag, const mapi::AddressGroup& group);

/// "dns; host" of a stored name, which may bring its type along and, behind it, its "[address]"; of
/// `otherwise` if it is no name.
std::string typed_host(std::string_view stored, std::string_view otherwise);

}  // namespace postern::mime
