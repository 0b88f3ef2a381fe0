// Makes the content of a part 7-bit: quoted-printable and base64 (RFC 2045 §6.7, §6.8), as
// resumable transforms over blocks; and their helpers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace postern::smtp {

/// Whether any octet is above 0x7F; eight octets a step, for messages of any size.
bool has_8bit(std::string_view octets);

/// Appends the octets with every line end (CRLF, bare CR, bare LF) as CRLF. A CRLF must not be cut.
void append_with_crlf(std::string_view octets, std::string& out);

/// For preamble and epilogue, which no reader shows: appends the octets with '?' for each 8-bit
/// one. The first hyphen of a line that had any is replaced too, so that the line cannot become a
/// delimiter.
void append_replacing_8bit(std::string_view octets, std::string& out);

class ContentEncoder {
 public:
  virtual ~ContentEncoder() = default;
  virtual void feed(std::string_view octets, std::string& out) = 0;
  virtual void finish(std::string& out) = 0;
};

/// Quoted-printable of text whose lines end with CRLF, which stays a line end and must not be cut
/// between blocks. Encoded lines have 76 characters at most. No encoded line begins with a dot, or
/// with two hyphens: a soft line break must not make a delimiter of what was none.
class QuotedPrintableEncoder final : public ContentEncoder {
 public:
  void feed(std::string_view octets, std::string& out) override;
  void finish(std::string& out) override;

 private:
  void put(char c, std::string& out);
  void quote(char c, std::string& out);
  void make_room(std::size_t width, std::string& out);
  void end_line(std::string& out);
  void release_blank(std::string& out);

  std::size_t column_ = 0;
  bool hyphen_first_ = false;  ///< the line so far is a lone hyphen
  char blank_ = 0;             ///< held back: at the end of a line it is quoted
};

/// Base64 in lines of 76 characters, the last of which is ended by CRLF as well.
class Base64Encoder final : public ContentEncoder {
 public:
  static constexpr std::uint64_t size_of(std::uint64_t octets) {
    const std::uint64_t rest = octets % octets_per_line;
    return octets / octets_per_line * (line_size + 2) + (rest == 0 ? 0 : (rest + 2) / 3 * 4 + 2);
  }

  void feed(std::string_view octets, std::string& out) override;
  void finish(std::string& out) override;

 private:
  static constexpr std::size_t octets_per_line = 57;
  static constexpr std::size_t line_size = 76;

  static void append_line(std::string_view octets, std::string& out);

  std::string carry_;  ///< less than a line
};

}  // namespace postern::smtp
