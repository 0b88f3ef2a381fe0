// The code pages of an RTF text: the document's and those of its fonts (mapi-to-mime.md §4.3, "Code
// pages").
#pragma once

#include <map>
#include <optional>

namespace postern::mime {

class RtfFonts {
 public:
  /// \ansicpgN; 0, unknown and UTF-16 pages are ignored. Takes precedence over set_platform.
  void set_ansi_code_page(int code_page);
  /// \ansi, \mac, \pc or \pca, as the code page each means.
  void set_platform(int code_page);

  /// Entries of \fonttbl: each \fN, and the \fcharset and \cpg that follow it. \cpg wins.
  void start_font(int font) { described_ = font; }
  void set_charset(int charset);
  void set_code_page(int code_page);

  /// The document's page, of text in {\*\htmltag ...} and in fonts without one.
  [[nodiscard]] int default_code_page() const;
  /// The page of text in a font, whether the table lists it or not.
  [[nodiscard]] int code_page(int font) const;
  /// The font is a symbol font: its characters are pictures.
  [[nodiscard]] bool is_symbol(int font) const;

 private:
  struct Font {
    int charset = 1;               // \fcharset1: the document's page
    std::optional<int> code_page;  // \cpg
  };
  std::map<int, Font> fonts_;  // hostile numbers must not cost more than log n
  int described_ = 0;
  int platform_ = 1252;
  std::optional<int> ansi_code_page_;
};

}  // namespace postern::mime
