// The SMTP engine in bench/smtp, as a client library uses it: one Client, one thread of its own, as
// many messages outstanding as keep its sessions busy.
#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/sender.h"
#include "smtp/client.h"
#include "smtp/outcome.h"

namespace {

using namespace postern;

constexpr std::size_t outstanding_per_session = 64;

/// The message from memory, read anew for each delivery.
class MemorySource : public smtp::OctetSource {
 public:
  explicit MemorySource(const std::string& octets) : octets_(octets) {}
  std::uint64_t size() const override { return octets_.size(); }
  bool has_8bit() const override { return false; }
  bool needs_smtputf8() const override { return false; }
  std::unique_ptr<smtp::OctetReader> open() const override {
    return std::make_unique<Reader>(octets_);
  }

 private:
  class Reader : public smtp::OctetReader {
   public:
    explicit Reader(std::string_view left) : left_(left) {}
    std::size_t read(std::span<std::byte> into) override {
      const std::size_t octets = std::min(into.size(), left_.size());
      std::memcpy(into.data(), left_.data(), octets);
      left_.remove_prefix(octets);
      return octets;
    }

   private:
    std::string_view left_;
  };

  const std::string& octets_;
};

struct Mode {
  std::string_view name;
  bool pipelining;
  bool grouping;
  bool chunking;
  std::size_t overlap;
};

constexpr std::array modes{
    Mode{"lock-step", false, false, false, 1}, Mode{"pipelined", true, false, false, 1},
    Mode{"grouped", true, true, false, 1},     Mode{"chunked", true, true, true, 1},
    Mode{"overlapped", true, true, true, 8},
};

const Mode& mode_named(const std::string& name) {
  const auto* const found =
      std::find_if(modes.begin(), modes.end(), [&](const Mode& mode) { return mode.name == name; });
  if (found == modes.end()) throw std::invalid_argument("there is no mode \"" + name + "\"");
  return *found;
}

/// How many of the messages were started and finished, and the first that was not accepted.
class Tally {
 public:
  explicit Tally(std::size_t messages) : to_start_(messages), to_finish_(messages) {}

  /// Whether there is another message to start; counts it.
  bool start_one() {
    const std::scoped_lock lock(mutex_);
    if (to_start_ == 0) return false;
    --to_start_;
    return true;
  }

  void finish_one(const smtp::Delivery& delivery) {
    const smtp::Outcome& outcome = delivery.recipients.front();
    const std::scoped_lock lock(mutex_);
    if (outcome.verdict != smtp::Verdict::delivered && refusal_.empty()) {
      refusal_ = "a message was not accepted: " + outcome.text;
      to_finish_ -= std::exchange(to_start_, 0);
    }
    if (--to_finish_ == 0) finished_.notify_all();
  }

  /// Returns when all have finished; throws what went wrong.
  void wait() {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [this] { return to_finish_ == 0; });
    if (!refusal_.empty()) throw std::runtime_error(refusal_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable finished_;
  std::size_t to_start_;
  std::size_t to_finish_;
  std::string refusal_;
};

const smtp::Envelope envelope{bench::sender_address, {{bench::recipient_address, {}, {}}}, {}, {}};

// What follows is all that depends on the client's interface for many messages at once. A client
// without it is driven by blocking calls from threads, in the one mode it has.

template <typename Options>
void set_mode(Options& options, const Mode& mode) {
  if constexpr (requires { options.modes; }) {
    options.modes.pipelining = mode.pipelining;
    options.modes.grouping = mode.grouping;
    options.modes.chunking = mode.chunking;
    options.modes.overlap = mode.overlap;
  } else if (mode.name != "pipelined") {
    throw std::invalid_argument("this client has no modes but pipelined");
  }
}

/// Starts a message, and behind each that finishes the next one.
template <typename Client>
void start_next(Client& client, const std::shared_ptr<const MemorySource>& source, Tally& tally) {
  if (!tally.start_one()) return;
  client.start({envelope, source}, [&client, source, &tally](const smtp::Delivery& delivery) {
    start_next(client, source, tally);
    tally.finish_one(delivery);
  });
}

template <typename Client>
void send_all(Client& client, const std::shared_ptr<const MemorySource>& source, Tally& tally,
              std::size_t sessions) {
  if constexpr (requires { client.start({envelope, source}, [](const smtp::Delivery&) {}); }) {
    for (std::size_t n = 0; n < sessions * outstanding_per_session; ++n) {
      start_next(client, source, tally);
    }
    tally.wait();
  } else {
    std::vector<std::thread> threads;
    for (std::size_t n = 0; n < sessions + 2; ++n) {
      threads.emplace_back([&] {
        while (tally.start_one()) tally.finish_one(client.deliver(envelope, *source));
      });
    }
    for (std::thread& thread : threads) thread.join();
    tally.wait();
  }
}

void send_messages(const bench::SenderOptions& options) {
  smtp::ClientOptions client_options;
  client_options.relay = smtp::Relay::parse("smtp://127.0.0.1:" + std::to_string(options.port));
  client_options.tls = options.ca_file.empty() ? smtp::TlsPolicy::none : smtp::TlsPolicy::verify;
  client_options.ca_file = options.ca_file;
  client_options.helo_name = "bench.test";
  client_options.connections = options.sessions;
  set_mode(client_options, mode_named(options.mode));
  Tally tally(options.messages);
  const auto source = std::make_shared<const MemorySource>(options.message);
  smtp::Client client(client_options);
  send_all(client, source, tally, options.sessions);
}

}  // namespace

int main(int argc, char** argv) {
  return postern::bench::run_sender(argc, argv, "the SMTP engine in bench/smtp", send_messages);
}
