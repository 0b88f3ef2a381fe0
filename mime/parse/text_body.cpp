#include "mime/parse/text_body.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "mapi/code_page.h"

namespace postern::mime {
namespace {

constexpr int iso_8859_1 = 28591;

PartText in_page(std::string_view octets, int page) {
  auto decoded = mapi::decode(octets, page);
  return {std::move(decoded.text), page, false, decoded.clean};
}

/// As mail is that says nothing.
PartText guessed(std::string_view octets) {
  auto text =
      in_page(octets, is_utf8(octets) ? mapi::code_page_utf8 : mapi::code_page_windows_1252);
  text.is_guess = !is_ascii(octets);
  return text;
}

/// What is labelled as ISO 8859-1 is windows-1252 where the two differ: the former has no
/// characters there.
int page_meant(int declared) {
  return declared == iso_8859_1 ? mapi::code_page_windows_1252 : declared;
}

}  // namespace

PartText part_text(std::string_view octets, std::string_view charset) {
  const auto page = mapi::code_page_of(charset);
  if (!page || *page == mapi::code_page_us_ascii) return guessed(octets);
  auto declared = in_page(octets, page_meant(*page));
  if (declared.is_clean || !is_utf8(octets) || is_ascii(octets)) return declared;
  return guessed(octets);
}

}  // namespace postern::mime
