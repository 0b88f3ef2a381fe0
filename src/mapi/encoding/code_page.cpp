#include "mapi/code_page.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <iconv.h>
#include <memory>

#include <unicode/ucnv.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "base/text.h"
#include "mapi/error.h"
#include "mapi/utf.h"

namespace postern::mapi {
namespace {

/// One code page. `charset` is what MIME calls it (empty: never sent); `converter` is what ICU
/// calls it, or iconv if it starts with '@'.
struct CodePage {
  int number;
  std::string_view charset;
  const char* converter;
};
constexpr std::array code_pages{
    CodePage{437, "ibm437", "ibm-437"},
    CodePage{708, "", "asmo-708"},
    CodePage{720, "", "ibm-720"},
    CodePage{737, "ibm737", "ibm-737"},
    CodePage{775, "ibm775", "ibm-775"},
    CodePage{850, "ibm850", "ibm-850"},
    CodePage{852, "ibm852", "ibm-852"},
    CodePage{855, "ibm855", "ibm-855"},
    CodePage{857, "ibm857", "ibm-857"},
    CodePage{858, "ibm00858", "ibm-858"},
    CodePage{860, "ibm860", "ibm-860"},
    CodePage{861, "ibm861", "ibm-861"},
    CodePage{862, "ibm862", "ibm-862"},
    CodePage{863, "ibm863", "ibm-863"},
    CodePage{864, "ibm864", "ibm-864"},
    CodePage{865, "ibm865", "ibm-865"},
    CodePage{866, "cp866", "ibm-866"},
    CodePage{869, "ibm869", "ibm-869"},
    CodePage{874, "windows-874", "windows-874"},
    CodePage{932, "shift_jis", "windows-932"},
    CodePage{936, "gb2312", "gbk"},
    CodePage{949, "ks_c_5601-1987", "windows-949"},
    CodePage{950, "big5", "windows-950"},
    CodePage{1200, "", "utf-16le"},
    CodePage{1201, "", "utf-16be"},
    CodePage{1250, "windows-1250", "windows-1250"},
    CodePage{1251, "windows-1251", "windows-1251"},
    CodePage{1252, "windows-1252", "windows-1252"},
    CodePage{1253, "windows-1253", "windows-1253"},
    CodePage{1254, "windows-1254", "windows-1254"},
    CodePage{1255, "windows-1255", "windows-1255"},
    CodePage{1256, "windows-1256", "windows-1256"},
    CodePage{1257, "windows-1257", "windows-1257"},
    CodePage{1258, "windows-1258", "windows-1258"},
    CodePage{1361, "johab", "@JOHAB"},
    CodePage{10000, "macintosh", "macintosh"},
    CodePage{10001, "", "windows-932"},
    CodePage{10006, "", "x-mac-greek"},
    CodePage{10007, "", "x-mac-cyrillic"},
    CodePage{10029, "", "x-mac-centraleurroman"},
    CodePage{10081, "", "x-mac-turkish"},
    CodePage{20127, "us-ascii", "us-ascii"},
    CodePage{20866, "koi8-r", "koi8-r"},
    CodePage{21866, "koi8-u", "koi8-u"},
    CodePage{28591, "iso-8859-1", "iso-8859-1"},
    CodePage{28592, "iso-8859-2", "iso-8859-2"},
    CodePage{28593, "iso-8859-3", "iso-8859-3"},
    CodePage{28594, "iso-8859-4", "iso-8859-4"},
    CodePage{28595, "iso-8859-5", "iso-8859-5"},
    CodePage{28596, "iso-8859-6", "iso-8859-6"},
    CodePage{28597, "iso-8859-7", "iso-8859-7"},
    CodePage{28598, "iso-8859-8", "iso-8859-8"},
    CodePage{28599, "iso-8859-9", "iso-8859-9"},
    CodePage{28603, "iso-8859-13", "iso-8859-13"},
    CodePage{28605, "iso-8859-15", "iso-8859-15"},
    CodePage{38598, "iso-8859-8-i", "iso-8859-8"},
    CodePage{50220, "iso-2022-jp", "iso-2022-jp"},
    CodePage{50221, "iso-2022-jp", "iso-2022-jp"},
    CodePage{50222, "iso-2022-jp", "iso-2022-jp"},
    CodePage{50225, "iso-2022-kr", "iso-2022-kr"},
    CodePage{51932, "euc-jp", "euc-jp"},
    CodePage{51936, "gb2312", "gbk"},
    CodePage{51949, "euc-kr", "euc-kr"},
    CodePage{52936, "hz-gb-2312", "hz"},
    CodePage{54936, "gb18030", "gb18030"},
    CodePage{65000, "", "utf-7"},
    CodePage{65001, "utf-8", "utf-8"},
};

struct Alias {
  std::string_view name;
  int code_page;
};
/// Only what ICU does not know, or knows as something else.
constexpr std::array aliases{
    Alias{"unicode", 1200},    Alias{"utf-16", 1200},   Alias{"x-cp1250", 1250},
    Alias{"x-cp1251", 1251},   Alias{"x-cp1252", 1252}, Alias{"x-gbk", 936},
    Alias{"gb_2312-80", 936},  Alias{"cn-gb", 936},     Alias{"cp949", 949},
    Alias{"cp950", 950},       Alias{"x-x-big5", 950},  Alias{"big5-hkscs", 950},
    Alias{"iso-8859-11", 874}, Alias{"cp51932", 51932}, Alias{"iso-2022-jp-ms", 50220},
    Alias{"cp65001", 65001},
};

constexpr std::string_view replacement = "\xEF\xBF\xBD";

const CodePage* find(int number) {
  const auto* found =
      std::find_if(code_pages.begin(), code_pages.end(),
                   [number](const CodePage& page) { return page.number == number; });
  return found == code_pages.end() ? nullptr : found;
}

bool is_windows_page(int number) {
  return (number >= 1250 && number <= 1258) || number == 874;
}

/// Eight octets at a time: most of most texts is ASCII.
std::string_view ascii_prefix(std::string_view octets) {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::size_t length = 0;
  for (std::uint64_t word = 0; length + sizeof word <= octets.size(); length += sizeof word) {
    std::memcpy(&word, octets.data() + length, sizeof word);
    if ((word & high_bits) != 0) break;
  }
  while (length < octets.size() && static_cast<unsigned char>(octets[length]) < 0x80) ++length;
  return octets.substr(0, length);
}

using Converter = std::unique_ptr<UConverter, decltype(&ucnv_close)>;

/// A converter that stops at what it cannot convert; null if ICU does not know the name.
Converter open_converter(const char* name) {
  UErrorCode error = U_ZERO_ERROR;
  Converter converter(ucnv_open(name, &error), &ucnv_close);
  if (U_FAILURE(error) != 0) return {nullptr, &ucnv_close};
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                        &error);
  ucnv_setFallback(converter.get(), static_cast<UBool>(false));
  return converter;
}

/// UTF-16 that arrives block by block, a surrogate pair perhaps cut in two, to UTF-8.
class Utf16Joiner {
 public:
  static constexpr std::size_t block_size = 2048;

  explicit Utf16Joiner(std::string& text) : text_(text) {}

  /// At most block_size units.
  void append(const UChar* units, const UChar* end) {
    std::array<std::uint8_t, 3 * block_size + 1> buffer;
    std::size_t length = 0;
    for (; units < end; ++units) {
      if (U16_IS_LEAD(*units)) {
        lead_ = *units;
        continue;
      }
      const UChar32 character =
          U16_IS_TRAIL(*units) ? U16_GET_SUPPLEMENTARY(lead_, *units) : UChar32{*units};
      U8_APPEND_UNSAFE(buffer, length, character);
    }
    text_.append(reinterpret_cast<const char*>(buffer.data()), length);
  }

 private:
  std::string& text_;
  UChar lead_ = 0xD800;
};

/// What the converter stopped at becomes one U+FFFD, or itself by the rule of §1.3.
void append_undecodable(Decoded& result, UConverter* converter, int page) {
  std::array<char, 32> octets{};
  auto count = static_cast<std::int8_t>(octets.size());
  UErrorCode error = U_ZERO_ERROR;
  ucnv_getInvalidChars(converter, octets.data(), &count, &error);
  const auto octet = static_cast<unsigned char>(octets[0]);
  if (is_windows_page(page) && count == 1 && octet >= 0x80 && octet <= 0x9F) {
    append_utf8(result.text, octet);
  } else {
    result.text += replacement;
    result.clean = false;
  }
}

/// Block by block. The converter keeps the state of stateful and multi-byte pages between blocks
/// and stops after each undecodable sequence, from where the next round goes on.
void decode_with_icu(Decoded& result, std::string_view octets, UConverter* converter, int page) {
  std::array<UChar, Utf16Joiner::block_size> units;
  Utf16Joiner joiner(result.text);
  const char* at = octets.data();
  const char* const end = at + octets.size();
  for (;;) {
    UErrorCode error = U_ZERO_ERROR;
    UChar* out = units.data();
    ucnv_toUnicode(converter, &out, units.data() + units.size(), &at, end, nullptr,
                   static_cast<UBool>(true), &error);
    joiner.append(units.data(), out);
    if (error == U_BUFFER_OVERFLOW_ERROR) continue;
    if (U_SUCCESS(error) != 0) return;
    append_undecodable(result, converter, page);
    if (error == U_TRUNCATED_CHAR_FOUND) return;
  }
}

struct CloseIconv {
  using pointer = iconv_t;
  void operator()(iconv_t converter) const { iconv_close(converter); }
};

/// False if iconv does not know the name either.
bool decode_with_iconv(Decoded& result, std::string_view octets, const char* name) {
  iconv_t opened = iconv_open("UTF-8", name);
  if (std::bit_cast<std::intptr_t>(opened) == -1) return false;
  const std::unique_ptr<iconv_t, CloseIconv> converter(opened);
  char* in = const_cast<char*>(octets.data());  // iconv reads only, whatever its signature says
  std::size_t in_left = octets.size();
  while (in_left > 0) {
    std::array<char, 4096> buffer;
    char* out = buffer.data();
    std::size_t out_left = buffer.size();
    const auto count = iconv(converter.get(), &in, &in_left, &out, &out_left);
    const bool stopped = count == static_cast<std::size_t>(-1) && errno != E2BIG;
    result.text.append(buffer.data(), buffer.size() - out_left);
    if (stopped) {
      result.text += replacement;
      result.clean = false;
      ++in;
      --in_left;
    }
  }
  return true;
}

/// The octets of well-formed UTF-8 `text` as the converter has them; nullopt if a character has
/// none.
std::optional<std::string> encode_with_icu(std::string_view text, UConverter* converter) {
  std::string octets;
  octets.reserve(text.size());
  std::array<char, 4096> buffer;
  const auto* input = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto length = static_cast<std::int64_t>(text.size());
  std::int64_t at = 0;
  do {
    std::array<UChar, 1024> units;
    std::size_t count = 0;
    while (at < length && count + U16_MAX_LENGTH <= units.size()) {
      UChar32 character = 0;
      U8_NEXT_UNSAFE(input, at, character);
      U16_APPEND_UNSAFE(units.data(), count, character);
    }
    const UChar* in = units.data();
    UErrorCode error = U_BUFFER_OVERFLOW_ERROR;
    while (error == U_BUFFER_OVERFLOW_ERROR) {
      error = U_ZERO_ERROR;
      char* out = buffer.data();
      ucnv_fromUnicode(converter, &out, buffer.data() + buffer.size(), &in, units.data() + count,
                       nullptr, static_cast<UBool>(at == length), &error);
      octets.append(buffer.data(), out);
    }
    if (U_FAILURE(error) != 0) return std::nullopt;
  } while (at < length);
  return octets;
}

/// ICU's own list of charset names, for those that stand in no table here.
std::optional<int> code_page_by_alias(std::string_view charset_name) {
  const auto canonical = [](const char* name) -> std::string_view {
    UErrorCode error = U_ZERO_ERROR;
    const char* found = ucnv_getAlias(name, 0, &error);
    return found == nullptr ? std::string_view{} : found;
  };
  if (charset_name.find('\0') != std::string_view::npos) return std::nullopt;
  const auto wanted = canonical(std::string(charset_name).c_str());
  if (wanted.empty()) return std::nullopt;
  for (const auto& page : code_pages) {
    if (page.converter[0] != '@' && canonical(page.converter) == wanted) return page.number;
  }
  return std::nullopt;
}

}  // namespace

bool is_known_code_page(int code_page) {
  return find(code_page) != nullptr;
}

bool is_ascii_superset(int code_page) {
  constexpr std::array others{1200, 1201, 50220, 50221, 50222, 50225, 52936, 65000};
  return std::find(others.begin(), others.end(), code_page) == others.end();
}

Decoded decode(std::span<const std::byte> octets, int code_page) {
  return decode({reinterpret_cast<const char*>(octets.data()), octets.size()}, code_page);
}

Decoded decode(std::string_view octets, int code_page) {
  if (code_page == code_page_utf8 && is_utf8(octets)) return {std::string(octets), true};
  const auto* page = find(code_page);
  if (page == nullptr) page = find(code_page_windows_1252);
  Decoded result;
  result.text.reserve(octets.size() + octets.size() / 2);
  if (is_ascii_superset(page->number)) {
    const auto ascii = ascii_prefix(octets);
    result.text = ascii;
    octets.remove_prefix(ascii.size());
    if (octets.empty()) return result;
  }
  if (page->converter[0] == '@') {
    if (decode_with_iconv(result, octets, page->converter + 1)) return result;
    page = find(code_page_windows_1252);
  }
  const auto converter = open_converter(page->converter);
  if (!converter) {
    throw Failure(MAPI_E_CALL_FAILED, "the installed ICU has no converter \"" +
                                          std::string(page->converter) +
                                          "\": its data package is incomplete");
  }
  decode_with_icu(result, octets, converter.get(), page->number);
  return result;
}

std::optional<std::string> encode(std::string_view text, int code_page) {
  if (!is_utf8(text)) return std::nullopt;
  if (code_page == code_page_utf8) return std::string(text);
  const auto* page = find(code_page);
  if (page == nullptr || page->converter[0] == '@') return std::nullopt;
  const auto converter = open_converter(page->converter);
  if (!converter) return std::nullopt;
  auto octets = encode_with_icu(text, converter.get());
  // Some of ICU's tables give more than one character the same octets.
  if (octets && decode(*octets, code_page).text != text) return std::nullopt;
  return octets;
}

std::string_view charset_name(int code_page) {
  const auto* page = find(code_page);
  return page == nullptr ? std::string_view{} : page->charset;
}

std::optional<int> code_page_of(std::string_view charset_name) {
  const auto name = trim(charset_name);
  for (const auto& page : code_pages) {
    if (!page.charset.empty() && equals_ignoring_case(name, page.charset)) return page.number;
  }
  for (const auto& alias : aliases) {
    if (equals_ignoring_case(name, alias.name)) return alias.code_page;
  }
  return code_page_by_alias(name);
}

}  // namespace postern::mapi
