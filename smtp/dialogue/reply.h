// A server's reply and the parser that finds replies in what a server sends (RFC 5321 §4.2).
//
// Accepts multi-line replies, lines that end with LF alone, lines without text, and octets cut
// anywhere. Refuses lines that are no reply, a reply whose lines have different codes, and more
// than 64 KiB in one reply; after a refusal no further octets are parsed. Holds one reply at most.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace postern::smtp {

struct Reply {
  int code = 0;
  /// The text after the code, lines joined by LF, always UTF-8 without other controls than tabs:
  /// anything else becomes '?', so that no server can control an operator's terminal.
  std::string text;

  /// 2 for 2yz, and so on.
  [[nodiscard]] int reply_class() const { return code / 100; }
};

class ReplyParser {
 public:
  static constexpr std::size_t limit = std::size_t{64} * 1024;  ///< octets in one reply

  /// Takes octets from the front of `octets` up to the end of the first whole reply and returns
  /// it; nullopt if more octets are needed or they were refused.
  std::optional<Reply> parse(std::string_view& octets);

  /// Why the octets were refused; empty as long as they were not.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  /// A part of a reply has been taken.
  [[nodiscard]] bool within_reply() const { return !line_.empty() || started_; }

 private:
  /// Takes the line held; true when it was the last one of its reply.
  bool take_line();

  std::string line_;
  Reply reply_;
  bool started_ = false;
  std::size_t octets_ = 0;
  std::string refusal_;
};

}  // namespace postern::smtp
