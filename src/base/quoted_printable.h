// Quoted-printable (RFC 2045 §6.7) of text whose lines end with CRLF.
//
// Encoded lines hold at most 76 characters. Beyond what the RFC asks, no encoded line begins with
// "From ", with a dot or with two hyphens: what files and dialogues take for a mark of theirs, and
// a delimiter that a soft line break would make of what was none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/octet_transform.h"

#pragma GCC visibility push(default)
namespace postern {

/// The size of what may stand for itself at the front of the octets: printable ASCII but "=", and
/// blanks, which may so unless a line ends behind them (RFC 2045 §6.7 (2), (3)).
std::size_t literal_size(std::string_view octets);

/// The transform of a stream of text.
class QuotedPrintable final : public OctetTransform {
 public:
  void feed(std::string_view octets, std::string& out) override;
  void finish(std::string& out) override;

 private:
  void encode(std::string_view text, std::size_t look_ahead, std::string& out);
  std::size_t append_run(std::string_view octets, std::string& out);
  void encode_first(std::string_view rest, std::string& out);
  [[nodiscard]] bool must_be_quoted(std::string_view rest) const;
  void break_line(std::string& out);

  std::string carry_;  ///< octets whose encoding depends on what follows
  std::size_t column_ = 0;
  bool after_hyphen_ = false;  ///< the line so far is a lone hyphen
};

}  // namespace postern
#pragma GCC visibility pop
