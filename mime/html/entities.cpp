#include "mime/html/entities.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include <unicode/utf8.h>

#include "mapi/code_page.h"

namespace postern::mime {
namespace {

struct Entity {
  std::string_view name;
  std::uint16_t character;
};

constexpr bool is_before(const Entity& left, const Entity& right) {
  return left.name < right.name;
}

// HTML 4.01 §24.
constexpr std::array entities{
    Entity{"AElig", 0x00C6},   Entity{"Aacute", 0x00C1},  Entity{"Acirc", 0x00C2},
    Entity{"Agrave", 0x00C0},  Entity{"Alpha", 0x0391},   Entity{"Aring", 0x00C5},
    Entity{"Atilde", 0x00C3},  Entity{"Auml", 0x00C4},    Entity{"Beta", 0x0392},
    Entity{"Ccedil", 0x00C7},  Entity{"Chi", 0x03A7},     Entity{"Dagger", 0x2021},
    Entity{"Delta", 0x0394},   Entity{"ETH", 0x00D0},     Entity{"Eacute", 0x00C9},
    Entity{"Ecirc", 0x00CA},   Entity{"Egrave", 0x00C8},  Entity{"Epsilon", 0x0395},
    Entity{"Eta", 0x0397},     Entity{"Euml", 0x00CB},    Entity{"Gamma", 0x0393},
    Entity{"Iacute", 0x00CD},  Entity{"Icirc", 0x00CE},   Entity{"Igrave", 0x00CC},
    Entity{"Iota", 0x0399},    Entity{"Iuml", 0x00CF},    Entity{"Kappa", 0x039A},
    Entity{"Lambda", 0x039B},  Entity{"Mu", 0x039C},      Entity{"Ntilde", 0x00D1},
    Entity{"Nu", 0x039D},      Entity{"OElig", 0x0152},   Entity{"Oacute", 0x00D3},
    Entity{"Ocirc", 0x00D4},   Entity{"Ograve", 0x00D2},  Entity{"Omega", 0x03A9},
    Entity{"Omicron", 0x039F}, Entity{"Oslash", 0x00D8},  Entity{"Otilde", 0x00D5},
    Entity{"Ouml", 0x00D6},    Entity{"Phi", 0x03A6},     Entity{"Pi", 0x03A0},
    Entity{"Prime", 0x2033},   Entity{"Psi", 0x03A8},     Entity{"Rho", 0x03A1},
    Entity{"Scaron", 0x0160},  Entity{"Sigma", 0x03A3},   Entity{"THORN", 0x00DE},
    Entity{"Tau", 0x03A4},     Entity{"Theta", 0x0398},   Entity{"Uacute", 0x00DA},
    Entity{"Ucirc", 0x00DB},   Entity{"Ugrave", 0x00D9},  Entity{"Upsilon", 0x03A5},
    Entity{"Uuml", 0x00DC},    Entity{"Xi", 0x039E},      Entity{"Yacute", 0x00DD},
    Entity{"Yuml", 0x0178},    Entity{"Zeta", 0x0396},    Entity{"aacute", 0x00E1},
    Entity{"acirc", 0x00E2},   Entity{"acute", 0x00B4},   Entity{"aelig", 0x00E6},
    Entity{"agrave", 0x00E0},  Entity{"alefsym", 0x2135}, Entity{"alpha", 0x03B1},
    Entity{"amp", 0x0026},     Entity{"and", 0x2227},     Entity{"ang", 0x2220},
    Entity{"apos", 0x0027},    Entity{"aring", 0x00E5},   Entity{"asymp", 0x2248},
    Entity{"atilde", 0x00E3},  Entity{"auml", 0x00E4},    Entity{"bdquo", 0x201E},
    Entity{"beta", 0x03B2},    Entity{"brvbar", 0x00A6},  Entity{"bull", 0x2022},
    Entity{"cap", 0x2229},     Entity{"ccedil", 0x00E7},  Entity{"cedil", 0x00B8},
    Entity{"cent", 0x00A2},    Entity{"chi", 0x03C7},     Entity{"circ", 0x02C6},
    Entity{"clubs", 0x2663},   Entity{"cong", 0x2245},    Entity{"copy", 0x00A9},
    Entity{"crarr", 0x21B5},   Entity{"cup", 0x222A},     Entity{"curren", 0x00A4},
    Entity{"dArr", 0x21D3},    Entity{"dagger", 0x2020},  Entity{"darr", 0x2193},
    Entity{"deg", 0x00B0},     Entity{"delta", 0x03B4},   Entity{"diams", 0x2666},
    Entity{"divide", 0x00F7},  Entity{"eacute", 0x00E9},  Entity{"ecirc", 0x00EA},
    Entity{"egrave", 0x00E8},  Entity{"empty", 0x2205},   Entity{"emsp", 0x2003},
    Entity{"ensp", 0x2002},    Entity{"epsilon", 0x03B5}, Entity{"equiv", 0x2261},
    Entity{"eta", 0x03B7},     Entity{"eth", 0x00F0},     Entity{"euml", 0x00EB},
    Entity{"euro", 0x20AC},    Entity{"exist", 0x2203},   Entity{"fnof", 0x0192},
    Entity{"forall", 0x2200},  Entity{"frac12", 0x00BD},  Entity{"frac14", 0x00BC},
    Entity{"frac34", 0x00BE},  Entity{"frasl", 0x2044},   Entity{"gamma", 0x03B3},
    Entity{"ge", 0x2265},      Entity{"gt", 0x003E},      Entity{"hArr", 0x21D4},
    Entity{"harr", 0x2194},    Entity{"hearts", 0x2665},  Entity{"hellip", 0x2026},
    Entity{"iacute", 0x00ED},  Entity{"icirc", 0x00EE},   Entity{"iexcl", 0x00A1},
    Entity{"igrave", 0x00EC},  Entity{"image", 0x2111},   Entity{"infin", 0x221E},
    Entity{"int", 0x222B},     Entity{"iota", 0x03B9},    Entity{"iquest", 0x00BF},
    Entity{"isin", 0x2208},    Entity{"iuml", 0x00EF},    Entity{"kappa", 0x03BA},
    Entity{"lArr", 0x21D0},    Entity{"lambda", 0x03BB},  Entity{"lang", 0x2329},
    Entity{"laquo", 0x00AB},   Entity{"larr", 0x2190},    Entity{"lceil", 0x2308},
    Entity{"ldquo", 0x201C},   Entity{"le", 0x2264},      Entity{"lfloor", 0x230A},
    Entity{"lowast", 0x2217},  Entity{"loz", 0x25CA},     Entity{"lrm", 0x200E},
    Entity{"lsaquo", 0x2039},  Entity{"lsquo", 0x2018},   Entity{"lt", 0x003C},
    Entity{"macr", 0x00AF},    Entity{"mdash", 0x2014},   Entity{"micro", 0x00B5},
    Entity{"middot", 0x00B7},  Entity{"minus", 0x2212},   Entity{"mu", 0x03BC},
    Entity{"nabla", 0x2207},   Entity{"nbsp", 0x00A0},    Entity{"ndash", 0x2013},
    Entity{"ne", 0x2260},      Entity{"ni", 0x220B},      Entity{"not", 0x00AC},
    Entity{"notin", 0x2209},   Entity{"nsub", 0x2284},    Entity{"ntilde", 0x00F1},
    Entity{"nu", 0x03BD},      Entity{"oacute", 0x00F3},  Entity{"ocirc", 0x00F4},
    Entity{"oelig", 0x0153},   Entity{"ograve", 0x00F2},  Entity{"oline", 0x203E},
    Entity{"omega", 0x03C9},   Entity{"omicron", 0x03BF}, Entity{"oplus", 0x2295},
    Entity{"or", 0x2228},      Entity{"ordf", 0x00AA},    Entity{"ordm", 0x00BA},
    Entity{"oslash", 0x00F8},  Entity{"otilde", 0x00F5},  Entity{"otimes", 0x2297},
    Entity{"ouml", 0x00F6},    Entity{"para", 0x00B6},    Entity{"part", 0x2202},
    Entity{"permil", 0x2030},  Entity{"perp", 0x22A5},    Entity{"phi", 0x03C6},
    Entity{"pi", 0x03C0},      Entity{"piv", 0x03D6},     Entity{"plusmn", 0x00B1},
    Entity{"pound", 0x00A3},   Entity{"prime", 0x2032},   Entity{"prod", 0x220F},
    Entity{"prop", 0x221D},    Entity{"psi", 0x03C8},     Entity{"quot", 0x0022},
    Entity{"rArr", 0x21D2},    Entity{"radic", 0x221A},   Entity{"rang", 0x232A},
    Entity{"raquo", 0x00BB},   Entity{"rarr", 0x2192},    Entity{"rceil", 0x2309},
    Entity{"rdquo", 0x201D},   Entity{"real", 0x211C},    Entity{"reg", 0x00AE},
    Entity{"rfloor", 0x230B},  Entity{"rho", 0x03C1},     Entity{"rlm", 0x200F},
    Entity{"rsaquo", 0x203A},  Entity{"rsquo", 0x2019},   Entity{"sbquo", 0x201A},
    Entity{"scaron", 0x0161},  Entity{"sdot", 0x22C5},    Entity{"sect", 0x00A7},
    Entity{"shy", 0x00AD},     Entity{"sigma", 0x03C3},   Entity{"sigmaf", 0x03C2},
    Entity{"sim", 0x223C},     Entity{"spades", 0x2660},  Entity{"sub", 0x2282},
    Entity{"sube", 0x2286},    Entity{"sum", 0x2211},     Entity{"sup", 0x2283},
    Entity{"sup1", 0x00B9},    Entity{"sup2", 0x00B2},    Entity{"sup3", 0x00B3},
    Entity{"supe", 0x2287},    Entity{"szlig", 0x00DF},   Entity{"tau", 0x03C4},
    Entity{"there4", 0x2234},  Entity{"theta", 0x03B8},   Entity{"thetasym", 0x03D1},
    Entity{"thinsp", 0x2009},  Entity{"thorn", 0x00FE},   Entity{"tilde", 0x02DC},
    Entity{"times", 0x00D7},   Entity{"trade", 0x2122},   Entity{"uArr", 0x21D1},
    Entity{"uacute", 0x00FA},  Entity{"uarr", 0x2191},    Entity{"ucirc", 0x00FB},
    Entity{"ugrave", 0x00F9},  Entity{"uml", 0x00A8},     Entity{"upsih", 0x03D2},
    Entity{"upsilon", 0x03C5}, Entity{"uuml", 0x00FC},    Entity{"weierp", 0x2118},
    Entity{"xi", 0x03BE},      Entity{"yacute", 0x00FD},  Entity{"yen", 0x00A5},
    Entity{"yuml", 0x00FF},    Entity{"zeta", 0x03B6},    Entity{"zwj", 0x200D},
    Entity{"zwnj", 0x200C},
};
static_assert(std::is_sorted(entities.begin(), entities.end(), is_before));

const Entity* find_entity(std::string_view name) {
  const auto* const found =
      std::lower_bound(entities.begin(), entities.end(), Entity{name, 0}, is_before);
  return found != entities.end() && found->name == name ? found : nullptr;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_name_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

template <class Predicate>
std::string_view leading(std::string_view text, Predicate is_part) {
  const auto* const end = std::find_if_not(text.data(), text.data() + text.size(), is_part);
  return text.substr(0, static_cast<std::size_t>(end - text.data()));
}

void append(std::string& text, UChar32 character) {
  std::uint8_t buffer[U8_MAX_LENGTH];
  std::int32_t length = 0;
  U8_APPEND_UNSAFE(buffer, length, character);
  text.append(reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(length));
}

void append_number(std::string& text, std::string_view digits, int base) {
  constexpr UChar32 too_large = 0x110000;
  UChar32 number = 0;
  for (const char digit : digits) {
    const int value = is_digit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
    number = std::min(number * base + value, too_large);
  }
  if (number >= 0x80 && number <= 0x9F) {
    const char octet = static_cast<char>(number);
    text += mapi::decode(std::string_view(&octet, 1), mapi::code_page_windows_1252).text;
    return;
  }
  append(text, number == 0 || U_IS_SURROGATE(number) || number >= too_large ? 0xFFFD : number);
}

/// Appends the character of the reference that `html` begins with and returns the reference's
/// length; 0 where it is none.
std::size_t append_reference(std::string& text, std::string_view html, HtmlContext context) {
  const auto with_semicolon = [&](std::size_t length) {
    return length < html.size() && html[length] == ';' ? length + 1 : length;
  };
  if (html.starts_with("&#")) {
    const bool is_hex = html.size() > 2 && (html[2] == 'x' || html[2] == 'X');
    const std::size_t start = is_hex ? 3 : 2;
    const auto digits = leading(html.substr(start), is_hex ? is_hex_digit : is_digit);
    if (digits.empty()) return 0;
    append_number(text, digits, is_hex ? 16 : 10);
    return with_semicolon(start + digits.size());
  }
  const auto name = leading(html.substr(1), is_name_character);
  const auto* const entity = find_entity(name);
  if (entity == nullptr) return 0;
  const auto length = name.size() + 1;
  if (with_semicolon(length) == length) {
    const bool is_assignment =
        context == HtmlContext::attribute && length < html.size() && html[length] == '=';
    if (entity->character > 0xFF || is_assignment) return 0;
  }
  append(text, entity->character);
  return with_semicolon(length);
}

}  // namespace

std::string decode_entities(std::string_view html, HtmlContext context) {
  std::string text;
  text.reserve(html.size());
  while (!html.empty()) {
    const auto plain = html.substr(0, html.find('&'));
    text += plain;
    html.remove_prefix(plain.size());
    if (html.empty()) break;
    const auto length = append_reference(text, html, context);
    if (length == 0) text += '&';
    html.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text;
}

}  // namespace postern::mime
