// The ANSI code pages of locale ids ([MS-LCID]).
#include <algorithm>
#include <array>

#include "mapi/code_page.h"

namespace postern::mapi {
namespace {

constexpr int language_bits = 0x3FF;

struct LanguagePage {
  int language;  ///< the primary language: the lower ten bits of a locale id
  int code_page;
};
constexpr std::array languages{
    LanguagePage{0x01, 1256},  // Arabic
    LanguagePage{0x02, 1251},  // Bulgarian
    LanguagePage{0x04, 936},   // Chinese
    LanguagePage{0x05, 1250},  // Czech
    LanguagePage{0x08, 1253},  // Greek
    LanguagePage{0x0D, 1255},  // Hebrew
    LanguagePage{0x0E, 1250},  // Hungarian
    LanguagePage{0x11, 932},   // Japanese
    LanguagePage{0x12, 949},   // Korean
    LanguagePage{0x15, 1250},  // Polish
    LanguagePage{0x18, 1250},  // Romanian
    LanguagePage{0x19, 1251},  // Russian
    LanguagePage{0x1A, 1250},  // Croatian, Serbian, Bosnian in Latin letters
    LanguagePage{0x1B, 1250},  // Slovak
    LanguagePage{0x1C, 1250},  // Albanian
    LanguagePage{0x1E, 874},   // Thai
    LanguagePage{0x1F, 1254},  // Turkish
    LanguagePage{0x20, 1256},  // Urdu
    LanguagePage{0x22, 1251},  // Ukrainian
    LanguagePage{0x23, 1251},  // Belarusian
    LanguagePage{0x24, 1250},  // Slovene
    LanguagePage{0x25, 1257},  // Estonian
    LanguagePage{0x26, 1257},  // Latvian
    LanguagePage{0x27, 1257},  // Lithuanian
    LanguagePage{0x28, 1251},  // Tajik
    LanguagePage{0x29, 1256},  // Persian
    LanguagePage{0x2A, 1258},  // Vietnamese
    LanguagePage{0x2C, 1254},  // Azeri in Latin letters
    LanguagePage{0x2F, 1251},  // Macedonian
    LanguagePage{0x3D, 1255},  // Yiddish
    LanguagePage{0x3F, 1251},  // Kazakh
    LanguagePage{0x40, 1251},  // Kyrgyz
    LanguagePage{0x42, 1250},  // Turkmen
    LanguagePage{0x43, 1254},  // Uzbek in Latin letters
    LanguagePage{0x44, 1251},  // Tatar
    LanguagePage{0x50, 1251},  // Mongolian
    LanguagePage{0x6D, 1251},  // Bashkir
    LanguagePage{0x80, 1256},  // Uyghur
    LanguagePage{0x85, 1251},  // Yakut
    LanguagePage{0x8C, 1256},  // Dari
};

struct LocalePage {
  int locale_id;
  int code_page;
};
/// Where the sublanguage is written in other letters than its language.
constexpr std::array exceptions{
    LocalePage{0x0404, 950},  LocalePage{0x0C04, 950},
    LocalePage{0x1404, 950},  LocalePage{0x7C04, 950},   // Chinese: Taiwan, Hong Kong, Macao
    LocalePage{0x0C1A, 1251}, LocalePage{0x1C1A, 1251},  // Serbian and Bosnian in Cyrillic
    LocalePage{0x201A, 1251}, LocalePage{0x281A, 1251},  // letters
    LocalePage{0x301A, 1251}, LocalePage{0x641A, 1251},
    LocalePage{0x6C1A, 1251}, LocalePage{0x082C, 1251},  // and so Azeri
    LocalePage{0x742C, 1251}, LocalePage{0x0843, 1251},  // and Uzbek
    LocalePage{0x7843, 1251},
};

}  // namespace

std::optional<int> ansi_code_page(int locale_id) {
  constexpr int invariant = 0x7F;
  const int language = locale_id & language_bits;
  if (language == 0 || language == invariant) return std::nullopt;
  const int without_sort_order = locale_id & 0xFFFF;
  const auto* exception = std::ranges::find(exceptions, without_sort_order, &LocalePage::locale_id);
  if (exception != exceptions.end()) return exception->code_page;
  const auto* found = std::ranges::find(languages, language, &LanguagePage::language);
  return found == languages.end() ? code_page_windows_1252 : found->code_page;
}

}  // namespace postern::mapi
