// Parses RTF once and passes the visible text to a sink (mapi-to-mime.md §§4.3, 4.4).
//
// Keeps the state of groups (font, \uc, \htmlrtf, destination), the font table and the decoding of
// octets: runs of \'hh and raw text in one code page are decoded together, since a double-byte
// character may be half escaped and half plain. Groups nested deeper than 1024 share the state of
// the 1024th. Time is linear in the input, memory in what the sink keeps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mime/rtf/colors.h"
#include "mime/rtf/fonts.h"
#include "mime/rtf/format.h"
#include "mime/rtf/kind.h"
#include "mime/rtf/picture.h"
#include "mime/rtf/tokenizer.h"
#include "mime/rtf/words.h"

namespace postern::mime {

/// What the numbers in formats mean.
struct RtfTables {
  RtfFonts fonts;
  RtfColors colors;
  int default_font = 0;
};

/// What is visible, in order. Text is UTF-8.
class RtfSink {
 public:
  virtual ~RtfSink() = default;
  virtual void text(std::string_view text) = 0;
  /// A character of a control word or symbol, as an HTML entity and as itself.
  virtual void character(std::string_view html, std::string_view text) = 0;
  virtual void end_of_line() = 0;

  // Only true RTF has these.
  virtual void end_of_paragraph() { end_of_line(); }
  /// The format of the text that follows.
  virtual void format(const RtfFormat& /*format*/, const RtfTables& /*tables*/) {}
  /// The format of the current paragraph, before it ends.
  virtual void paragraph(const RtfParagraph& /*paragraph*/) {}
  virtual void end_of_cell(RtfTable /*table*/) {}
  virtual void end_of_row(RtfTable /*table*/) {}
  virtual void start_row() {}
  virtual void cell_border() {}
  virtual void picture(const RtfPicture& /*picture*/) {}
  /// The place of the next attachment.
  virtual void attachment() {}
  virtual void start_field() {}
  virtual void field_instruction(std::string_view /*text*/) {}
  virtual void start_field_result() {}
  virtual void end_field() {}
};

class RtfReader {
 public:
  RtfReader(RtfKind kind, RtfSink& sink) : kind_(kind), sink_(sink) {}

  void read(std::string_view rtf);

 private:
  enum class RtfDestination {
    text,
    html_tag,
    list_text,
    instruction,  // from here on destinations that are not text, and have none in them
    object,
    pair,
    property,
    picture,
    fonts,
    colors,
    skipped
  };
  struct Group {
    RtfFormat format;
    RtfParagraph paragraph;
    int unicode_skip = 1;
    bool hidden = false;
    bool html_rtf = false;
    bool is_field = false;
    RtfDestination destination = RtfDestination::text;
  };

  [[nodiscard]] Group& group() { return groups_.back(); }
  [[nodiscard]] bool is_visible() const;
  [[nodiscard]] bool is_symbol_bullet() const;

  void start_group();
  void end_group();
  void word(const RtfToken& token);
  void output(const RtfWord& word, const RtfToken& token);
  void change_state(const RtfWord& word, const RtfToken& token);
  void change_font(int font);
  void change_formatting(const RtfWord& word, const RtfToken& token);
  void change_document(const RtfWord& word, int value);
  void change_color(RtfAction component, int value);
  void enter(const RtfWord* word);
  [[nodiscard]] RtfDestination destination_of(RtfAction action) const;
  [[nodiscard]] bool is_shown_instead(RtfAction action) const;
  void enter(RtfDestination destination);
  void symbol(char character);
  void octets(std::string_view octets);
  void describe(std::string_view octets);
  void binary(std::string_view octets);
  void unicode(int parameter);
  void character(std::string_view html, std::string_view text);
  void bullet();
  void emit(std::string_view text);
  void show(std::string_view text);
  void announce();
  void settle();
  void settle_octets();
  bool skip_replacement();

  RtfKind kind_;
  RtfSink& sink_;
  RtfTables tables_;
  RtfPicture picture_;
  std::vector<Group> groups_{1};
  std::size_t groups_too_deep_ = 0;
  bool describes_cell_border_ = false;
  bool is_announced_ = false;
  RtfFormat announced_format_;
  RtfParagraph announced_paragraph_;
  bool ignorable_ = false;       // after \*
  int replacements_left_ = 0;    // characters to skip after \u
  char32_t lead_surrogate_ = 0;  // waits for its trail
  std::string octets_;           // not yet decoded, in octets_page_
  int octets_page_ = 0;
};

}  // namespace postern::mime
