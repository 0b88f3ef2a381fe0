#include "tests/simulation/wire.h"

#include <algorithm>
#include <cerrno>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace postern::simulation {

using State = smtp::StreamResult::State;

Wire::Wire(Agenda& agenda, std::size_t window)
    : agenda_(agenda), window_(window), descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Wire::~Wire() {
  ::close(descriptor_);
}

void Wire::say(std::string octets, Span delay, Read read) {
  said_ += octets.size();
  if (read && !garbage_) marks_.push_back({said_, std::move(read)});
  arrive_after(delay, [octets = std::move(octets)](Wire& wire) { wire.arrived_ += octets; });
}

void Wire::say_garbage(std::string octets, Span delay) {
  if (!garbage_) garbage_ = said_;
  say(std::move(octets), delay);
}

void Wire::end(Span delay) {
  arrive_after(delay, [](Wire& wire) { wire.is_closed_ = true; });
}

/// At once, if nothing is on its way before it.
void Wire::arrive_after(Span delay, std::function<void(Wire&)> what) {
  if (is_closed_) return;
  if (delay.count() == 0 && on_their_way_ == 0) {
    what(*this);
    return signal();
  }
  ++on_their_way_;
  const auto time = std::max(last_arrival_, agenda_.now() + delay);
  last_arrival_ = time;
  agenda_.after(time - agenda_.now(), [weak = weak_from_this(), what = std::move(what)] {
    const auto self = weak.lock();
    if (!self) return;
    --self->on_their_way_;
    if (self->is_closed_) return;
    what(*self);
    self->signal();
  });
}

void Wire::look_after(Span span) {
  agenda_.after(span + std::chrono::milliseconds{1}, [] {});
}

void Wire::cut() {
  is_closed_ = true;
  arrived_.clear();
  marks_.clear();
  receiver_ = {};
  signal();
}

smtp::StreamResult Wire::read(std::span<char> into) {
  const auto count = std::min(into.size(), arrived_.size());
  std::copy_n(arrived_.begin(), count, into.begin());
  arrived_.erase(0, count);
  read_ += count;
  while (!marks_.empty() && marks_.front().end <= read_) {
    marks_.front().read(garbage_ && read_ > *garbage_);
    marks_.pop_front();
  }
  if (arrived_.empty() && !is_closed_) take_signal();
  if (count > 0) return {State::moved, count, {}, !arrived_.empty()};
  if (is_closed_) return {State::closed, 0, "connection reset", false};
  return {State::would_block, 0, {}, false};
}

smtp::StreamResult Wire::write(std::string_view octets) {
  if (is_closed_) return {State::closed, 0, "broken pipe", false};
  octets = octets.substr(0, window_);
  const auto receiver = receiver_;  // which may cut the wire
  if (receiver) receiver(octets);
  return {State::moved, octets.size(), {}, false};
}

void Wire::signal() {
  if (std::exchange(is_signalled_, true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof one);
}

void Wire::take_signal() {
  if (!std::exchange(is_signalled_, false)) return;
  std::uint64_t count = 0;
  [[maybe_unused]] const auto taken = ::read(descriptor_, &count, sizeof count);
}

}  // namespace postern::simulation
