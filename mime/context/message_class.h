// Questions about PR_MESSAGE_CLASS (mapi-to-mime.md §7.1). Compared without case; a class and what
// is derived from it at a dot are the same.
#pragma once

#include <string_view>

#include "mapi/message.h"

namespace postern::mime {

/// PR_MESSAGE_CLASS, empty if there is none.
std::string_view class_of(const mapi::Message& message);

/// Whether the class is `base` or derived from it.
bool is_class(std::string_view message_class, std::string_view base);

bool is_clear_signed_class(std::string_view message_class);
bool is_opaque_smime_class(std::string_view message_class);

/// REPORT.*.DR and REPORT.*.NDR
bool is_delivery_report_class(std::string_view message_class);
/// REPORT.*.IPNRN and REPORT.*.IPNNRN
bool is_read_report_class(std::string_view message_class);
bool is_report_class(std::string_view message_class);

/// Whether the class ends with ".<suffix>".
bool has_class_suffix(std::string_view message_class, std::string_view suffix);

}  // namespace postern::mime
