// A tokenizer of HTML, as tolerant as browsers: text, tags with attributes, comments, and the raw
// content of <style>, <script> and <title> (WHATWG HTML §13.2.5, simplified).
//
// Any input is accepted; a token that is cut off ends with the input. Each octet is read once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::mime {

inline constexpr std::string_view ascii_whitespace = " \t\r\n\f";  ///< as the WHATWG calls it

struct HtmlAttribute {
  std::string_view name;
  std::string_view value;  ///< as written, without its quotes
};

struct HtmlToken {
  enum class Kind { text, raw_text, start_tag, end_tag, comment };
  Kind kind = Kind::text;
  /// text, raw_text, comment: the content, entities as written. Points into the input.
  std::string_view content;
  std::string name;  ///< tags: in lower case; raw_text: the element's
  std::vector<HtmlAttribute> attributes;

  /// The value of the first attribute of that name, compared without case.
  [[nodiscard]] std::optional<std::string_view> attribute(std::string_view attribute_name) const;
};

class HtmlTokenizer {
 public:
  explicit HtmlTokenizer(std::string_view html) : html_(html) {}

  /// False at the end. The token is overwritten, its memory used again.
  bool next(HtmlToken& token);

 private:
  void text(HtmlToken& token);
  void raw_text(HtmlToken& token);
  void markup_declaration(HtmlToken& token);
  bool tag(HtmlToken& token);
  void attribute(HtmlToken& token);
  std::string_view attribute_value();
  void skip_blanks();
  std::string_view take_until(std::size_t end);
  std::string_view take_through(std::string_view mark, std::size_t from);

  std::string_view html_;
  std::size_t at_ = 0;
  std::string raw_element_;  // <style> and kin were opened: no tags until they are closed
};

}  // namespace postern::mime
