// The fonts of an RTF text, their names and code pages, and the document's own page
// (mapi-to-mime.md §4.3, "Code pages").
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace postern::mime {

class RtfFonts {
 public:
  /// \ansicpgN; 0, unknown and UTF-16 pages are ignored. Takes precedence over set_platform.
  void set_ansi_code_page(int code_page);
  /// \ansi, \mac, \pc or \pca, as the code page each means.
  void set_platform(int code_page);

  /// Entries of \fonttbl: each \fN, the \fcharset and \cpg that follow it, of which \cpg wins,
  /// and the octets of its name, up to a semicolon.
  void start_font(int font);
  void set_charset(int charset);
  void set_code_page(int code_page);
  void append_name(std::string_view octets);
  void end_name();

  /// The document's page, of text in {\*\htmltag ...} and in fonts without one.
  [[nodiscard]] int default_code_page() const;
  /// The page of text in a font, whether the table lists it or not.
  [[nodiscard]] int code_page(int font) const;
  /// The font is a symbol font: its characters are pictures.
  [[nodiscard]] bool is_symbol(int font) const;
  /// UTF-8; empty for fonts that the table has not.
  [[nodiscard]] std::string_view name(int font) const;

 private:
  struct Font {
    int charset = 1;               // \fcharset1: the document's page
    std::optional<int> code_page;  // \cpg
    std::string name;
  };
  std::map<int, Font> fonts_;  // hostile numbers must not cost more than log n
  int described_ = 0;
  bool is_named_ = true;  // nothing is described yet
  std::string name_;      // so far, in the font's page
  int platform_ = 1252;
  std::optional<int> ansi_code_page_;
};

}  // namespace postern::mime
