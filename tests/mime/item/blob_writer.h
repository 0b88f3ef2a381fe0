// Binary properties of calendars under test, field by field.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "mapi/property_type.h"
#include "mapi/utf.h"

namespace postern::mime {

class BlobWriter {
 public:
  BlobWriter& octets(std::string_view text) {
    for (const char c : text) blob_.push_back(static_cast<std::byte>(c));
    return *this;
  }
  BlobWriter& octet(unsigned value) { return number(value, 1); }
  BlobWriter& word(std::uint32_t value) { return number(value, 2); }
  BlobWriter& double_word(std::uint32_t value) { return number(value, 4); }
  BlobWriter& signed_number(std::int32_t value) {
    return double_word(static_cast<std::uint32_t>(value));
  }
  BlobWriter& words(std::initializer_list<std::uint32_t> values) {
    for (const auto value : values) word(value);
    return *this;
  }
  /// Its length in characters, and the text in UTF-16.
  BlobWriter& wide(std::string_view text) {
    const auto encoded = mapi::to_utf16le(text);
    word(static_cast<std::uint32_t>(encoded.size() / 2));
    blob_.insert(blob_.end(), encoded.begin(), encoded.end());
    return *this;
  }
  [[nodiscard]] mapi::Binary blob() const { return blob_; }

 private:
  BlobWriter& number(std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i)
      blob_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xFFU));
    return *this;
  }
  mapi::Binary blob_;
};

/// A SYSTEMTIME: the nth (5: last) weekday of a month, at an hour.
inline void add_transition(BlobWriter& writer, std::uint32_t month, std::uint32_t weekday,
                           std::uint32_t week, std::uint32_t hour) {
  writer.words({0, month, weekday, week, hour, 0, 0, 0});
}

/// A zone definition with one rule.
struct ZoneBlob {
  std::string name = "W. Europe Standard Time";
  std::int32_t bias = -60;
  std::int32_t daylight_bias = -60;
  std::array<std::uint32_t, 4> standard{10, 0, 5, 3};
  std::array<std::uint32_t, 4> daylight{3, 0, 5, 2};

  void add_rule(BlobWriter& writer) const {
    writer.signed_number(bias).signed_number(0).signed_number(daylight_bias);
    add_transition(writer, standard[0], standard[1], standard[2], standard[3]);
    add_transition(writer, daylight[0], daylight[1], daylight[2], daylight[3]);
  }
  [[nodiscard]] mapi::Binary definition() const {
    BlobWriter writer;
    writer.word(0x0102).word(static_cast<std::uint32_t>(6 + 2 * name.size())).word(2).wide(name);
    writer.word(1).word(0x0102).word(0x3E).word(0x0002).word(2007).octets(std::string(14, '\0'));
    add_rule(writer);
    return writer.blob();
  }
  [[nodiscard]] mapi::Binary structure() const {
    BlobWriter writer;
    writer.signed_number(bias).signed_number(0).signed_number(daylight_bias).word(0);
    add_transition(writer, standard[0], standard[1], standard[2], standard[3]);
    writer.word(0);
    add_transition(writer, daylight[0], daylight[1], daylight[2], daylight[3]);
    return writer.blob();
  }
};

/// Minutes since 1601.
constexpr std::uint32_t minutes_at(int year, unsigned month, unsigned day, unsigned minute = 0) {
  using namespace std::chrono;
  const auto since =
      local_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)} -
      local_days{std::chrono::year{1601} / 1 / 1};
  return static_cast<std::uint32_t>(duration_cast<minutes>(since).count()) + minute;
}

/// PidLidAppointmentRecur.
struct RecurrenceBlob {
  std::uint32_t frequency = 0x200B;
  std::uint32_t pattern = 1;
  std::uint32_t calendar = 0;
  std::uint32_t period = 1;
  std::vector<std::uint32_t> specific{0x02};
  std::uint32_t end = 0x2023;
  std::uint32_t count = 0;
  std::uint32_t first_weekday = 1;
  std::vector<std::uint32_t> deleted, modified;
  std::uint32_t start_date = minutes_at(2024, 6, 3);
  std::uint32_t end_date = 0x5AE980DF;
  std::uint32_t start_time = 10 * 60;
  std::uint32_t end_time = 11 * 60;
  std::uint32_t changes = 0;
  std::string changes_octets;    ///< ExceptionInfo
  std::string extension_octets;  ///< ExtendedException

  [[nodiscard]] mapi::Binary blob() const {
    BlobWriter writer;
    writer.words({0x3004, 0x3004, frequency, pattern, calendar}).double_word(0);
    writer.double_word(period).double_word(0);
    for (const auto each : specific) writer.double_word(each);
    writer.double_word(end).double_word(count).double_word(first_weekday);
    for (const auto* list : {&deleted, &modified}) {
      writer.double_word(static_cast<std::uint32_t>(list->size()));
      for (const auto each : *list) writer.double_word(each);
    }
    writer.double_word(start_date).double_word(end_date).double_word(0x3006).double_word(0x3009);
    writer.double_word(start_time).double_word(end_time).word(changes).octets(changes_octets);
    writer.double_word(0).octets(extension_octets).double_word(0);
    return writer.blob();
  }
};

}  // namespace postern::mime
