#include "smtp/dns/txt_record.h"

#include <fmt/format.h>

#include "base/text.h"

namespace postern::smtp {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return trimmed(taken);
}

std::optional<std::vector<TxtField>> versioned_fields(const std::vector<TextRecord>& records,
                                                      std::string_view version) {
  std::optional<std::vector<TxtField>> fields;
  for (const TextRecord& record : records) {
    std::string_view text = record.text;
    if (take_until(text, ';') != fmt::format("v={}", version)) continue;
    if (fields) return std::nullopt;
    fields.emplace();
    while (!text.empty()) {
      std::string_view value = take_until(text, ';');
      const std::string_view name = take_until(value, '=');
      fields->push_back({std::string(name), std::string(trimmed(value))});
    }
  }
  return fields;
}

}  // namespace postern::smtp
