#include "smtp/auth/mechanism_memory.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace postern::smtp {

void MechanismMemory::refused(const std::string& account, std::set<std::string> names,
                              SteadyTime now) {
  if (names.empty()) return;
  if (const Known* before = known(account, now)) {
    names.insert(before->mechanisms.begin(), before->mechanisms.end());
  }
  known_[account] = {std::move(names), now + kept};
  news_ = true;
}

void MechanismMemory::all_refused(const std::string& account, SteadyTime now) {
  known_[account] = {{}, now + kept};
}

const MechanismMemory::Known* MechanismMemory::known(const std::string& account,
                                                     SteadyTime now) const {
  const auto found = known_.find(account);
  return found != known_.end() && found->second.until > now ? &found->second : nullptr;
}

bool MechanismMemory::may_try_next(const std::string& account, SteadyTime now) const {
  const Known* const before = known(account, now);
  return before == nullptr || !before->mechanisms.empty();
}

std::vector<MechanismSet> MechanismMemory::remaining(const std::string& account,
                                                     std::vector<MechanismSet> sets,
                                                     SteadyTime now) const {
  const Known* const before = known(account, now);
  if (before == nullptr) return sets;
  std::vector<MechanismSet> left = sets;
  for (const std::string& name : before->mechanisms) left = sets_without(std::move(left), name);
  return left.empty() ? sets : left;
}

std::vector<MechanismMemory::Fact> MechanismMemory::facts(SteadyTime now) const {
  std::vector<Fact> all;
  for (const auto& [account, one] : known_) {
    if (one.until <= now || one.mechanisms.empty()) continue;
    all.push_back({account,
                   fmt::format("AUTH {} is offered and refused", fmt::join(one.mechanisms, ", ")),
                   one.until});
  }
  return all;
}

std::vector<MechanismSet> sets_without(std::vector<MechanismSet> sets, std::string_view mechanism) {
  for (MechanismSet& set : sets) std::erase(set, mechanism);
  std::erase_if(sets, [](const MechanismSet& set) { return set.empty(); });
  return sets;
}

}  // namespace postern::smtp
