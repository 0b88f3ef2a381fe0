#include "smtp/engine/concurrency_limiter.h"

#include <algorithm>

namespace postern::smtp {

ConcurrencyLimiter::ConcurrencyLimiter(const PaceOptions& options, std::size_t most)
    : options_(options),
      most_(static_cast<double>(most)),
      window_(std::clamp(static_cast<double>(options.first_connections), 1.0, most_)),
      steep_below_(most_),
      message_rate_(options.messages),
      recipient_rate_(options.recipients),
      connection_rate_(options.connections) {}

SteadyTime ConcurrencyLimiter::next_message() const {
  return std::max(message_rate_.next(), recipient_rate_.next());
}

void ConcurrencyLimiter::on_message_begun(std::size_t recipients, SteadyTime now) {
  message_rate_.took(1, now);
  recipient_rate_.took(recipients, now);
}

bool ConcurrencyLimiter::on_success() {
  window_ = std::min(most_, window_ + (window_ < steep_below_ ? 1 : 1 / window_));
  failures_ = 0;
  const bool was_suspended = why_.has_value();
  why_.reset();
  return was_suspended;
}

bool ConcurrencyLimiter::on_pushback(const RouteFault& why, SteadyTime now) {
  const bool last = window_ < 2;
  window_ = std::max(1.0, window_ - 1);
  steep_below_ = window_;
  if (last) on_failure(why, now);
  return last;
}

void ConcurrencyLimiter::on_connection_refused(std::size_t open) {
  window_ = std::clamp(static_cast<double>(open), 1.0, window_);
  steep_below_ = window_;
}

void ConcurrencyLimiter::on_failure(const RouteFault& why, SteadyTime now) {
  constexpr int max_doublings = 30;
  const auto doubled =
      options_.first_pause * (std::int64_t{1} << std::min(failures_, max_doublings));
  const auto pause = why.configuration ? options_.longest_pause : doubled;
  ++failures_;
  why_ = why;
  why_->transcript.clear();  // it belongs to the message that met the failure
  until_ = now + std::min<std::chrono::milliseconds>(pause, options_.longest_pause);
}

bool ConcurrencyLimiter::is_idle(SteadyTime now) const {
  return suspended(now) == nullptr && message_rate_.full_at() <= now &&
         recipient_rate_.full_at() <= now && connection_rate_.full_at() <= now;
}

const RouteFault* ConcurrencyLimiter::suspended(SteadyTime now) const {
  return why_ && now < until_ ? &*why_ : nullptr;
}

}  // namespace postern::smtp
