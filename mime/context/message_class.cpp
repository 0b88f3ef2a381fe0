#include "mime/context/message_class.h"

#include "base/text.h"
#include "mapi/property_tags.h"

namespace postern::mime {
namespace {

bool is_info_path_form(std::string_view message_class, std::string_view suffix) {
  return is_class(message_class, "IPM.InfoPathForm") && has_class_suffix(message_class, suffix);
}

}  // namespace

std::string_view class_of(const mapi::Message& message) {
  return message.get_or(mapi::PR_MESSAGE_CLASS, "");
}

bool is_class(std::string_view message_class, std::string_view base) {
  return message_class.size() >= base.size() &&
         equals_ignoring_case(message_class.substr(0, base.size()), base) &&
         (message_class.size() == base.size() || message_class[base.size()] == '.');
}

bool has_class_suffix(std::string_view message_class, std::string_view suffix) {
  if (message_class.size() <= suffix.size()) return false;
  const auto dot = message_class.size() - suffix.size() - 1;
  return message_class[dot] == '.' && equals_ignoring_case(message_class.substr(dot + 1), suffix);
}

bool is_clear_signed_class(std::string_view message_class) {
  return is_class(message_class, "IPM.Note.SMIME.MultipartSigned") ||
         is_info_path_form(message_class, "SMIME.MultipartSigned");
}

bool is_opaque_smime_class(std::string_view message_class) {
  return !is_clear_signed_class(message_class) &&
         (is_class(message_class, "IPM.Note.SMIME") || is_info_path_form(message_class, "SMIME"));
}

bool is_delivery_report_class(std::string_view message_class) {
  return is_class(message_class, "REPORT") &&
         (has_class_suffix(message_class, "DR") || has_class_suffix(message_class, "NDR"));
}

bool is_read_report_class(std::string_view message_class) {
  return is_class(message_class, "REPORT") &&
         (has_class_suffix(message_class, "IPNRN") || has_class_suffix(message_class, "IPNNRN"));
}

bool is_report_class(std::string_view message_class) {
  return is_delivery_report_class(message_class) || is_read_report_class(message_class);
}

}  // namespace postern::mime
