// Fuzzes the binary properties of appointments, lists and votes. The first octet of an input says
// which property the rest is. Asserted: every line of the calendar is UTF-8 of at most 75 octets
// without control characters, a rule has its parts, and local times come back.
//
//   cmake --preset asan -DPOSTERN_FUZZ=ON && cmake --build --preset asan --target calendar_fuzz
//   mkdir -p corpus && build-asan/tests/fuzz/calendar_fuzz -max_len=4096 -max_total_time=600 corpus
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "mime/calendar/appointment.h"
#include "mime/calendar/calendar_summary.h"
#include "mime/summary/summary.h"

using namespace postern;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_lines(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    demand(end != std::string_view::npos && end <= 75);
    const auto line = text.substr(0, end);
    demand(is_utf8(line));
    demand(
        std::none_of(line.begin(), line.end(), [](char c) { return is_control(c) && c != '\t'; }));
    text.remove_prefix(end + 2);
  }
}

void check_zone(const mime::TimeZone& zone) {
  using namespace std::chrono_literals;
  for (auto time = std::chrono::sys_days{1980y / 1 / 1} + 0h;
       time < std::chrono::sys_days{1981y / 1 / 1}; time += 97h) {
    const auto local = zone.local(time);
    demand(local - mime::LocalTime{time.time_since_epoch()} < 25h);
    demand(zone.local(zone.utc(local)) == local);
  }
}

struct Property {
  const mapi::Guid& set;
  std::uint32_t number;
};
constexpr Property properties[] = {
    {mapi::PSETID_Appointment, 0x8216}, {mapi::PSETID_Appointment, 0x825E},
    {mapi::PSETID_Appointment, 0x8233}, {mapi::PSETID_Meeting, 0x0003},
    {mapi::PSETID_Common, 0x8520},      {mapi::PSETID_Address, 0x8064}};

mapi::Message message_with(const Property& property, std::span<const std::uint8_t> octets) {
  mapi::Message message;
  const auto at = [&message](std::uint32_t number, mapi::PropertyValue value) {
    message.set(mapi::PropertyName{mapi::PSETID_Appointment, number}, std::move(value));
  };
  at(0x820D, mapi::FileTime{133'600'000'000'000'000});
  at(0x820E, mapi::FileTime{133'600'036'000'000'000});
  const auto bytes = std::as_bytes(octets);
  message.set(mapi::PropertyName{property.set, property.number},
              mapi::Binary(bytes.begin(), bytes.end()));
  return message;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto message =
      message_with(properties[data[0] % std::size(properties)], {data + 1, size - 1});
  std::vector<mapi::Loss> losses;
  const auto calendar = mime::read_appointment(message, {}, losses);
  demand(calendar.has_value());
  check_zone(calendar->zone);
  check_lines(mime::calendar_text(*calendar).text);
  demand(is_utf8(mime::calendar_summary(*calendar)));
  demand(is_utf8(mime::voting_summary(message)) && is_utf8(mime::list_summary(message)));
  return 0;
}
