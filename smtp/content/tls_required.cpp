#include "smtp/tls_required.h"

#include <array>
#include <string>
#include <string_view>

#include "base/text.h"

namespace postern::smtp {
namespace {

bool is_no(std::string_view value) {
  while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
  return lower_case(value) == "no";
}

/// Takes the octets of a message up to the empty line after its header.
class HeaderReading {
 public:
  /// False: the header is over.
  bool take(std::string_view octets);
  void end_field();
  [[nodiscard]] bool says_no() const { return fields_ == 1 && says_no_; }

 private:
  bool end_line();

  static constexpr std::size_t longest = 1000;  ///< of what is held: a field that is ours is short
  std::string line_;
  std::string field_;  ///< its lines joined
  int fields_ = 0;     ///< of the name
  bool says_no_ = false;
};

bool HeaderReading::take(std::string_view octets) {
  for (const char octet : octets) {
    if (octet != '\n') {
      if (line_.size() < longest) line_ += octet;
    } else if (!end_line()) {
      return false;
    }
  }
  return true;
}

bool HeaderReading::end_line() {
  if (line_.ends_with('\r')) line_.pop_back();
  if (line_.empty()) return false;
  if (is_blank(line_.front())) {
    if (field_.size() < longest) field_ += line_;
  } else {
    end_field();
    field_ = line_;
  }
  line_.clear();
  return true;
}

void HeaderReading::end_field() {
  constexpr std::string_view name = "tls-required";
  const std::size_t colon = field_.find(':');
  if (colon == std::string::npos || lower_case(field_.substr(0, colon)) != name) return;
  ++fields_;
  says_no_ = field_.size() < longest && is_no(std::string_view(field_).substr(colon + 1));
}

}  // namespace

bool tls_required_no(const OctetSource& message) {
  HeaderReading header;
  std::array<std::byte, 4096> block;
  const auto reader = message.open();
  while (const std::size_t count = reader->read(block)) {
    if (!header.take({reinterpret_cast<const char*>(block.data()), count})) break;
  }
  header.take("\n");  // a last line without an end
  header.end_field();
  return header.says_no();
}

}  // namespace postern::smtp
