// Which AUTH mechanisms a server has refused although it offers them, for an hour. No clock.
//
// If it refused every one, the password is wrong rather than the mechanisms: only the first is
// tried for the hour, since servers lock out whoever fails often.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "smtp/auth/auth_plan.h"

namespace postern::smtp {

class MechanismMemory {
 public:
  static constexpr std::chrono::hours kept{1};

  /// `account`: the relay's text and the user. These were refused, and another one was taken.
  void refused(const std::string& account, std::set<std::string> mechanisms, SteadyTime now);
  void all_refused(const std::string& account, SteadyTime now);

  /// Whether another may be tried after one that was refused.
  [[nodiscard]] bool may_try_next(const std::string& account, SteadyTime now) const;
  /// The sets without those that were refused.
  [[nodiscard]] std::vector<MechanismSet> remaining(const std::string& account,
                                                    std::vector<MechanismSet> sets,
                                                    SteadyTime now) const;
  struct Fact {
    std::string account;
    std::string text;
    SteadyTime until;
  };
  [[nodiscard]] std::vector<Fact> facts(SteadyTime now) const;
  /// Whether there are other facts than when this was asked last.
  bool take_news() { return std::exchange(news_, false); }
  void forget() { known_.clear(); }

 private:
  struct Known {
    std::set<std::string> mechanisms;  ///< empty: all of them
    SteadyTime until;
  };
  [[nodiscard]] const Known* known(const std::string& account, SteadyTime now) const;

  std::map<std::string, Known> known_;
  bool news_ = false;
};

/// The sets without the mechanism; a set that becomes empty is left out.
std::vector<MechanismSet> sets_without(std::vector<MechanismSet> sets, std::string_view mechanism);

}  // namespace postern::smtp
