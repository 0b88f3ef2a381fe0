// What an IMAP server sends, cut into responses (RFC 9051 §2.2.2, §4.3, §9). No I/O.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace postern::transport::imap {

/// The server does not speak IMAP; the connection cannot be used any more.
class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Token {
  enum class Kind { atom, string, open, close };
  Kind kind = Kind::atom;
  std::string text{};  ///< of a string, its octets
};

/// One line and the literals in it.
struct Response {
  std::vector<std::string> lines{};     ///< one more than literals, which stand between them
  std::vector<std::string> literals{};  ///< their octets

  /// "*", "+" or what the client has put before its command.
  [[nodiscard]] std::string_view tag() const;
  /// What stands behind the tag in the first line: "OK done", "SEARCH 1 2".
  [[nodiscard]] std::string_view text() const;
  /// OK, NO, BAD, BYE, PREAUTH, FETCH …: the first word behind the tag, or the second one where
  /// the first is a number; in upper case.
  [[nodiscard]] std::string name() const;
  /// What stands behind the tag; a string that does not end is taken as far as it goes.
  [[nodiscard]] std::vector<Token> tokens() const;
};

class ResponseReader {
 public:
  /// `longest_literal` in octets.
  explicit ResponseReader(std::size_t longest_literal) : longest_literal_(longest_literal) {}
  /// Octets as they arrive. Throws ProtocolError if a line or literal is too long.
  void push(std::string_view octets);
  std::optional<Response> next();

 private:
  std::size_t take_line(std::string_view octets);
  std::size_t take_literal(std::string_view octets);
  void end_line();

  std::size_t longest_literal_;
  std::string line_;
  std::size_t literal_left_ = 0;
  Response current_;
  std::deque<Response> complete_;
};

}  // namespace postern::transport::imap
