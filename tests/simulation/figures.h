// What was counted in simulated worlds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern::simulation {

enum class Count {
  lives,
  recipients,
  delivered,   ///< recipients with a saved delivery
  failed,      ///< recipients with a saved failure
  expired,     ///< of these, for their time was up
  cancelled,   ///< messages
  duplicates,  ///< deliveries beyond the first, each in the window of an unsaved final reply
  lost,
  non_delivery_reports,
  delivery_reports,
  delay_reports,
  report_faults,  ///< missing or doubled
  connections,
  transactions,  ///< contents that a server has accepted
  refused_connections,
  refused_commands,
  cut_connections,
  late_replies,
  garbage,
  disk_failures,
  crashes,
  restarts,
  clock_jumps,
  last
};

class Figures {
 public:
  void add(Count count, std::uint64_t number = 1) { numbers_[index(count)] += number; }
  [[nodiscard]] std::uint64_t operator[](Count count) const { return numbers_[index(count)]; }
  Figures& operator+=(const Figures& other) {
    for (std::size_t i = 0; i < numbers_.size(); ++i) numbers_[i] += other.numbers_[i];
    return *this;
  }

  static constexpr std::array<std::string_view, static_cast<std::size_t>(Count::last)> names{
      "lives",
      "recipients",
      "delivered",
      "failed",
      "expired",
      "messages cancelled",
      "duplicates in the window of an unsaved reply",
      "lost",
      "non-delivery reports",
      "delivery reports",
      "delay reports",
      "reports missing or doubled",
      "connections",
      "contents accepted",
      "connections refused",
      "commands refused",
      "connections cut",
      "late replies",
      "garbage",
      "disk failures",
      "crashes",
      "restarts",
      "clock jumps",
  };

 private:
  static std::size_t index(Count count) { return static_cast<std::size_t>(count); }
  std::array<std::uint64_t, static_cast<std::size_t>(Count::last)> numbers_{};
};

}  // namespace postern::simulation
