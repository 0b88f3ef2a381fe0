// libFuzzer target: several messages are carried over one link to a server that says what the
// fuzzer likes. Every recipient ends with exactly one verdict, nothing is delivered that no
// positive reply stands for, and it always comes to an end.
//
//   cmake --preset asan -DPOSTERN_FUZZ=ON && cmake --build --preset asan --target dialogue_fuzz
//   build-asan/tests/fuzz/dialogue_fuzz -dict=tests/fuzz/dialogue.dict -max_total_time=300
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <list>
#include <string>

#include "smtp/dialogue/link.h"

using namespace postern;
using namespace postern::smtp;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct Manners {
  bool patient;  ///< says a line for each line it was sent, not all of them at once
  bool closes;   ///< when it has said everything
  bool sips;     ///< takes little at a time
  bool drips;    ///< its lines come one by one, and the stream tells that it holds more
};

/// Says the fuzzer's octets.
class FuzzedServer final : public Stream {
 public:
  FuzzedServer(std::string_view octets, Manners manners) : octets_(octets), manners_(manners) {}

  StreamResult read(std::span<char> into) override {
    if (octets_.empty() && manners_.closes) return {StreamResult::State::closed, 0, "end"};
    if (!may_speak()) return {};
    const std::size_t line = std::min(octets_.find('\n'), octets_.size() - 1) + 1;
    const bool by_line = manners_.patient || manners_.drips;
    const std::size_t count = std::min(into.size(), by_line ? line : octets_.size());
    octets_.copy(into.data(), count);
    if (manners_.patient && (count < 4 || octets_[3] != '-')) --credit_;
    octets_.remove_prefix(count);
    return {StreamResult::State::moved, count, {}, manners_.drips && may_speak()};
  }

  StreamResult write(std::string_view octets) override {
    if (manners_.sips) octets = octets.substr(0, 1000);
    // Content has no replies of its own; its lines count anyway, so that it may be spoken into.
    for (const char octet : octets) credit_ += octet == '\n' ? 1 : 0;
    return {StreamResult::State::moved, octets.size(), {}};
  }

 private:
  [[nodiscard]] bool may_speak() const {
    return !octets_.empty() && (!manners_.patient || credit_ > 0);
  }

  std::string_view octets_;
  Manners manners_;
  std::size_t credit_ = 0;
};

class Letter final : public OctetSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return text.size(); }
  [[nodiscard]] bool has_8bit() const override { return false; }
  [[nodiscard]] bool needs_smtputf8() const override { return false; }
  [[nodiscard]] std::unique_ptr<OctetReader> open() const override {
    return std::make_unique<Reader>(text);
  }
  std::string text;

 private:
  struct Reader final : OctetReader {
    explicit Reader(std::string_view octets) : left(octets) {}
    std::size_t read(std::span<std::byte> into) override {
      const std::size_t count = std::min(into.size(), left.size());
      left.copy(reinterpret_cast<char*>(into.data()), count);
      left.remove_prefix(count);
      return count;
    }
    std::string_view left;
  };
};

Capabilities capabilities(std::uint8_t flags) {
  Capabilities offered;
  offered.pipelining = (flags & 1U) != 0;
  offered.chunking = (flags & 2U) != 0;
  offered.lmtp = (flags & 4U) != 0;
  offered.size = offered.dsn = (flags & 8U) != 0;
  return offered;
}

Envelope envelope(std::size_t number) {
  Envelope made;
  made.reverse_path = "sender@example.org";
  made.envelope_id = "e" + std::to_string(number);
  for (std::size_t index = 0; index <= number; ++index) {
    made.recipients.push_back({std::to_string(index) + "@example.org", {true, true, true}, {}});
  }
  return made;
}

/// Carries the messages until the link has no more use for them.
void carry(Link& link, Pipeline& pipeline, TimePoint now) {
  for (int turns = 0;; ++turns) {
    require(turns < 100'000);
    const Link::Wait wait = link.run(pipeline, now);
    if (pipeline.empty()) return;
    if (wait.at_once) continue;
    require(wait.deadline.has_value());
    now.steady = std::max(now.steady, *wait.deadline);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::uint8_t flags = data[0];
  const std::string_view octets(reinterpret_cast<const char*>(data) + 2, size - 2);
  Modes modes;
  modes.overlap = 1 + data[1] % 4U;
  ServerMemory memory;
  if ((data[1] & 16U) != 0) memory.chunking_worked(SteadyTime());

  TimePoint now{};
  std::list<Envelope> envelopes;
  std::list<Letter> letters;
  std::list<MessageTransfer> transfers;
  std::deque<MessageTransfer*> waiting;
  for (std::size_t number = 0; number < 3; ++number) {
    Letter& letter = letters.emplace_back();
    letter.text = number == 2 ? std::string(70'000, 'x') : "Subject: x\r\n\r\n.\r\n";
    transfers.emplace_back(envelopes.emplace_back(envelope(number)), letter, now);
    waiting.push_back(&transfers.back());
  }
  const Manners manners{(flags & 64U) != 0, (flags & 128U) != 0, (data[1] & 32U) != 0,
                        (data[1] & 64U) != 0};
  Link link(std::make_unique<FuzzedServer>(octets, manners),
            usable(capabilities(flags), modes, memory, SteadyTime()), "mx", Timeouts{});
  Pipeline pipeline(
      link.dialogue(), modes, memory,
      [&waiting]() -> MessageTransfer* {
        if (waiting.empty()) return nullptr;
        MessageTransfer* const next = waiting.front();
        waiting.pop_front();
        return next;
      },
      [](MessageTransfer&) {});
  carry(link, pipeline, now);
  auto envelope_of = envelopes.begin();
  for (MessageTransfer& transfer : transfers) {
    if (transfer.state() == MessageTransfer::State::waiting) transfer.stop(now);
    const Delivery delivery = transfer.take();  // aborts where a verdict is missing
    require(delivery.recipients.size() == (envelope_of++)->recipients.size());
    for (const Outcome& outcome : delivery.recipients) {
      require(outcome.verdict != Verdict::delivered || outcome.code / 100 == 2);
      require(outcome.verdict != Verdict::failed || outcome.code / 100 == 5);
    }
  }
  return 0;
}
