// A \pict of RTF: its octets, hexadecimal or \bin, and the size it is shown in.
#pragma once

#include <string>
#include <string_view>

#include "mime/rtf/words.h"

namespace postern::mime {

class RtfPicture {
 public:
  void append_hex(std::string_view digits);
  void append(std::string_view octets) { octets_ += octets; }
  /// One of the words of `is_picture_size`.
  void set_size(RtfAction word, int value);

  [[nodiscard]] const std::string& octets() const { return octets_; }
  /// "image/png" or "image/jpeg" by its first octets; empty for other pictures.
  [[nodiscard]] std::string_view media_type() const;
  /// In CSS pixels, 96 an inch; 0 if the RTF does not say.
  [[nodiscard]] int width() const { return pixels(width_, scale_x_); }
  [[nodiscard]] int height() const { return pixels(height_, scale_y_); }

 private:
  static int pixels(int twips, int percent);

  std::string octets_;
  int half_octet_ = -1;  // the digit that waits for its second
  int width_ = 0;        // twips
  int height_ = 0;
  int scale_x_ = 100;
  int scale_y_ = 100;
};

}  // namespace postern::mime
