// "Label: value", a line each.
#pragma once

#include <string>
#include <string_view>

#include "mapi/file_time.h"

namespace postern::mime {

class LabelledLines {
 public:
  /// The value on one line; nothing if it is empty.
  void add(std::string_view label, std::string_view value);
  /// The day of a time, which programs store as midnight by some clock; nothing if it is none.
  void add_date(std::string_view label, mapi::FileTime time);
  void add_time(std::string_view label, mapi::FileTime time);
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace postern::mime
