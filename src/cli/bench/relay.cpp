#include "cli/bench/relay.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>

#include "base/text.h"
#include "cli/bench/submissions.h"
#include "cli/option/usage_error.h"
#include "cli/output/interruption.h"

namespace postern::cli {
namespace {

using std::chrono::steady_clock;

using TellTaken = std::function<void(std::size_t taken)>;

constexpr auto interruption_interval = std::chrono::milliseconds{50};

/// For what is not answered yet when the program is interrupted.
constexpr auto patience_at_the_end = std::chrono::seconds{1};

class TextReader final : public OctetReader {
 public:
  explicit TextReader(std::string_view text) : rest_(text) {}
  std::size_t read(std::span<std::byte> into) override {
    const std::size_t count = std::min(into.size(), rest_.size());
    std::memcpy(into.data(), rest_.data(), count);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
};

/// A message in memory, with a text in ASCII, that knows since when it is read.
class TextMessage final : public smtp::OctetSource {
 public:
  explicit TextMessage(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] std::uint64_t size() const override { return text_.size(); }
  [[nodiscard]] bool has_8bit() const override { return !is_ascii(text_); }
  [[nodiscard]] bool needs_smtputf8() const override { return has_8bit(); }
  [[nodiscard]] std::unique_ptr<OctetReader> open() const override {
    opened_ = steady_clock::now();
    return std::make_unique<TextReader>(text_);
  }
  /// Like all that reads it, on the engine's thread.
  [[nodiscard]] steady_clock::time_point opened() const { return opened_; }

 private:
  std::string text_;
  mutable steady_clock::time_point opened_{};
};

/// RFC 5322 §3.3.
std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S +0000", &utc);
  return text.data();
}

/// The messages of one run: their text is the same, their identities are not.
class Letters {
 public:
  explicit Letters(const SendOrder& order)
      : order_(order), text_(text_of(order.octets)), run_(std::to_string(std::random_device()())) {}

  [[nodiscard]] std::shared_ptr<const TextMessage> letter(std::size_t number) const {
    return std::make_shared<const TextMessage>(header(number) + text_);
  }

 private:
  /// Nobody's program is to answer it (RFC 3834).
  [[nodiscard]] std::string header(std::size_t number) const {
    const std::string domain = order_.from.substr(order_.from.rfind('@') + 1);
    const std::string count = std::to_string(number + 1);
    return "From: <" + order_.from + ">\r\nTo: <" + order_.to + ">\r\nDate: " + date_now() +
           "\r\nMessage-ID: <postern-bench." + run_ + "." + count + "@" + domain +
           ">\r\nSubject: Message " + count + " of " + std::to_string(order_.count) +
           " of postern bench\r\nAuto-Submitted: auto-generated\r\n\r\n";
  }

  const SendOrder& order_;
  const std::string text_;
  const std::string run_;
};

/// Keeps each session busy, and one message more for each waiting, which can so begin in the flight
/// in which the one before ends: as a spooler does.
class Sending {
 public:
  Sending(smtp::ClientOptions options, const SendOrder& order, const TellTaken& tell)
      : order_(order), tell_(tell), letters_(order), client_(std::in_place, std::move(options)) {}

  Sent run() {
    const auto start = steady_clock::now();
    while (begin_next()) {
    }
    std::unique_lock lock(mutex_);
    while (open_ > 0 && !interrupted()) wait(lock);
    sent_.timings = timings_of(std::move(taken_), steady_clock::now() - start);
    lock.unlock();
    client_.reset();  // which ends what was not answered
    return std::move(sent_);
  }

 private:
  /// Waits for room. False: no further one is to be begun.
  bool begin_next() {
    std::unique_lock lock(mutex_);
    while (open_ >= 2 * order_.sessions && !interrupted()) wait(lock);
    if (interrupted() || sent_.refusal || sent_.begun == order_.count) return false;
    ++open_;
    const auto letter = letters_.letter(sent_.begun++);
    lock.unlock();
    smtp::OutgoingMessage message{.envelope = {}, .source = letter, .stop = {}};
    message.envelope.reverse_path = order_.from;
    message.envelope.recipients.push_back({order_.to, {}, {}});
    client_->start(std::move(message),
                   [this, letter](const smtp::Delivery& delivery) { note(delivery, *letter); });
    return true;
  }

  void wait(std::unique_lock<std::mutex>& lock) {
    changed_.wait_for(lock, interruption_interval);
    if (tell_) tell_(taken_.size());
  }

  void note(const smtp::Delivery& delivery, const TextMessage& letter) {
    const auto now = steady_clock::now();
    const std::scoped_lock lock(mutex_);
    const Outcome& outcome = delivery.recipients.front();
    if (outcome.verdict == Verdict::delivered) {
      taken_.emplace_back(now - letter.opened());
    } else if (!sent_.refusal) {
      sent_.refusal = outcome;
      sent_.needs_operator = delivery.route_fault && delivery.route_fault->configuration;
    }
    --open_;
    changed_.notify_all();
  }

  const SendOrder& order_;
  const TellTaken& tell_;
  const Letters letters_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by the mutex.
  std::size_t open_ = 0;
  Durations taken_;
  Sent sent_;

  std::optional<smtp::Client> client_;  ///< goes first: until then it calls this object
};

}  // namespace

smtp::Probe look_at(const smtp::ClientOptions& client) {
  std::stop_source stop;
  auto looking =
      std::async(std::launch::async, [&] { return smtp::probe(client, {}, stop.get_token()); });
  while (looking.wait_for(interruption_interval) != std::future_status::ready) {
    if (interrupted()) stop.request_stop();
  }
  try {
    return looking.get();
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

Sent send_messages(const smtp::ClientOptions& client, const SendOrder& order,
                   const TellTaken& tell) {
  smtp::ClientOptions options = client;
  options.connections = order.sessions;
  options.pace.first_connections = order.sessions;
  options.timeouts.quit = patience_at_the_end;
  try {
    return Sending(std::move(options), order, tell).run();
  } catch (const std::invalid_argument& error) {
    throw UsageError(error.what());
  }
}

}  // namespace postern::cli
