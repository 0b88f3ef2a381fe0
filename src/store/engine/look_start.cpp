#include "store/engine/look_start.h"

namespace postern::store {

LookStart::Place LookStart::begin(std::size_t locked, Time now) {
  begun_ = now;
  is_from_front_ = locked <= few || now >= next_from_front_;
  if (is_from_front_) passed_ = {};
  return passed_;
}

void LookStart::end(const Place& passed, Time now) {
  constexpr int share = 20;
  passed_ = passed;
  if (is_from_front_) next_from_front_ = now + share * (now - begun_);
}

LookStart::Place LookStart::next(std::size_t locked) const {
  return locked <= few ? Place{} : passed_;
}

std::optional<LookStart::Time> LookStart::next_from_front(std::size_t locked) const {
  return locked <= few ? std::nullopt : std::optional(next_from_front_);
}

}  // namespace postern::store
