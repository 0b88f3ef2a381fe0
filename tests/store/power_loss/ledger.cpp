#include "tests/store/power_loss/ledger.h"

#include <algorithm>
#include <utility>

namespace postern::store::test {

std::string name_of(ObjectKind kind, const mapi::Message& value) {
  return std::string(
      value.get_or(kind == ObjectKind::folder ? mapi::PR_DISPLAY_NAME : mapi::PR_SUBJECT, ""));
}

ObjectNumber Ledger::add(ObjectKind kind) {
  const std::lock_guard guard(mutex_);
  objects_.push_back({.kind = kind});
  return objects_.size() - 1;
}

std::uint64_t Ledger::next_name() {
  const std::lock_guard guard(mutex_);
  return ++names_;
}

std::optional<Ledger::Taken> Ledger::take(Dice& dice, ObjectKind kind,
                                          const std::function<bool(const Expected&)>& is_wanted) {
  const std::lock_guard guard(mutex_);
  std::vector<ObjectNumber> found;
  for (ObjectNumber number = 0; number < objects_.size(); ++number) {
    const auto& object = objects_[number];
    if (object.kind != kind || object.is_in_hands || !object.entry || !object.state) continue;
    if (is_wanted(*object.state)) found.push_back(number);
  }
  if (found.empty()) return std::nullopt;
  return take_in_hands(found[dice.below(found.size())]);
}

std::optional<Ledger::Taken> Ledger::take(const mapi::EntryId& entry) {
  const std::lock_guard guard(mutex_);
  const auto found = std::ranges::find(objects_, entry, &Object::entry);
  if (found == objects_.end() || found->is_in_hands || !found->state) return std::nullopt;
  return take_in_hands(static_cast<ObjectNumber>(found - objects_.begin()));
}

Ledger::Taken Ledger::take_in_hands(ObjectNumber number) {
  auto& object = objects_[number];
  object.is_in_hands = true;
  return {number, *object.entry, *object.state};
}

void Ledger::release(ObjectNumber number) {
  const std::lock_guard guard(mutex_);
  auto& object = objects_[number];
  object.is_in_hands = object.is_in_doubt;
}

void Ledger::tell(ObjectNumber number, const mapi::EntryId& entry) {
  const std::lock_guard guard(mutex_);
  objects_[number].entry = entry;
}

void Ledger::acknowledge(const Step& step) {
  const std::lock_guard guard(mutex_);
  ++counts_.acknowledged;
  adopt(step);
}

void Ledger::adopt(const Step& step) {
  for (const auto& [number, state] : step.after) objects_[number].state = state;
}

void Ledger::leave_in_doubt(Step step) {
  const std::lock_guard guard(mutex_);
  ++counts_.in_doubt;
  for (const auto& [number, state] : step.after) {
    objects_[number].is_in_hands = objects_[number].is_in_doubt = true;
  }
  doubts_.push_back(std::move(step));
}

void Ledger::refuse() {
  const std::lock_guard guard(mutex_);
  ++counts_.refused;
}

void Ledger::complain(std::string fault) {
  const std::lock_guard guard(mutex_);
  complaints_.push_back(std::move(fault));
}

void Ledger::settle_doubts(const std::function<bool(const Step&)>& has_happened) {
  for (const auto& step : std::exchange(doubts_, {})) {
    if (has_happened(step)) adopt(step);
  }
  for (auto& object : objects_) object.is_in_hands = object.is_in_doubt = false;
}

}  // namespace postern::store::test
