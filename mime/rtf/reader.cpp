#include "mime/rtf/reader.h"

#include <algorithm>

#include "mapi/code_page.h"

namespace postern::mime {
namespace {

constexpr std::size_t deepest_group = 1024;
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
        binary(token->text);
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

bool RtfReader::is_symbol_bullet() const {
  const auto& group = groups_.back();
  return group.destination == RtfDestination::list_text &&
         tables_.fonts.is_symbol(group.format.font);
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
  if (kind_ == RtfKind::rtf && ended.format != outer.format) settle_octets();
  groups_.pop_back();
  if (ended.destination == RtfDestination::fonts) tables_.fonts.end_name();
  if (ended.is_field) sink_.end_field();
  const bool ends_picture = ended.destination == RtfDestination::picture &&
                            group().destination != RtfDestination::picture;
  if (ends_picture) {
    announce();
    sink_.picture(picture_);
  }
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
  } else if (is_formatting(word->action)) {
    if (kind_ == RtfKind::rtf) change_formatting(*word, token);
  } else if (is_picture_size(word->action)) {
    if (group().destination == RtfDestination::picture) {
      picture_.set_size(word->action, token.parameter.value_or(0));
    }
  } else {
    change_document(*word, token.parameter.value_or(0));
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
  announce();
  switch (word.action) {
    case RtfAction::end_of_paragraph:
      sink_.end_of_paragraph();
      break;
    case RtfAction::end_of_cell:
      sink_.end_of_cell(static_cast<RtfTable>(word.argument));
      break;
    case RtfAction::end_of_row:
      sink_.end_of_row(static_cast<RtfTable>(word.argument));
      break;
    case RtfAction::attachment:
      if (kind_ == RtfKind::rtf) sink_.attachment();
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
      change_font(token.parameter.value_or(0));
      break;
    case RtfAction::plain:
      if (kind_ == RtfKind::rtf) settle_octets();
      group().format = RtfFormat();
      group().format.font = tables_.default_font;
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

void RtfReader::change_font(int font) {
  if (group().destination == RtfDestination::fonts) return tables_.fonts.start_font(font);
  if (kind_ == RtfKind::rtf && font != group().format.font) settle_octets();
  group().format.font = font;
}

void RtfReader::change_formatting(const RtfWord& word, const RtfToken& token) {
  auto format = group().format;
  apply(word, token.parameter, format);
  if (format != group().format) settle_octets();
  group().format = format;
  apply(word, token.parameter, group().paragraph);
  switch (word.action) {
    case RtfAction::row_defaults:
      if (is_visible()) sink_.start_row();
      [[fallthrough]];
    case RtfAction::paragraph_defaults:
      describes_cell_border_ = false;
      break;
    case RtfAction::cell_border:
      describes_cell_border_ = true;
      break;
    case RtfAction::border_line:
      if (describes_cell_border_ && is_visible()) sink_.cell_border();
      break;
    default:
      break;
  }
}

void RtfReader::change_document(const RtfWord& word, int value) {
  switch (word.action) {
    case RtfAction::default_font:
      tables_.default_font = value;
      group().format.font = value;
      break;
    case RtfAction::platform:
      tables_.fonts.set_platform(word.argument);
      break;
    case RtfAction::ansi_code_page:
      tables_.fonts.set_ansi_code_page(value);
      break;
    case RtfAction::charset:
      if (group().destination == RtfDestination::fonts) tables_.fonts.set_charset(value);
      break;
    case RtfAction::font_code_page:
      if (group().destination == RtfDestination::fonts) tables_.fonts.set_code_page(value);
      break;
    default:
      if (group().destination == RtfDestination::colors) change_color(word.action, value);
      break;
  }
}

void RtfReader::change_color(RtfAction component, int value) {
  switch (component) {
    case RtfAction::red:
      return tables_.colors.set_red(value);
    case RtfAction::green:
      return tables_.colors.set_green(value);
    default:
      return tables_.colors.set_blue(value);
  }
}

/// What is shown in the stead of the destination that it stands in.
bool RtfReader::is_shown_instead(RtfAction action) const {
  switch (groups_.back().destination) {
    case RtfDestination::object:
      return action == RtfAction::object_result;
    case RtfDestination::pair:
      return action == RtfAction::unicode_destination;
    default:
      return false;
  }
}

/// The group's destination; an ignorable one that is not known is skipped. What stands inside a
/// skipped group stays skipped.
void RtfReader::enter(const RtfWord* word) {
  ignorable_ = false;
  const bool is_known = word != nullptr && is_destination(word->action);
  const auto action = is_known ? word->action : RtfAction::skip;
  const bool is_rtf = kind_ == RtfKind::rtf;
  if (action == RtfAction::skip) return enter(RtfDestination::skipped);
  if (is_shown_instead(action)) return enter(RtfDestination::text);
  const auto current = group().destination;
  const bool is_drawn = current == RtfDestination::property && action == RtfAction::picture;
  if (current >= RtfDestination::instruction && !is_drawn) return;
  switch (action) {
    case RtfAction::field:
      settle();
      if (is_rtf && !group().is_field) sink_.start_field();
      group().is_field = is_rtf;
      return;
    case RtfAction::field_result:
      settle();
      return sink_.start_field_result();
    case RtfAction::picture:
      picture_ = RtfPicture();
      break;
    default:
      break;
  }
  enter(destination_of(action));
}

/// Encapsulated HTML and text have no formatting of their own: what only true RTF shows is skipped.
RtfReader::RtfDestination RtfReader::destination_of(RtfAction action) const {
  using Destination = RtfDestination;
  const bool is_rtf = kind_ == RtfKind::rtf;
  const auto only_in_rtf = [is_rtf](Destination destination) {
    return is_rtf ? destination : Destination::skipped;
  };
  switch (action) {
    case RtfAction::font_table:
      return Destination::fonts;
    case RtfAction::color_table:
      return Destination::colors;
    case RtfAction::unicode_pair:
      return Destination::pair;
    case RtfAction::html_tag:
      return kind_ == RtfKind::encapsulated_html ? Destination::html_tag : Destination::skipped;
    case RtfAction::object:
      return only_in_rtf(Destination::object);
    case RtfAction::picture:
      return only_in_rtf(!groups_.back().hidden ? Destination::picture : Destination::skipped);
    case RtfAction::property:
      return only_in_rtf(Destination::property);
    case RtfAction::list_text:
      return only_in_rtf(Destination::list_text);
    case RtfAction::field_instruction:
      return only_in_rtf(Destination::instruction);
    case RtfAction::keep:
      return only_in_rtf(groups_.back().destination);
    default:
      return groups_.back().destination;
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
      if (kind_ == RtfKind::rtf) {
        character("&#8209;", "\u2011");
      } else {
        character("&shy;", "\u00AD");
      }
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
  if (!octets.empty() && group().destination >= RtfDestination::picture) return describe(octets);
  if (octets.empty() || !is_visible()) return;
  if (is_symbol_bullet()) return bullet();
  const auto& fonts = tables_.fonts;
  const int page = group().destination == RtfDestination::html_tag
                       ? fonts.default_code_page()
                       : fonts.code_page(group().format.font);
  if (page != octets_page_ || lead_surrogate_ != 0) settle();
  octets_page_ = page;
  octets_ += octets;
}

/// The octets of a destination that is not shown.
void RtfReader::describe(std::string_view octets) {
  switch (group().destination) {
    case RtfDestination::picture:
      return picture_.append_hex(octets);
    case RtfDestination::fonts:
      return tables_.fonts.append_name(octets);
    case RtfDestination::colors:
      for (auto ends = std::count(octets.begin(), octets.end(), ';'); ends > 0; --ends) {
        tables_.colors.end_entry();
      }
      return;
    default:
      return;
  }
}

void RtfReader::binary(std::string_view octets) {
  if (group().destination == RtfDestination::picture) return picture_.append(octets);
  skip_replacement();
}

/// Bullets are letters of symbol fonts, which are something else in any other font.
void RtfReader::bullet() {
  settle();
  announce();
  sink_.character("&bull;", "*");
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
    bullet();
  } else {
    emit(to_utf8(is_trail_surrogate(unit) || unit > 0x10FFFF ? replacement_character : unit));
  }
}

void RtfReader::character(std::string_view html, std::string_view text) {
  if (skip_replacement() || !is_visible()) return;
  settle();
  if (group().destination == RtfDestination::instruction) return show(text);
  announce();
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
    announce();
    sink_.text(text);
  }
}

/// The sink hears of formats when they matter.
void RtfReader::announce() {
  if (kind_ != RtfKind::rtf) return;
  auto format = group().format;
  const auto& paragraph = group().paragraph;
  if (is_symbol_bullet()) format.font = tables_.default_font;
  if (!is_announced_ || format != announced_format_) sink_.format(format, tables_);
  if (!is_announced_ || paragraph != announced_paragraph_) sink_.paragraph(paragraph);
  is_announced_ = true;
  announced_format_ = format;
  announced_paragraph_ = paragraph;
}

/// What waits for more to come is shown now, before anything else is and before the destination
/// changes.
void RtfReader::settle() {
  settle_octets();
  if (lead_surrogate_ != 0) {
    lead_surrogate_ = 0;
    show(to_utf8(replacement_character));
  }
}

void RtfReader::settle_octets() {
  if (octets_.empty()) return;
  show(mapi::decode(octets_, octets_page_).text);
  octets_.clear();
}

/// Whether the current character is only the replacement of the \u before it.
bool RtfReader::skip_replacement() {
  if (replacements_left_ == 0) return false;
  --replacements_left_;
  return true;
}

}  // namespace postern::mime
