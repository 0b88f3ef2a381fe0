#include "smtp/dialogue/reply.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace postern::smtp {

std::optional<Reply> ReplyParser::parse(std::string_view& octets) {
  while (!octets.empty() && refusal_.empty()) {
    const std::size_t end = octets.find('\n');
    const std::size_t length = std::min(end, octets.size());
    octets_ += length;
    if (octets_ > limit) {
      refusal_ = "a reply of more than 64 KiB";
      line_ = {};
      return std::nullopt;
    }
    line_.append(octets.substr(0, length));
    if (end == std::string_view::npos) {
      octets = {};
      return std::nullopt;
    }
    octets.remove_prefix(end + 1);
    if (take_line()) {
      octets_ = 0;
      started_ = false;
      return std::exchange(reply_, Reply{});
    }
  }
  return std::nullopt;
}

bool ReplyParser::take_line() {
  std::string_view line = line_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool has_code = line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3, is_digit) &&
                        (line.size() == 3 || line[3] == ' ' || line[3] == '-');
  if (!has_code) {
    refusal_ = "a line that is no reply: \"" + printable(line.substr(0, 80)) + '"';
    return false;
  }
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (started_ && code != reply_.code) {
    refusal_ = "a reply with unequal codes: " + std::to_string(reply_.code) + " and " +
               std::string(line.substr(0, 3));
    return false;
  }
  if (started_) reply_.text += '\n';
  reply_.text += printable(line.substr(std::min<std::size_t>(4, line.size())));
  reply_.code = code;
  started_ = true;
  const bool last = line.size() == 3 || line[3] == ' ';
  line_.clear();
  return last;
}

}  // namespace postern::smtp
