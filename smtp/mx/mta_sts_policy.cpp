#include "smtp/mx/mta_sts_policy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "smtp/dns/domain_name.h"
#include "smtp/dns/txt_record.h"

namespace postern::smtp {
namespace {

constexpr std::size_t max_patterns = 256;  ///< our bound; a domain has a handful
constexpr std::size_t longest_id = 32;
constexpr std::array mode_names{"none", "testing", "enforce"};

struct Fault {
  std::string what;
};

MtaStsPolicy::Mode mode_of(std::string_view value) {
  const auto found = std::find(mode_names.begin(), mode_names.end(), value);
  if (found == mode_names.end()) throw Fault{fmt::format("mode \"{}\"", printable(value))};
  return static_cast<MtaStsPolicy::Mode>(found - mode_names.begin());
}

/// Ten digits at most (§3.2); a greater age than allowed is cut to that.
std::chrono::seconds age_of(std::string_view value) {
  long long seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (value.empty() || value.size() > 10 || error != std::errc{} ||
      end != value.data() + value.size() || seconds < 0 || value.front() == '-') {
    throw Fault{fmt::format("max_age \"{}\"", printable(value))};
  }
  return std::min(std::chrono::seconds(seconds), MtaStsPolicy::longest_age);
}

std::string pattern_of(std::string_view value) {
  const bool wild = value.starts_with("*.");
  const auto name = is_ascii(value) ? dns_name(wild ? value.substr(2) : value) : std::nullopt;
  if (!name) throw Fault{fmt::format("mx \"{}\"", printable(value))};
  return wild ? "*." + *name : *name;
}

/// One line, of which the first with its key counts, save that mx may come again.
void take_line(std::string_view line, MtaStsPolicy& policy, std::set<std::string>& seen) {
  if (line.find(':') == std::string_view::npos) {
    throw Fault{fmt::format("the line \"{}\"", printable(line.substr(0, 80)))};
  }
  const std::string key(take_until(line, ':'));
  const std::string_view value = trimmed(line);
  if (key == "mx") {
    if (policy.mx.size() == max_patterns) throw Fault{"more mx lines than anyone needs"};
    policy.mx.push_back(pattern_of(value));
    return;
  }
  if (key != "version" && key != "mode" && key != "max_age") return;  // extensions
  if (!seen.insert(key).second) return;
  if (key == "version" && value != "STSv1") {
    throw Fault{fmt::format("version \"{}\"", printable(value))};
  }
  if (key == "mode") policy.mode = mode_of(value);
  if (key == "max_age") policy.max_age = age_of(value);
}

MtaStsPolicy parsed(std::string_view text) {
  if (text.size() > MtaStsPolicy::largest) throw Fault{"more than 64 KiB"};
  if (!is_utf8(text)) throw Fault{"octets that are no UTF-8"};
  MtaStsPolicy policy;
  std::set<std::string> seen;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) take_line(line, policy, seen);
  }
  for (const char* key : {"version", "mode", "max_age"}) {
    if (!seen.contains(key)) throw Fault{fmt::format("no {}", key)};
  }
  if (policy.mode != MtaStsPolicy::Mode::none && policy.mx.empty()) throw Fault{"no mx"};
  return policy;
}

bool is_id(std::string_view text) {
  const auto is_alphanumeric = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !text.empty() && text.size() <= longest_id &&
         std::all_of(text.begin(), text.end(), is_alphanumeric);
}

}  // namespace

bool MtaStsPolicy::covers(std::string_view host) const {
  const std::string name = lower_case(host);
  const std::size_t dot = name.find('.');
  const std::string wild = dot == std::string::npos ? std::string() : '*' + name.substr(dot);
  return std::any_of(mx.begin(), mx.end(), [&](const std::string& pattern) {
    return pattern == name || pattern == wild;
  });
}

std::vector<std::string> MtaStsPolicy::lines() const {
  std::vector<std::string> lines{
      "version: STSv1", fmt::format("mode: {}", mode_names.at(static_cast<std::size_t>(mode)))};
  for (const std::string& pattern : mx) lines.push_back("mx: " + pattern);
  lines.push_back(fmt::format("max_age: {}", max_age.count()));
  return lines;
}

std::variant<MtaStsPolicy, std::string> parse_mta_sts_policy(std::string_view text) {
  try {
    return parsed(text);
  } catch (const Fault& fault) {
    return fmt::format("the policy is not valid: {}", fault.what);
  }
}

std::optional<std::string> mta_sts_id(const std::vector<TextRecord>& records) {
  const auto fields = versioned_fields(records, "STSv1");
  if (!fields) return std::nullopt;
  const auto id = std::find_if(fields->begin(), fields->end(),
                               [](const TxtField& field) { return field.name == "id"; });
  if (id == fields->end() || !is_id(id->value)) return std::nullopt;
  return id->value;
}

}  // namespace postern::smtp
