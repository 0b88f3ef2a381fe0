#include "smtp/auth/netrc.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>

#include "base/resource_exhaustion.h"
#include "base/text.h"

namespace postern::smtp {
namespace {

constexpr std::size_t max_octets = std::size_t{1024} * 1024;
constexpr std::string_view blanks = " \t\r\n";

/// A netrc file's words. A comment is a line that begins with '#': elsewhere it is a password's.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  /// Returns nullopt at the end.
  std::optional<std::string> next() {
    skip_blanks_and_comments();
    if (text_.empty()) return std::nullopt;
    line_start_ = false;
    return text_.starts_with('"') ? take_quoted() : take_plain();
  }

  /// A macro ends with an empty line.
  void skip_macro() {
    const std::size_t end = text_.find("\n\n");
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 2);
    line_start_ = true;
  }

 private:
  void skip_blanks_and_comments() {
    for (;;) {
      const std::string_view skipped =
          text_.substr(0, std::min(text_.find_first_not_of(blanks), text_.size()));
      line_start_ = line_start_ || skipped.find('\n') != std::string_view::npos;
      text_.remove_prefix(skipped.size());
      if (!line_start_ || !text_.starts_with('#')) return;
      text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
    }
  }

  std::string take_plain() {
    const std::string_view word = text_.substr(0, text_.find_first_of(blanks));
    text_.remove_prefix(word.size());
    return std::string(word);
  }

  std::string take_quoted() {
    std::string word;
    text_.remove_prefix(1);
    while (!text_.empty() && text_.front() != '"') {
      if (text_.front() == '\\' && text_.size() > 1) text_.remove_prefix(1);
      word += text_.front();
      text_.remove_prefix(1);
    }
    if (!text_.empty()) text_.remove_prefix(1);
    return word;
  }

  std::string_view text_;
  bool line_start_ = true;
};

}  // namespace

std::optional<NetrcEntry> find_in_netrc(std::string_view text, std::string_view host,
                                        std::string_view login) {
  Words words(text);
  const std::string wanted = lower_case(host);
  bool ours = false;
  NetrcEntry entry;
  const auto found = [&] {
    return ours && !entry.login.empty() && (login.empty() || entry.login == login);
  };
  while (const auto word = words.next()) {
    const bool machine = *word == "machine";
    if (machine || *word == "default") {
      if (found()) return entry;
      entry = {};
      ours = machine && lower_case(words.next().value_or("")) == wanted;
    } else if (*word == "login") {
      entry.login = words.next().value_or("");
    } else if (*word == "password") {
      entry.password = words.next().value_or("");
    } else if (*word == "account") {
      words.next();
    } else if (*word == "macdef") {
      words.skip_macro();
    }
  }
  if (found()) return entry;
  return std::nullopt;
}

std::string read_secrets(std::string_view what, const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(max_octets + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open() || (file.fail() && !file.eof())) {
    const std::error_code error(errno, std::generic_category());
    if (exhausted_resource(error)) throw std::system_error(error, path);
    throw std::invalid_argument(
        fmt::format("the {} \"{}\" cannot be read: {}", what, path, std::strerror(errno)));
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_octets) {
    throw std::invalid_argument(fmt::format("the {} \"{}\" is larger than 1 MiB", what, path));
  }
  return text;
}

}  // namespace postern::smtp
