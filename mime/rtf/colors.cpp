#include "mime/rtf/colors.h"

#include <algorithm>

namespace postern::mime {
namespace {

constexpr std::size_t most_colors = 4096;

}  // namespace

void RtfColors::end_entry() {
  if (colors_.size() < most_colors) colors_.push_back(pending_);
  pending_.reset();
}

std::optional<RtfColor> RtfColors::color(int number) const {
  if (number < 0 || static_cast<std::size_t>(number) >= colors_.size()) return std::nullopt;
  return colors_[static_cast<std::size_t>(number)];
}

std::uint8_t RtfColors::component(int value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}

RtfColor& RtfColors::pending() {
  if (!pending_) pending_.emplace();
  return *pending_;
}

}  // namespace postern::mime
