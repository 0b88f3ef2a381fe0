#include "mime/attachment/file_name.h"

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/attachment/media_type.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {
namespace {

/// Bidirectional controls (U+202A to U+202E and U+2066 to U+2069), which make readers show
/// "exe.png" for "gnp.exe"; line separators; the controls above ASCII.
bool is_misleading(char32_t character) {
  return (character >= 0x2028 && character <= 0x202E) ||
         (character >= 0x2066 && character <= 0x2069) || (character >= 0x80 && character <= 0x9F);
}

/// One line of well-formed UTF-8 without what misleads.
std::string shown_line(std::string_view text) {
  const auto line = one_line(text);
  std::string shown;
  std::string_view rest = line;
  while (!rest.empty()) {
    const auto before = rest;
    const auto character = take_character(rest);
    if (!character) break;
    if (!is_misleading(*character)) {
      shown += before.substr(0, before.size() - rest.size());
    }
  }
  return shown;
}

}  // namespace

std::string file_name(std::string_view path) {
  if (const auto slash = path.find_last_of("/\\"); slash != std::string_view::npos) {
    path.remove_prefix(slash + 1);
  }
  const auto name = shown_line(path);
  const auto end = name.find_last_not_of(". ");
  return end == std::string::npos ? "" : std::string(trim(name.substr(0, end + 1)));
}

std::string stored_name(const mapi::Attachment& attachment) {
  for (const auto tag :
       {mapi::PR_ATTACH_LONG_FILENAME, mapi::PR_ATTACH_FILENAME, mapi::PR_DISPLAY_NAME}) {
    auto name = file_name(attachment.get_or(tag, ""));
    if (!name.empty()) return name;
  }
  return {};
}

std::string attachment_name(const mapi::Attachment& attachment, std::size_t number,
                            std::string_view media_type) {
  if (auto name = stored_name(attachment); !name.empty()) return name;
  auto extension = file_name(attachment.get_or(mapi::PR_ATTACH_EXTENSION, ""));
  if (extension.empty()) extension = extension_of(media_type);
  if (!extension.empty() && extension.front() != '.') extension.insert(0, 1, '.');
  return "attachment" + std::to_string(number) + extension;
}

std::string with_extension(std::string_view name, std::string_view media_type) {
  const auto extension = extension_of(media_type);
  const bool has_it =
      guess_media_type(name, {}) == media_type || lower_case(name).ends_with(extension);
  return std::string(name) + std::string(has_it ? "" : extension);
}

std::string embedded_message_name(std::string_view subject) {
  constexpr std::string_view forbidden = "/\\:*?\"<>|";
  auto name = shown_line(subject);
  for (auto& c : name) {
    if (forbidden.find(c) != std::string_view::npos) c = '_';
  }
  const bool has_letters = name.find_first_not_of(". ") != std::string::npos;
  return (has_letters ? std::string(trim(name)) : "message") + ".eml";
}

}  // namespace postern::mime
