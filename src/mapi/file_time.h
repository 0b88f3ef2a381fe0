// FILETIME: 100 ns ticks since 1601-01-01 UTC, the time type of MAPI ([MS-DTYP] 2.3.3).
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

#pragma GCC visibility push(default)
namespace postern::mapi {

struct FileTime {
  std::uint64_t ticks = 0;
  friend auto operator<=>(const FileTime&, const FileTime&) = default;

  static constexpr std::int64_t unix_epoch_seconds = 11'644'473'600;  ///< 1601 to 1970
  static constexpr std::int64_t ticks_per_second = 10'000'000;

  /// Times before 1601 become 1601.
  static constexpr FileTime from(std::chrono::system_clock::time_point time) {
    using Ticks = std::chrono::duration<std::int64_t, std::ratio<1, ticks_per_second>>;
    const auto since_1970 = std::chrono::duration_cast<Ticks>(time.time_since_epoch()).count();
    const auto since_1601 = since_1970 + unix_epoch_seconds * ticks_per_second;
    return {since_1601 < 0 ? 0 : static_cast<std::uint64_t>(since_1601)};
  }
  static FileTime now() { return from(std::chrono::system_clock::now()); }

  /// Whole seconds since 1970; negative before it.
  [[nodiscard]] constexpr std::int64_t unix_seconds() const {
    return static_cast<std::int64_t>(ticks / ticks_per_second) - unix_epoch_seconds;
  }
  [[nodiscard]] std::chrono::system_clock::time_point time_point() const {
    const auto part = std::chrono::nanoseconds{(ticks % ticks_per_second) * 100};
    return std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::seconds{unix_seconds()} + part)};
  }
};

}  // namespace postern::mapi
#pragma GCC visibility pop
