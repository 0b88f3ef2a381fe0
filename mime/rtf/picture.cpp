#include "mime/rtf/picture.h"

#include <algorithm>
#include <array>

#include "mime/rtf/tokenizer.h"

namespace postern::mime {

void RtfPicture::append_hex(std::string_view digits) {
  for (const char c : digits) {
    const int digit = hex_value(c);
    if (digit < 0) continue;
    if (half_octet_ < 0) {
      half_octet_ = digit;
    } else {
      octets_ += static_cast<char>(half_octet_ * 16 + digit);
      half_octet_ = -1;
    }
  }
}

void RtfPicture::set_size(RtfAction word, int value) {
  switch (word) {
    case RtfAction::picture_width:
      width_ = value;
      break;
    case RtfAction::picture_height:
      height_ = value;
      break;
    case RtfAction::picture_scale_x:
      scale_x_ = value;
      break;
    default:
      scale_y_ = value;
      break;
  }
}

std::string_view RtfPicture::media_type() const {
  struct Row {
    std::string_view beginning;
    std::string_view media_type;
  };
  constexpr std::array rows{Row{"\x89PNG\r\n\x1A\n", "image/png"},
                            Row{"\xFF\xD8\xFF", "image/jpeg"}};
  for (const auto& [beginning, media_type] : rows) {
    if (octets_.starts_with(beginning)) return media_type;
  }
  return {};
}

int RtfPicture::pixels(int twips, int percent) {
  constexpr int twips_per_pixel = 15;
  constexpr int most_twips = 150'000;
  constexpr int most_percent = 1000;
  if (twips <= 0 || percent <= 0) return 0;
  const int scaled = std::min(twips, most_twips) * std::min(percent, most_percent) / 100;
  return std::max(std::min(scaled, most_twips) / twips_per_pixel, 1);
}

}  // namespace postern::mime
