// FILETIME: 100 ns ticks since 1601-01-01 UTC, the time type of MAPI ([MS-DTYP] 2.3.3).
//
// Its range is 1601 to the year 60056, that of the system's clock 1677 to 2262: compare and add
// times here. Results saturate at the ends of the ranges. Never throws.
#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>
#include <ratio>

#pragma GCC visibility push(default)
namespace postern::mapi {

/// A time of MAPI (PtypTime, [MS-OXCDATA] 2.11.1).
struct FileTime {
  std::uint64_t ticks = 0;
  // clang-tidy 14 takes the 0 that the compiler compares with for one of ours.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  friend auto operator<=>(const FileTime&, const FileTime&) = default;

  static constexpr std::int64_t unix_epoch_seconds = 11'644'473'600;  ///< 1601 to 1970
  static constexpr std::int64_t ticks_per_second = 10'000'000;
  using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, ticks_per_second>>;

  /// 4501-01-01, which Outlook writes for "no time".
  [[nodiscard]] constexpr bool is_none() const { return ticks == 0x0CB3'4557'A3DD'4000; }

  /// The system clock's time, rounded towards 1970.
  static constexpr FileTime from(std::chrono::system_clock::time_point time) {
    const auto since_1970 = std::chrono::duration_cast<Ticks>(time.time_since_epoch()).count();
    return {static_cast<std::uint64_t>(since_1970 + unix_epoch_seconds * ticks_per_second)};
  }
  static FileTime now() { return from(std::chrono::system_clock::now()); }

  /// Whole seconds since 1970; negative before it.
  [[nodiscard]] constexpr std::int64_t unix_seconds() const {
    return static_cast<std::int64_t>(ticks / ticks_per_second) - unix_epoch_seconds;
  }
  [[nodiscard]] constexpr std::chrono::system_clock::time_point time_point() const {
    using Time = std::chrono::system_clock::time_point;
    if (*this > from(Time::max())) return Time::max();
    if (*this < from(Time::min())) return Time::min();
    const Ticks since_1970{static_cast<std::int64_t>(ticks) -
                           unix_epoch_seconds * ticks_per_second};
    return Time{std::chrono::duration_cast<Time::duration>(since_1970)};
  }

  /// For durations that are whole multiples of a tick.
  template <class Count, class Period>
  friend constexpr FileTime operator+(FileTime time, std::chrono::duration<Count, Period> span) {
    using TicksPerUnit = std::ratio_divide<Period, Ticks::period>;
    static_assert(TicksPerUnit::den == 1);
    constexpr auto most = std::numeric_limits<std::uint64_t>::max();
    constexpr std::uint64_t factor{TicksPerUnit::num};
    const bool back = span.count() < 0;
    const auto units = static_cast<std::uint64_t>(span.count());
    const std::uint64_t magnitude = back ? 0 - units : units;
    const std::uint64_t distance = magnitude > most / factor ? most : magnitude * factor;
    return {back ? time.ticks - std::min(time.ticks, distance)
                 : time.ticks + std::min(most - time.ticks, distance)};
  }
};

}  // namespace postern::mapi
#pragma GCC visibility pop
