#include "mime/attachment/media_type.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace postern::mime {
namespace {

struct ExtensionType {
  std::string_view extension;
  std::string_view media_type;
};
/// The first row of a type gives its usual extension.
constexpr std::array extension_types{
    ExtensionType{".txt", "text/plain"},
    ExtensionType{".log", "text/plain"},
    ExtensionType{".htm", "text/html"},
    ExtensionType{".html", "text/html"},
    ExtensionType{".css", "text/css"},
    ExtensionType{".csv", "text/csv"},
    ExtensionType{".xml", "text/xml"},
    ExtensionType{".ics", "text/calendar"},
    ExtensionType{".vcf", "text/vcard"},
    ExtensionType{".png", "image/png"},
    ExtensionType{".jpg", "image/jpeg"},
    ExtensionType{".jpeg", "image/jpeg"},
    ExtensionType{".gif", "image/gif"},
    ExtensionType{".bmp", "image/bmp"},
    ExtensionType{".tif", "image/tiff"},
    ExtensionType{".tiff", "image/tiff"},
    ExtensionType{".svg", "image/svg+xml"},
    ExtensionType{".webp", "image/webp"},
    ExtensionType{".ico", "image/vnd.microsoft.icon"},
    ExtensionType{".wmf", "image/wmf"},
    ExtensionType{".emf", "image/emf"},
    ExtensionType{".wmf", "image/x-wmf"},
    ExtensionType{".emf", "image/x-emf"},
    ExtensionType{".mp3", "audio/mpeg"},
    ExtensionType{".wav", "audio/wav"},
    ExtensionType{".mp4", "video/mp4"},
    ExtensionType{".mpg", "video/mpeg"},
    ExtensionType{".avi", "video/x-msvideo"},
    ExtensionType{".mov", "video/quicktime"},
    ExtensionType{".ole", "application/x-ole-storage"},
    ExtensionType{".pdf", "application/pdf"},
    ExtensionType{".zip", "application/zip"},
    ExtensionType{".gz", "application/gzip"},
    ExtensionType{".7z", "application/x-7z-compressed"},
    ExtensionType{".rtf", "application/rtf"},
    ExtensionType{".json", "application/json"},
    ExtensionType{".js", "text/javascript"},
    ExtensionType{".doc", "application/msword"},
    ExtensionType{".xls", "application/vnd.ms-excel"},
    ExtensionType{".ppt", "application/vnd.ms-powerpoint"},
    ExtensionType{".msg", "application/vnd.ms-outlook"},
    ExtensionType{".docx",
                  "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    ExtensionType{".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    ExtensionType{".pptx",
                  "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    ExtensionType{".odt", "application/vnd.oasis.opendocument.text"},
    ExtensionType{".ods", "application/vnd.oasis.opendocument.spreadsheet"},
    ExtensionType{".odp", "application/vnd.oasis.opendocument.presentation"},
    ExtensionType{".p7m", "application/pkcs7-mime"},
    ExtensionType{".p7s", "application/pkcs7-signature"},
    ExtensionType{".asc", "application/pgp-signature"},
};

struct Signature {
  std::string_view octets;
  std::string_view media_type;
};
constexpr std::array signatures{
    Signature{"\x89PNG\r\n\x1A\n", "image/png"},
    Signature{"\xFF\xD8\xFF", "image/jpeg"},
    Signature{"GIF87a", "image/gif"},
    Signature{"GIF89a", "image/gif"},
    Signature{{"II*\0", 4}, "image/tiff"},
    Signature{{"MM\0*", 4}, "image/tiff"},
    Signature{"%PDF-", "application/pdf"},
    Signature{"\x1F\x8B", "application/gzip"},
    Signature{"{\\rtf1", "application/rtf"},
};

/// Archives of known kinds, by the folder that their files lie in.
constexpr std::string_view archive_signature = "PK\x03\x04";
constexpr std::array archive_folders{
    Signature{"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    Signature{"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    Signature{"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
};

/// Whether it begins as a .bmp does: "BM", the size, zeros, where the pixels are, the size of the
/// next header.
bool is_bitmap_file(std::string_view octets) {
  using namespace std::string_view_literals;
  return octets.starts_with("BM") && octets.size() > 18 && octets.substr(6, 4) == "\0\0\0\0"sv &&
         octets.substr(15, 3) == "\0\0\0"sv;
}

std::string_view archive_type(std::string_view octets) {
  for (const auto& [folder, type] : archive_folders) {
    if (octets.find(folder) != std::string_view::npos) return type;
  }
  return "application/zip";
}

/// Names of one type that are in use for another.
constexpr std::array<ExtensionType, 2> synonyms{
    {{"image/jpg", "image/jpeg"}, {"image/pjpeg", "image/jpeg"}}};

constexpr std::array<std::string_view, 3> seven_bit_types{
    "message/delivery-status", "message/disposition-notification", "text/rfc822-headers"};

/// `token/token` (RFC 2045 §5.1).
bool is_media_type(std::string_view text) {
  constexpr std::string_view specials = "()<>@,;:\\\"/[]?=";
  const auto slash = text.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == text.size()) return false;
  if (text.size() > 127) return false;  // RFC 6838 §4.2
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i != slash && (c <= ' ' || c >= 0x7F || specials.find(c) != std::string_view::npos)) {
      return false;
    }
  }
  return true;
}

/// Would be taken apart by readers, or must not be encoded (RFC 2046 §5.2.1).
bool is_structure(std::string_view type) {
  return type.starts_with("multipart/") || type == "application/applefile" ||
         type == "application/mac-binhex40" ||
         (type.starts_with("message/") && !is_seven_bit_type(type));
}

}  // namespace

std::string acceptable_media_type(std::string_view mime_tag) {
  auto type = lower_case(trim(mime_tag.substr(0, mime_tag.find(';'))));
  if (type.empty()) return type;
  if (!is_media_type(type) || is_structure(type)) return std::string(octet_stream);
  for (const auto& [name, real] : synonyms) {
    if (type == name) return std::string(real);
  }
  return type;
}

std::string_view guess_media_type(std::string_view file_name, std::string_view first_octets) {
  const auto dot = file_name.rfind('.');
  const auto extension = lower_case(dot == std::string_view::npos ? "" : file_name.substr(dot));
  for (const auto& row : extension_types) {
    if (row.extension == extension) return row.media_type;
  }
  return media_type_of_content(first_octets);
}

std::string_view media_type_of_content(std::string_view first_octets) {
  for (const auto& signature : signatures) {
    if (first_octets.starts_with(signature.octets)) return signature.media_type;
  }
  if (first_octets.starts_with(archive_signature)) return archive_type(first_octets);
  return is_bitmap_file(first_octets) ? "image/bmp" : octet_stream;
}

std::string_view extension_of(std::string_view media_type) {
  for (const auto& row : extension_types) {
    if (row.media_type == media_type) return row.extension;
  }
  return {};
}

bool is_seven_bit_type(std::string_view media_type) {
  return std::find(seven_bit_types.begin(), seven_bit_types.end(), media_type) !=
         seven_bit_types.end();
}

}  // namespace postern::mime
