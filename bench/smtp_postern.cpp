// The SMTP engine in bench/smtp, as a client library uses it: one Client, one thread of its own, as
// many messages outstanding as keep its sessions busy.
#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/outcome.h"
#include "bench/sender.h"
#include "smtp/client.h"

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

const std::map<std::string, smtp::Modes> modes{
    {"lock-step", {.pipelining = false, .grouping = false, .chunking = false, .overlap = 1}},
    {"pipelined", {.pipelining = true, .grouping = false, .chunking = false, .overlap = 1}},
    {"grouped", {.pipelining = true, .grouping = true, .chunking = false, .overlap = 1}},
    {"chunked", {.pipelining = true, .grouping = true, .chunking = true, .overlap = 1}},
    {"overlapped", {.pipelining = true, .grouping = true, .chunking = true, .overlap = 8}},
};

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
    const Outcome& outcome = delivery.recipients.front();
    const std::scoped_lock lock(mutex_);
    if (outcome.verdict != Verdict::delivered && refusal_.empty()) {
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

/// Starts a message, and another one after each that finishes.
void start_next(smtp::Client& client, const smtp::OutgoingMessage& message, Tally& tally) {
  if (!tally.start_one()) return;
  client.start(message, [&client, &message, &tally](const smtp::Delivery& delivery) {
    start_next(client, message, tally);
    tally.finish_one(delivery);
  });
}

void send_messages(const bench::SenderOptions& options) {
  smtp::ClientOptions client_options;
  client_options.relay = smtp::Relay::parse("smtp://127.0.0.1:" + std::to_string(options.port));
  client_options.tls = options.ca_file.empty() ? smtp::TlsPolicy::none : smtp::TlsPolicy::verify;
  client_options.ca_file = options.ca_file;
  client_options.helo_name = "bench.test";
  client_options.connections = options.sessions;
  const auto mode = modes.find(options.mode);
  if (mode == modes.end()) {
    throw std::invalid_argument("there is no mode \"" + options.mode + "\"");
  }
  client_options.modes = mode->second;

  smtp::OutgoingMessage message;
  message.envelope.reverse_path = bench::sender_address;
  message.envelope.recipients.emplace_back().address = bench::recipient_address;
  message.source = std::make_shared<const MemorySource>(options.message);
  Tally tally(options.messages);
  smtp::Client client(client_options);
  for (std::size_t n = 0; n < options.sessions * outstanding_per_session; ++n) {
    start_next(client, message, tally);
  }
  tally.wait();
}

}  // namespace

int main(int argc, char** argv) {
  return postern::bench::run_sender(argc, argv, "the SMTP engine in bench/smtp", send_messages);
}
