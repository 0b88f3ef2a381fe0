// A pull parser of the MIME structure of a message (RFC 2045, RFC 2046), line by line: it returns
// events, whose octets joined in order are the message's.
//
// Multiparts and embedded messages (message/rfc822) are entered. Malformed structure is tolerated:
// a multipart that is not closed ends with the next delimiter of an outer one or with the message;
// a header block that has no empty line after it ends at the first line that is no field; a CR
// in a header is a blank where lines end otherwise; a multipart without a usable boundary is one
// preamble. A delimiter line holds only the boundary, its hyphens and blanks after them. Refused,
// with a reason, are headers over 1 MiB, nesting over 100 and more than 100,000 parts. One buffer
// and one header block are all that is held in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mime/header.h"
#include "base/mime/lines.h"

#pragma GCC visibility push(default)
namespace postern {

struct MimeEvent {
  enum class Kind {
    header,       ///< of a new entity(), with the empty line after it; line ends are made CRLF
    content,      ///< some of a leaf's content; a CRLF is never cut
    content_end,  ///< the leaf is complete; the line end before a delimiter is the delimiter's
    filler,       ///< some of a preamble or epilogue
    delimiter,
    refused,  ///< octets: the reason, a sentence without a full stop
    end
  };
  Kind kind;
  std::string_view octets;  ///< valid until the next event
};

class MimeReader {
 public:
  static constexpr std::size_t longest_header = std::size_t{1} << 20U;
  static constexpr std::size_t deepest_nesting = 100;
  static constexpr std::size_t max_entities = 100'000;
  /// Longer lines are no delimiters (RFC 5322 §2.1.1 allows 998 octets).
  static constexpr std::size_t longest_delimiter = 1000;

  explicit MimeReader(std::unique_ptr<OctetReader> reader);

  MimeEvent next();

  /// The entity whose header came last.
  [[nodiscard]] const EntityHeader& entity() const { return entity_; }
  /// How many multiparts and messages it lies within.
  [[nodiscard]] std::size_t nesting() const { return nesting_; }
  /// How many multiparts and messages are open: one fewer behind a delimiter that closes.
  [[nodiscard]] std::size_t open_composites() const { return stack_.size(); }
  /// Where in the source the octets of the events so far end.
  [[nodiscard]] std::uint64_t position() const { return lines_.taken() - held_end_.size(); }
  /// How many headers came before its own.
  [[nodiscard]] std::size_t entity_index() const { return entities_ - 1; }
  /// The entity, or the filler just given, lies within a multipart/signed: it must not be changed.
  [[nodiscard]] bool is_signed() const { return signed_; }
  /// The entity is within an embedded message, or is that message.
  [[nodiscard]] bool is_embedded() const { return embedded_; }
  /// The filler just given lies before its multipart's first delimiter.
  [[nodiscard]] bool in_preamble() const { return preamble_; }
  /// The entity is the first part of its multipart.
  [[nodiscard]] bool is_first_part() const { return first_part_; }

 private:
  enum class State { header, content, filler, delimiter, finished };
  struct Composite {
    std::string boundary;  ///< empty: it has none, or is an embedded message
    bool digest = false;
    bool signs = false;   ///< it or one around it is signed
    bool embeds = false;  ///< it or one around it is an embedded message
    std::size_t parts = 0;
  };
  struct Delimiter {
    std::size_t composite;
    bool closes;
  };

  MimeEvent read_header();
  bool ends_lines_with_cr();
  MimeEvent enter_entity(std::string block);
  MimeEvent read_body();
  MimeEvent leave_body(bool at_delimiter);
  MimeEvent read_delimiter();
  MimeEvent refuse(std::string reason);
  void push(Composite composite);
  [[nodiscard]] bool signs() const { return !stack_.empty() && stack_.back().signs; }
  [[nodiscard]] std::optional<Delimiter> delimiter(const LinePiece& line) const;

  LineReader lines_;
  State state_ = State::header;
  EntityHeader entity_;
  std::vector<Composite> stack_;
  std::size_t entities_ = 0;
  std::size_t nesting_ = 0;
  EntityHeader::Role next_role_ = EntityHeader::Role::message;
  std::string_view
      held_end_;  ///< the last line's end: the content's, or a delimiter's that follows
  bool signed_ = false;
  bool embedded_ = false;
  bool preamble_ = false;
  bool first_part_ = false;
  std::string refusal_;
  std::optional<bool> ends_with_cr_;  ///< no LF is near its beginning
};

}  // namespace postern
#pragma GCC visibility pop
