#include "mime/summary/labelled_lines.h"

#include <chrono>

#include "mime/header/header_encoding.h"
#include "mime/property/time_text.h"

namespace postern::mime {
namespace {

using namespace std::chrono;

/// Whether the time means one: programs store 1601 and 4501 for none.
bool is_shown(mapi::FileTime time) {
  constexpr mapi::FileTime earliest{mapi::FileTime::ticks_per_second * 60ULL * 60 * 24 * 366};
  constexpr mapi::FileTime none{0x0CB3'4557'A3DD'4000};
  return time > earliest && time < none;
}

}  // namespace

void LabelledLines::add(std::string_view label, std::string_view value) {
  const auto line = one_line(value);
  if (!line.empty()) text_.append(label).append(": ").append(line).append("\r\n");
}

void LabelledLines::add_date(std::string_view label, mapi::FileTime time) {
  if (is_shown(time))
    add(label, shown_date(floor<days>(sys_seconds{seconds{time.unix_seconds()}} + hours{12})));
}

void LabelledLines::add_time(std::string_view label, mapi::FileTime time) {
  if (!is_shown(time)) return;
  const sys_seconds moment{seconds{time.unix_seconds()}};
  const auto day = floor<days>(moment);
  add(label, shown_date(day) + ' ' + shown_clock(moment - day) + " UTC");
}

}  // namespace postern::mime
