// The lines of a session, for people: "C: …" sent by us, "S: …" sent by the server, "-- …" other
// events, in their order.
//
// Bounded: a last line says that the rest is left out. It knows nothing of secrets: its texts have
// been through a SecretMask (smtp/dialogue/secret_mask.h) already.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/dialogue/reply.h"

namespace postern::smtp {

class Transcript {
 public:
  static constexpr std::size_t max_octets = std::size_t{64} * 1024;

  explicit Transcript(std::size_t max_lines) : max_lines_(max_lines) {}

  /// A line with or without its end.
  void client_said(std::string_view line);
  void server_said(const Reply& reply);
  void note(std::string_view text);
  /// Lines of another transcript.
  void append(const std::vector<std::string>& lines);

  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  void keep(std::string line);

  std::size_t max_lines_;
  std::vector<std::string> lines_;
  std::size_t octets_ = 0;  ///< in the lines
  bool full_ = false;
};

}  // namespace postern::smtp
