#include "mime/html/entities.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include <unicode/utf8.h>

#include "mapi/code_page.h"

namespace postern::mime {
namespace {

struct CharacterReference {
  std::string_view name;
  std::uint16_t character;
};

constexpr bool is_before(const CharacterReference& left, const CharacterReference& right) {
  return left.name < right.name;
}

// HTML 4.01 §24.
constexpr std::array entities{
    CharacterReference{"AElig", 0x00C6},    CharacterReference{"Aacute", 0x00C1},
    CharacterReference{"Acirc", 0x00C2},    CharacterReference{"Agrave", 0x00C0},
    CharacterReference{"Alpha", 0x0391},    CharacterReference{"Aring", 0x00C5},
    CharacterReference{"Atilde", 0x00C3},   CharacterReference{"Auml", 0x00C4},
    CharacterReference{"Beta", 0x0392},     CharacterReference{"Ccedil", 0x00C7},
    CharacterReference{"Chi", 0x03A7},      CharacterReference{"Dagger", 0x2021},
    CharacterReference{"Delta", 0x0394},    CharacterReference{"ETH", 0x00D0},
    CharacterReference{"Eacute", 0x00C9},   CharacterReference{"Ecirc", 0x00CA},
    CharacterReference{"Egrave", 0x00C8},   CharacterReference{"Epsilon", 0x0395},
    CharacterReference{"Eta", 0x0397},      CharacterReference{"Euml", 0x00CB},
    CharacterReference{"Gamma", 0x0393},    CharacterReference{"Iacute", 0x00CD},
    CharacterReference{"Icirc", 0x00CE},    CharacterReference{"Igrave", 0x00CC},
    CharacterReference{"Iota", 0x0399},     CharacterReference{"Iuml", 0x00CF},
    CharacterReference{"Kappa", 0x039A},    CharacterReference{"Lambda", 0x039B},
    CharacterReference{"Mu", 0x039C},       CharacterReference{"Ntilde", 0x00D1},
    CharacterReference{"Nu", 0x039D},       CharacterReference{"OElig", 0x0152},
    CharacterReference{"Oacute", 0x00D3},   CharacterReference{"Ocirc", 0x00D4},
    CharacterReference{"Ograve", 0x00D2},   CharacterReference{"Omega", 0x03A9},
    CharacterReference{"Omicron", 0x039F},  CharacterReference{"Oslash", 0x00D8},
    CharacterReference{"Otilde", 0x00D5},   CharacterReference{"Ouml", 0x00D6},
    CharacterReference{"Phi", 0x03A6},      CharacterReference{"Pi", 0x03A0},
    CharacterReference{"Prime", 0x2033},    CharacterReference{"Psi", 0x03A8},
    CharacterReference{"Rho", 0x03A1},      CharacterReference{"Scaron", 0x0160},
    CharacterReference{"Sigma", 0x03A3},    CharacterReference{"THORN", 0x00DE},
    CharacterReference{"Tau", 0x03A4},      CharacterReference{"Theta", 0x0398},
    CharacterReference{"Uacute", 0x00DA},   CharacterReference{"Ucirc", 0x00DB},
    CharacterReference{"Ugrave", 0x00D9},   CharacterReference{"Upsilon", 0x03A5},
    CharacterReference{"Uuml", 0x00DC},     CharacterReference{"Xi", 0x039E},
    CharacterReference{"Yacute", 0x00DD},   CharacterReference{"Yuml", 0x0178},
    CharacterReference{"Zeta", 0x0396},     CharacterReference{"aacute", 0x00E1},
    CharacterReference{"acirc", 0x00E2},    CharacterReference{"acute", 0x00B4},
    CharacterReference{"aelig", 0x00E6},    CharacterReference{"agrave", 0x00E0},
    CharacterReference{"alefsym", 0x2135},  CharacterReference{"alpha", 0x03B1},
    CharacterReference{"amp", 0x0026},      CharacterReference{"and", 0x2227},
    CharacterReference{"ang", 0x2220},      CharacterReference{"apos", 0x0027},
    CharacterReference{"aring", 0x00E5},    CharacterReference{"asymp", 0x2248},
    CharacterReference{"atilde", 0x00E3},   CharacterReference{"auml", 0x00E4},
    CharacterReference{"bdquo", 0x201E},    CharacterReference{"beta", 0x03B2},
    CharacterReference{"brvbar", 0x00A6},   CharacterReference{"bull", 0x2022},
    CharacterReference{"cap", 0x2229},      CharacterReference{"ccedil", 0x00E7},
    CharacterReference{"cedil", 0x00B8},    CharacterReference{"cent", 0x00A2},
    CharacterReference{"chi", 0x03C7},      CharacterReference{"circ", 0x02C6},
    CharacterReference{"clubs", 0x2663},    CharacterReference{"cong", 0x2245},
    CharacterReference{"copy", 0x00A9},     CharacterReference{"crarr", 0x21B5},
    CharacterReference{"cup", 0x222A},      CharacterReference{"curren", 0x00A4},
    CharacterReference{"dArr", 0x21D3},     CharacterReference{"dagger", 0x2020},
    CharacterReference{"darr", 0x2193},     CharacterReference{"deg", 0x00B0},
    CharacterReference{"delta", 0x03B4},    CharacterReference{"diams", 0x2666},
    CharacterReference{"divide", 0x00F7},   CharacterReference{"eacute", 0x00E9},
    CharacterReference{"ecirc", 0x00EA},    CharacterReference{"egrave", 0x00E8},
    CharacterReference{"empty", 0x2205},    CharacterReference{"emsp", 0x2003},
    CharacterReference{"ensp", 0x2002},     CharacterReference{"epsilon", 0x03B5},
    CharacterReference{"equiv", 0x2261},    CharacterReference{"eta", 0x03B7},
    CharacterReference{"eth", 0x00F0},      CharacterReference{"euml", 0x00EB},
    CharacterReference{"euro", 0x20AC},     CharacterReference{"exist", 0x2203},
    CharacterReference{"fnof", 0x0192},     CharacterReference{"forall", 0x2200},
    CharacterReference{"frac12", 0x00BD},   CharacterReference{"frac14", 0x00BC},
    CharacterReference{"frac34", 0x00BE},   CharacterReference{"frasl", 0x2044},
    CharacterReference{"gamma", 0x03B3},    CharacterReference{"ge", 0x2265},
    CharacterReference{"gt", 0x003E},       CharacterReference{"hArr", 0x21D4},
    CharacterReference{"harr", 0x2194},     CharacterReference{"hearts", 0x2665},
    CharacterReference{"hellip", 0x2026},   CharacterReference{"iacute", 0x00ED},
    CharacterReference{"icirc", 0x00EE},    CharacterReference{"iexcl", 0x00A1},
    CharacterReference{"igrave", 0x00EC},   CharacterReference{"image", 0x2111},
    CharacterReference{"infin", 0x221E},    CharacterReference{"int", 0x222B},
    CharacterReference{"iota", 0x03B9},     CharacterReference{"iquest", 0x00BF},
    CharacterReference{"isin", 0x2208},     CharacterReference{"iuml", 0x00EF},
    CharacterReference{"kappa", 0x03BA},    CharacterReference{"lArr", 0x21D0},
    CharacterReference{"lambda", 0x03BB},   CharacterReference{"lang", 0x2329},
    CharacterReference{"laquo", 0x00AB},    CharacterReference{"larr", 0x2190},
    CharacterReference{"lceil", 0x2308},    CharacterReference{"ldquo", 0x201C},
    CharacterReference{"le", 0x2264},       CharacterReference{"lfloor", 0x230A},
    CharacterReference{"lowast", 0x2217},   CharacterReference{"loz", 0x25CA},
    CharacterReference{"lrm", 0x200E},      CharacterReference{"lsaquo", 0x2039},
    CharacterReference{"lsquo", 0x2018},    CharacterReference{"lt", 0x003C},
    CharacterReference{"macr", 0x00AF},     CharacterReference{"mdash", 0x2014},
    CharacterReference{"micro", 0x00B5},    CharacterReference{"middot", 0x00B7},
    CharacterReference{"minus", 0x2212},    CharacterReference{"mu", 0x03BC},
    CharacterReference{"nabla", 0x2207},    CharacterReference{"nbsp", 0x00A0},
    CharacterReference{"ndash", 0x2013},    CharacterReference{"ne", 0x2260},
    CharacterReference{"ni", 0x220B},       CharacterReference{"not", 0x00AC},
    CharacterReference{"notin", 0x2209},    CharacterReference{"nsub", 0x2284},
    CharacterReference{"ntilde", 0x00F1},   CharacterReference{"nu", 0x03BD},
    CharacterReference{"oacute", 0x00F3},   CharacterReference{"ocirc", 0x00F4},
    CharacterReference{"oelig", 0x0153},    CharacterReference{"ograve", 0x00F2},
    CharacterReference{"oline", 0x203E},    CharacterReference{"omega", 0x03C9},
    CharacterReference{"omicron", 0x03BF},  CharacterReference{"oplus", 0x2295},
    CharacterReference{"or", 0x2228},       CharacterReference{"ordf", 0x00AA},
    CharacterReference{"ordm", 0x00BA},     CharacterReference{"oslash", 0x00F8},
    CharacterReference{"otilde", 0x00F5},   CharacterReference{"otimes", 0x2297},
    CharacterReference{"ouml", 0x00F6},     CharacterReference{"para", 0x00B6},
    CharacterReference{"part", 0x2202},     CharacterReference{"permil", 0x2030},
    CharacterReference{"perp", 0x22A5},     CharacterReference{"phi", 0x03C6},
    CharacterReference{"pi", 0x03C0},       CharacterReference{"piv", 0x03D6},
    CharacterReference{"plusmn", 0x00B1},   CharacterReference{"pound", 0x00A3},
    CharacterReference{"prime", 0x2032},    CharacterReference{"prod", 0x220F},
    CharacterReference{"prop", 0x221D},     CharacterReference{"psi", 0x03C8},
    CharacterReference{"quot", 0x0022},     CharacterReference{"rArr", 0x21D2},
    CharacterReference{"radic", 0x221A},    CharacterReference{"rang", 0x232A},
    CharacterReference{"raquo", 0x00BB},    CharacterReference{"rarr", 0x2192},
    CharacterReference{"rceil", 0x2309},    CharacterReference{"rdquo", 0x201D},
    CharacterReference{"real", 0x211C},     CharacterReference{"reg", 0x00AE},
    CharacterReference{"rfloor", 0x230B},   CharacterReference{"rho", 0x03C1},
    CharacterReference{"rlm", 0x200F},      CharacterReference{"rsaquo", 0x203A},
    CharacterReference{"rsquo", 0x2019},    CharacterReference{"sbquo", 0x201A},
    CharacterReference{"scaron", 0x0161},   CharacterReference{"sdot", 0x22C5},
    CharacterReference{"sect", 0x00A7},     CharacterReference{"shy", 0x00AD},
    CharacterReference{"sigma", 0x03C3},    CharacterReference{"sigmaf", 0x03C2},
    CharacterReference{"sim", 0x223C},      CharacterReference{"spades", 0x2660},
    CharacterReference{"sub", 0x2282},      CharacterReference{"sube", 0x2286},
    CharacterReference{"sum", 0x2211},      CharacterReference{"sup", 0x2283},
    CharacterReference{"sup1", 0x00B9},     CharacterReference{"sup2", 0x00B2},
    CharacterReference{"sup3", 0x00B3},     CharacterReference{"supe", 0x2287},
    CharacterReference{"szlig", 0x00DF},    CharacterReference{"tau", 0x03C4},
    CharacterReference{"there4", 0x2234},   CharacterReference{"theta", 0x03B8},
    CharacterReference{"thetasym", 0x03D1}, CharacterReference{"thinsp", 0x2009},
    CharacterReference{"thorn", 0x00FE},    CharacterReference{"tilde", 0x02DC},
    CharacterReference{"times", 0x00D7},    CharacterReference{"trade", 0x2122},
    CharacterReference{"uArr", 0x21D1},     CharacterReference{"uacute", 0x00FA},
    CharacterReference{"uarr", 0x2191},     CharacterReference{"ucirc", 0x00FB},
    CharacterReference{"ugrave", 0x00F9},   CharacterReference{"uml", 0x00A8},
    CharacterReference{"upsih", 0x03D2},    CharacterReference{"upsilon", 0x03C5},
    CharacterReference{"uuml", 0x00FC},     CharacterReference{"weierp", 0x2118},
    CharacterReference{"xi", 0x03BE},       CharacterReference{"yacute", 0x00FD},
    CharacterReference{"yen", 0x00A5},      CharacterReference{"yuml", 0x00FF},
    CharacterReference{"zeta", 0x03B6},     CharacterReference{"zwj", 0x200D},
    CharacterReference{"zwnj", 0x200C},
};
static_assert(std::is_sorted(entities.begin(), entities.end(), is_before));

const CharacterReference* find_entity(std::string_view name) {
  const auto* const found =
      std::lower_bound(entities.begin(), entities.end(), CharacterReference{name, 0}, is_before);
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
/// length; 0 if it is none.
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

std::string escaped_html(std::string_view text) {
  std::string html;
  for (const char c : text) append_escaped_html(html, c);
  return html;
}

void append_escaped_html(std::string& html, char c) {
  switch (c) {
    case '&':
      html += "&amp;";
      break;
    case '<':
      html += "&lt;";
      break;
    case '>':
      html += "&gt;";
      break;
    case '"':
      html += "&quot;";
      break;
    default:
      html += c;
  }
}

}  // namespace postern::mime
