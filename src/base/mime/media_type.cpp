#include "base/mime/media_type.h"

#include <algorithm>
#include <cstddef>

#include "base/text.h"

namespace postern {
namespace {

constexpr std::string_view blanks = " \t\r\n";

/// What is left of a field's body.
class FieldScanner {
 public:
  explicit FieldScanner(std::string_view body) : rest_(body) {}

  /// Whether this character comes next, blanks and comments aside; takes it.
  bool take(char wanted) {
    skip_blanks_and_comments();
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Goes after the next semicolon.
  bool next_parameter() {
    skip_blanks_and_comments();
    const std::size_t semicolon = rest_.find(';');
    if (semicolon == std::string_view::npos) return false;
    rest_.remove_prefix(semicolon + 1);
    return true;
  }

  /// What comes before a blank, a comment or one of these.
  std::string token(std::string_view others) {
    skip_blanks_and_comments();
    return lower_case(word(std::string(blanks) + "(" + std::string(others)));
  }

  /// Unquoted values are taken up to a blank or a semicolon: many have characters that ask for
  /// quotes, such as '='.
  std::string value() {
    skip_blanks_and_comments();
    return rest_.starts_with('"') ? quoted_string() : std::string(word(" \t\r\n;"));
  }

 private:
  std::string_view word(std::string_view ends) {
    const std::string_view found = rest_.substr(0, rest_.find_first_of(ends));
    rest_.remove_prefix(found.size());
    return found;
  }

  void skip_blanks_and_comments() {
    std::size_t depth = 0;
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '(') {
        ++depth;
      } else if (depth == 0 && blanks.find(c) == std::string_view::npos) {
        return;
      } else if (c == ')') {
        --depth;
      }
      rest_.remove_prefix(std::min<std::size_t>(c == '\\' ? 2 : 1, rest_.size()));
    }
  }

  std::string quoted_string() {
    std::string text;
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      if (rest_.front() != '\r' && rest_.front() != '\n') text += rest_.front();  // folding
      rest_.remove_prefix(1);
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
    return text;
  }

  std::string_view rest_;
};

}  // namespace

MediaType parse_media_type(std::string_view field_body) {
  FieldScanner scanner(field_body);
  MediaType media;
  media.type = scanner.token("/;");
  if (scanner.take('/')) media.subtype = scanner.token(";");
  while (media.boundary.empty() && scanner.next_parameter()) {
    const std::string attribute = scanner.token("=;");
    if (!scanner.take('=')) continue;
    std::string value = scanner.value();
    // A boundary has no trailing blanks, but a delimiter line may have them (RFC 2046 §5.1.1).
    value.erase(value.find_last_not_of(" \t") + 1);
    if (attribute == "boundary") media.boundary = std::move(value);
  }
  return media;
}

std::string parse_token(std::string_view field_body) {
  return FieldScanner(field_body).token(";");
}

}  // namespace postern
