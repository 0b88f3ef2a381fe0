#include "mapi/code_page.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <iconv.h>
#include <memory>

#include <unicode/ucnv.h>
#include <unicode/utf8.h>

#include "mapi/utf.h"

namespace postern::mapi {
namespace {

/// One code page. `charset` is what MIME calls it (empty: never sent); `converter` is what ICU
/// calls it, or iconv where it starts with '@'.
struct CodePage {
  int number;
  std::string_view charset;
  const char* converter;
};
constexpr std::array code_pages{
    CodePage{437, "ibm437", "ibm-437"},
    CodePage{708, "", "@ASMO_449"},
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
    CodePage{10001, "", "@SJIS"},
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
constexpr std::array aliases{
    Alias{"utf8", 65001},      Alias{"ascii", 20127},      Alias{"latin1", 28591},
    Alias{"iso8859-1", 28591}, Alias{"iso_8859-1", 28591}, Alias{"cp1252", 1252},
    Alias{"cp1251", 1251},     Alias{"cp1250", 1250},      Alias{"sjis", 932},
    Alias{"shift-jis", 932},   Alias{"x-sjis", 932},       Alias{"windows-31j", 932},
    Alias{"gbk", 936},         Alias{"gb_2312-80", 936},   Alias{"cp936", 936},
    Alias{"euc-kr", 51949},    Alias{"ks_c_5601", 949},    Alias{"cp949", 949},
    Alias{"big5-hkscs", 950},  Alias{"cp950", 950},        Alias{"tis-620", 874},
    Alias{"unicode", 1200},    Alias{"utf-16", 1200},      Alias{"utf-16le", 1200},
    Alias{"utf-16be", 1201},   Alias{"cp850", 850},        Alias{"cp437", 437},
};

struct LocalePage {
  int locale_id;
  int code_page;
};
constexpr std::array locale_pages{
    LocalePage{1049, 1251}, LocalePage{1058, 1251}, LocalePage{1026, 1251}, LocalePage{1041, 932},
    LocalePage{1028, 950},  LocalePage{3076, 950},  LocalePage{2052, 936},  LocalePage{4100, 936},
    LocalePage{1042, 949},  LocalePage{1045, 1250}, LocalePage{1029, 1250}, LocalePage{1038, 1250},
    LocalePage{1050, 1250}, LocalePage{1051, 1250}, LocalePage{1060, 1250}, LocalePage{1048, 1250},
    LocalePage{1032, 1253}, LocalePage{1055, 1254}, LocalePage{1037, 1255}, LocalePage{1025, 1256},
    LocalePage{1061, 1257}, LocalePage{1062, 1257}, LocalePage{1063, 1257}, LocalePage{1066, 1258},
    LocalePage{1054, 874},
};

constexpr std::string_view replacement = "\xEF\xBF\xBD";

const CodePage* find(int number) {
  const auto* found =
      std::find_if(code_pages.begin(), code_pages.end(),
                   [number](const CodePage& page) { return page.number == number; });
  return found == code_pages.end() ? nullptr : found;
}

using Converter = std::unique_ptr<UConverter, decltype(&ucnv_close)>;

Converter open_converter(const char* name) {
  UErrorCode error = U_ZERO_ERROR;
  Converter converter(ucnv_open(name, &error), &ucnv_close);
  if (U_FAILURE(error) != 0) converter.reset();
  return converter;
}

void append_utf8(std::string& text, UChar32 character) {
  std::uint8_t buffer[U8_MAX_LENGTH];
  std::int32_t length = 0;
  U8_APPEND_UNSAFE(buffer, length, character);
  text.append(reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(length));
}

/// Character by character, so that each undecodable octet can be judged by itself. Stateful and
/// multi-byte pages keep their state in the converter.
Decoded decode_with_icu(std::string_view octets, UConverter* converter, bool is_windows_page) {
  Decoded result;
  result.text.reserve(octets.size());
  const char* at = octets.data();
  const char* const end = at + octets.size();
  UErrorCode stop = U_ZERO_ERROR;
  ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &stop);
  while (at < end) {
    UErrorCode error = U_ZERO_ERROR;
    const char* const before = at;
    const UChar32 character = ucnv_getNextUChar(converter, &at, end, &error);
    if (U_SUCCESS(error) != 0) {
      // windows-1252 and its kin map undefined C1 octets to themselves already; ICU marks some
      // with U+FFFD instead of an error.
      result.clean = result.clean && character != 0xFFFD;
      append_utf8(result.text, character);
      continue;
    }
    if (error == U_INDEX_OUTOFBOUNDS_ERROR) break;  // only shift sequences were left
    const auto octet = static_cast<unsigned char>(*before);
    if (at == before) ++at;
    if (is_windows_page && octet >= 0x80 && octet <= 0x9F) {
      append_utf8(result.text, octet);
      at = before + 1;
    } else {
      result.text += replacement;
      result.clean = false;
    }
    ucnv_resetToUnicode(converter);
  }
  return result;
}

Decoded decode_with_iconv(std::string_view octets, const char* name) {
  Decoded result;
  iconv_t converter = iconv_open("UTF-8", name);
  if (converter == reinterpret_cast<iconv_t>(-1)) return decode(octets, code_page_windows_1252);
  std::string input(octets);
  char* in = input.data();
  std::size_t in_left = input.size();
  while (in_left > 0) {
    std::array<char, 1024> buffer{};
    char* out = buffer.data();
    std::size_t out_left = buffer.size();
    const auto count = iconv(converter, &in, &in_left, &out, &out_left);
    result.text.append(buffer.data(), buffer.size() - out_left);
    if (count == static_cast<std::size_t>(-1) && errno != E2BIG) {
      result.text += replacement;
      result.clean = false;
      ++in;
      --in_left;
    }
  }
  iconv_close(converter);
  return result;
}

bool is_windows_page(int number) {
  return (number >= 1250 && number <= 1258) || number == 874;
}

}  // namespace

bool is_known_code_page(int code_page) {
  return find(code_page) != nullptr;
}

Decoded decode(std::span<const std::byte> octets, int code_page) {
  return decode({reinterpret_cast<const char*>(octets.data()), octets.size()}, code_page);
}

Decoded decode(std::string_view octets, int code_page) {
  if (code_page == code_page_utf8 && is_valid_utf8(octets)) return {std::string(octets), true};
  const auto* page = find(code_page);
  if (page == nullptr) page = find(code_page_windows_1252);
  if (page->converter[0] == '@') return decode_with_iconv(octets, page->converter + 1);
  const auto converter = open_converter(page->converter);
  if (!converter) return decode_with_iconv(octets, page->converter);
  return decode_with_icu(octets, converter.get(), is_windows_page(page->number));
}

std::optional<std::string> encode(std::string_view text, int code_page) {
  if (code_page == code_page_utf8) return std::string(text);
  const auto* page = find(code_page);
  if (page == nullptr || page->converter[0] == '@') return std::nullopt;
  const auto converter = open_converter(page->converter);
  if (!converter) return std::nullopt;
  UErrorCode error = U_ZERO_ERROR;
  ucnv_setFromUCallBack(converter.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr,
                        &error);
  ucnv_setFallback(converter.get(), static_cast<UBool>(false));
  const auto utf16 = to_utf16le(text);
  const auto* units = reinterpret_cast<const UChar*>(utf16.data());
  const auto count = static_cast<std::int32_t>(utf16.size() / 2);
  std::string octets(static_cast<std::size_t>(UCNV_GET_MAX_BYTES_FOR_STRING(
                         count, ucnv_getMaxCharSize(converter.get()))),
                     '\0');
  const auto length =
      ucnv_fromUChars(converter.get(), octets.data(), static_cast<std::int32_t>(octets.size()),
                      units, count, &error);
  if (U_FAILURE(error) != 0) return std::nullopt;
  octets.resize(static_cast<std::size_t>(length));
  if (decode(octets, code_page).text != text) return std::nullopt;
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
  return std::nullopt;
}

int ansi_code_page(int locale_id) {
  const auto* found =
      std::find_if(locale_pages.begin(), locale_pages.end(),
                   [locale_id](const LocalePage& locale) { return locale.locale_id == locale_id; });
  return found == locale_pages.end() ? code_page_windows_1252 : found->code_page;
}

}  // namespace postern::mapi
