// SMTP replies as text (RFC 5321 §4.2).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace postern::catcher {

/// "250 text" with its line end. The text must not contain control characters.
inline std::string reply(int code, std::string_view text) {
  return std::to_string(code) + " " + std::string(text) + "\r\n";
}

/// The same of several lines, each but the last as "250-text".
inline std::string reply(int code, std::span<const std::string> lines) {
  std::string whole;
  for (const std::string& line : lines) {
    whole += std::to_string(code) + (&line == &lines.back() ? ' ' : '-') + line + "\r\n";
  }
  return whole;
}

}  // namespace postern::catcher
