#include "mime/rtf/reader.h"

#include <algorithm>

#include "mapi/code_page.h"

namespace postern::mime {
namespace {

constexpr std::size_t deepest_group = 1024;
constexpr std::string_view bullet = "*";
constexpr char32_t replacement_character = 0xFFFD;

bool is_lead_surrogate(char32_t unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_trail_surrogate(char32_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

std::string to_utf8(char32_t character) {
  const auto low_bits = [character](unsigned shift) {
    return static_cast<char>(0x80U | (character >> shift & 0x3FU));
  };
  if (character < 0x80) return {static_cast<char>(character)};
  if (character < 0x800) return {static_cast<char>(0xC0U | character >> 6U), low_bits(0)};
  if (character < 0x10000) {
    return {static_cast<char>(0xE0U | character >> 12U), low_bits(6), low_bits(0)};
  }
  return {static_cast<char>(0xF0U | character >> 18U), low_bits(12), low_bits(6), low_bits(0)};
}

}  // namespace

void RtfReader::read(std::string_view rtf) {
  RtfTokenizer tokens(rtf);
  while (const auto token = tokens.next()) {
    switch (token->kind) {
      case RtfToken::Kind::group_start:
        start_group();
        break;
      case RtfToken::Kind::group_end:
        end_group();
        break;
      case RtfToken::Kind::word:
        word(*token);
        break;
      case RtfToken::Kind::symbol:
        symbol(token->text.front());
        break;
      case RtfToken::Kind::octet:
        octets({&token->octet, 1});
        break;
      case RtfToken::Kind::text:
        octets(token->text);
        break;
      case RtfToken::Kind::binary:
        skip_replacement();
        break;
    }
  }
  while (groups_.size() > 1) end_group();
  settle();
}

bool RtfReader::is_visible() const {
  const auto& group = groups_.back();
  switch (group.destination) {
    case RtfDestination::text:
    case RtfDestination::list_text:
      return !group.html_rtf && !group.hidden;
    case RtfDestination::html_tag:
    case RtfDestination::instruction:
      return !group.html_rtf;
    default:
      return false;
  }
}

/// Bullets are letters of symbol fonts, which are something else in any other font.
bool RtfReader::is_symbol_bullet() const {
  const auto& group = groups_.back();
  return group.destination == RtfDestination::list_text && fonts_.is_symbol(group.font);
}

void RtfReader::start_group() {
  replacements_left_ = 0;
  ignorable_ = false;
  if (groups_.size() == deepest_group) {
    ++groups_too_deep_;
    return;
  }
  groups_.push_back(groups_.back());
  group().is_field = false;
}

void RtfReader::end_group() {
  replacements_left_ = 0;
  ignorable_ = false;
  if (groups_too_deep_ > 0) {
    --groups_too_deep_;
    return;
  }
  if (groups_.size() == 1) return;  // a brace too many
  const Group ended = groups_.back();
  const Group& outer = groups_[groups_.size() - 2];
  if (ended.is_field || ended.destination != outer.destination) settle();
  groups_.pop_back();
  if (ended.is_field) sink_.end_field();
}

void RtfReader::word(const RtfToken& token) {
  const auto* const word = find_rtf_word(token.text);
  if (ignorable_ || (word != nullptr && is_destination(word->action))) {
    enter(word);
  } else if (word == nullptr) {
    return;
  } else if (is_output(word->action)) {
    output(*word, token);
  } else if (is_group_state(word->action)) {
    change_state(*word, token);
  } else {
    change_document(*word, token);
  }
}

void RtfReader::output(const RtfWord& word, const RtfToken& token) {
  if (word.action == RtfAction::unicode) return unicode(token.parameter.value_or(0));
  if (word.action == RtfAction::character) return character(word.html, word.text);
  // Some writers leave the replacement out: the end of a line is never one.
  replacements_left_ = 0;
  if (!is_visible()) return;
  if (word.action == RtfAction::tab) return emit("\t");
  settle();
  switch (word.action) {
    case RtfAction::end_of_cell:
      sink_.end_of_cell();
      break;
    case RtfAction::end_of_row:
      sink_.end_of_row();
      break;
    default:
      sink_.end_of_line();
      break;
  }
}

void RtfReader::change_state(const RtfWord& word, const RtfToken& token) {
  const bool on = token.parameter.value_or(1) != 0;
  switch (word.action) {
    case RtfAction::unicode_skip:
      group().unicode_skip = std::max(token.parameter.value_or(1), 0);
      break;
    case RtfAction::font:
      if (group().destination == RtfDestination::fonts) {
        fonts_.start_font(token.parameter.value_or(0));
      } else {
        group().font = token.parameter.value_or(0);
      }
      break;
    case RtfAction::plain:
      group().font = default_font_;
      group().hidden = false;
      break;
    case RtfAction::hidden:
      group().hidden = on && kind_ == RtfKind::rtf;
      break;
    default:
      group().html_rtf = on;
      break;
  }
}

void RtfReader::change_document(const RtfWord& word, const RtfToken& token) {
  const int value = token.parameter.value_or(0);
  switch (word.action) {
    case RtfAction::default_font:
      default_font_ = value;
      group().font = value;
      break;
    case RtfAction::platform:
      fonts_.set_platform(word.argument);
      break;
    case RtfAction::ansi_code_page:
      fonts_.set_ansi_code_page(value);
      break;
    case RtfAction::charset:
      if (group().destination == RtfDestination::fonts) fonts_.set_charset(value);
      break;
    default:
      if (group().destination == RtfDestination::fonts) fonts_.set_code_page(value);
      break;
  }
}

/// The group's destination; an ignorable one that is not known is skipped. What stands inside a
/// skipped group stays skipped, but for the two that say what to show in its stead.
void RtfReader::enter(const RtfWord* word) {
  ignorable_ = false;
  const bool is_known = word != nullptr && is_destination(word->action);
  const auto action = is_known ? word->action : RtfAction::skip;
  const bool is_rtf = kind_ == RtfKind::rtf;
  const auto current = group().destination;
  if (current == RtfDestination::object && action == RtfAction::object_result) {
    return enter(RtfDestination::text);
  }
  if (current == RtfDestination::pair && action == RtfAction::unicode_destination) {
    return enter(RtfDestination::text);
  }
  if (current >= RtfDestination::instruction) return;
  switch (action) {
    case RtfAction::font_table:
      return enter(RtfDestination::fonts);
    case RtfAction::object:
      return enter(RtfDestination::object);
    case RtfAction::unicode_pair:
      return enter(RtfDestination::pair);
    case RtfAction::html_tag:
      return enter(kind_ == RtfKind::encapsulated_html ? RtfDestination::html_tag
                                                       : RtfDestination::skipped);
    case RtfAction::list_text:
      return enter(is_rtf ? RtfDestination::list_text : RtfDestination::skipped);
    case RtfAction::field_instruction:
      return enter(is_rtf ? RtfDestination::instruction : RtfDestination::skipped);
    case RtfAction::field:
      settle();
      if (is_rtf && !group().is_field) sink_.start_field();
      group().is_field = is_rtf;
      return;
    case RtfAction::field_result:
      settle();
      return sink_.start_field_result();
    case RtfAction::skip:
      return enter(RtfDestination::skipped);
    default:
      return;
  }
}

void RtfReader::enter(RtfDestination destination) {
  settle();
  group().destination = destination;
}

void RtfReader::symbol(char symbol) {
  switch (symbol) {
    case '*':
      ignorable_ = true;
      break;
    case '\\':
    case '{':
    case '}':
      octets({&symbol, 1});
      break;
    case '~':
      character("&nbsp;", "\u00A0");
      break;
    // Encapsulation writes soft hyphens so (§4.3); in true RTF it is a hyphen that does not break.
    case '_':
      character("&shy;", kind_ == RtfKind::rtf ? "\u2011" : "\u00AD");
      break;
    case '\t':
      if (!skip_replacement() && is_visible()) emit("\t");
      break;
    default:
      skip_replacement();
      break;
  }
}

void RtfReader::octets(std::string_view octets) {
  const auto skipped = std::min(octets.size(), static_cast<std::size_t>(replacements_left_));
  replacements_left_ -= static_cast<int>(skipped);
  octets.remove_prefix(skipped);
  if (octets.empty() || !is_visible()) return;
  if (is_symbol_bullet()) return emit(bullet);
  const int page = group().destination == RtfDestination::html_tag ? fonts_.default_code_page()
                                                                   : fonts_.code_page(group().font);
  if (page != octets_page_ || lead_surrogate_ != 0) settle();
  octets_page_ = page;
  octets_ += octets;
}

/// \uN: a UTF-16 unit, negative above 0x7FFF.
void RtfReader::unicode(int parameter) {
  replacements_left_ = group().unicode_skip;
  const auto unit = static_cast<char32_t>(parameter < 0 ? parameter + 0x10000 : parameter);
  if (!is_visible() || unit == 0) return;
  if (is_trail_surrogate(unit) && lead_surrogate_ != 0) {
    const auto pair = 0x10000 + ((lead_surrogate_ - 0xD800) << 10U) + (unit - 0xDC00);
    lead_surrogate_ = 0;
    return emit(to_utf8(pair));
  }
  settle();
  if (is_lead_surrogate(unit)) {
    lead_surrogate_ = unit;
  } else if (is_symbol_bullet()) {
    emit(bullet);
  } else {
    emit(to_utf8(is_trail_surrogate(unit) || unit > 0x10FFFF ? replacement_character : unit));
  }
}

void RtfReader::character(std::string_view html, std::string_view text) {
  if (skip_replacement() || !is_visible()) return;
  settle();
  if (group().destination == RtfDestination::instruction) return show(text);
  sink_.character(html, text);
}

void RtfReader::emit(std::string_view text) {
  settle();
  show(text);
}

void RtfReader::show(std::string_view text) {
  if (group().destination == RtfDestination::instruction) {
    sink_.field_instruction(text);
  } else {
    sink_.text(text);
  }
}

/// What waits for more to come is shown now, before anything else is and before the destination
/// changes.
void RtfReader::settle() {
  if (!octets_.empty()) {
    show(mapi::decode(octets_, octets_page_).text);
    octets_.clear();
  }
  if (lead_surrogate_ != 0) {
    lead_surrogate_ = 0;
    show(to_utf8(replacement_character));
  }
}

/// Whether the current character is only the replacement of the \u before it.
bool RtfReader::skip_replacement() {
  if (replacements_left_ == 0) return false;
  --replacements_left_;
  return true;
}

}  // namespace postern::mime
