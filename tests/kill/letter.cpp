#include "tests/kill/letter.h"

#include <algorithm>
#include <array>

namespace postern::kill {
namespace {

struct NamedDestiny {
  Destiny destiny;
  std::string_view name;
};
constexpr std::array destinies{
    NamedDestiny{Destiny::accepted, "accepted"},
    NamedDestiny{Destiny::delayed, "delayed"},
    NamedDestiny{Destiny::refused, "refused"},
    NamedDestiny{Destiny::moved, "moved"},
};
constexpr std::string_view domain = "@server.test";

}  // namespace

std::string make_address(Destiny destiny, std::size_t row, const std::string& message) {
  const auto* const named = std::ranges::find(destinies, destiny, &NamedDestiny::destiny);
  return std::string(named->name) + '.' + std::to_string(row) + '.' + message + std::string(domain);
}

std::optional<ParsedAddress> parse_address(std::string_view address) {
  if (!address.ends_with(domain)) return std::nullopt;
  address.remove_suffix(domain.size());
  const auto first = address.find('.');
  const auto last = address.rfind('.');
  if (first == last) return std::nullopt;
  const auto* const named =
      std::ranges::find(destinies, address.substr(0, first), &NamedDestiny::name);
  if (named == destinies.end()) return std::nullopt;
  return ParsedAddress{named->destiny, std::string(address.substr(last + 1))};
}

std::string message_id_of(const std::string& message) {
  return '<' + message + "@client.test>";
}

std::string last_line_of(const std::string& message) {
  return "This is the end of " + message + '.';
}

}  // namespace postern::kill
