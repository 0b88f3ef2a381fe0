// Parameters of Content-Type and Content-Disposition: RFC 2045 §5.1, RFC 2231
// (mapi-to-mime.md §3.3).
#pragma once

#include <string>
#include <string_view>

namespace postern::mime {

/// `; name="text"` if the text is short plain ASCII, else RFC 2231: `; name*=utf-8''…`, in
/// numbered sections if it does not fit on a line.
std::string parameter(std::string_view name, std::string_view text);

/// As above, but encoded words in quotation marks instead of RFC 2231: against the RFCs, but old
/// Outlook versions understand only this in Content-Type.
std::string parameter_for_old_readers(std::string_view name, std::string_view text);

/// Whether all that follows the first semicolon of a value is `name=token` or `name="text"`, with
/// semicolons between.
bool has_sound_parameters(std::string_view value);

}  // namespace postern::mime
