#include "mime/html/link_target.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace postern::mime {
namespace {

bool starts_with(std::string_view text, std::string_view prefix) {
  return equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

std::string_view bare(std::string_view address) {
  constexpr std::array<std::string_view, 3> schemes{"mailto:", "http://", "https://"};
  address = trim(address);
  for (const auto scheme : schemes) {
    if (!starts_with(address, scheme)) continue;
    address.remove_prefix(scheme.size());
    break;
  }
  if (address.ends_with('/')) address.remove_suffix(1);
  return address;
}

}  // namespace

bool is_target_worth_showing(std::string_view text, std::string_view target) {
  if (bare(target).empty() || target.front() == '#' || starts_with(target, "javascript:")) {
    return false;
  }
  // Long texts are not the target; not looking at them keeps nested links linear.
  constexpr std::size_t room_for_blanks_and_scheme = 64;
  if (text.size() > target.size() + room_for_blanks_and_scheme) return true;
  return !equals_ignoring_case(bare(text), bare(target));
}

bool is_safe_target(std::string_view target) {
  constexpr std::array<std::string_view, 6> schemes{
      "http:", "https:", "mailto:", "ftp:", "file:", "cid:"};
  return !has_control(target) &&
         std::any_of(schemes.begin(), schemes.end(),
                     [target](std::string_view scheme) { return starts_with(target, scheme); });
}

}  // namespace postern::mime
