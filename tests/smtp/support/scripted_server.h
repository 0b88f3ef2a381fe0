// A server in memory that plays a script of faults, and the loop that carries a message to it.
//
// The server answers each command by the first rule of its script that still applies, otherwise as
// a willing server does. What it says reaches the client in pieces of a chosen size, and it may
// take the client's octets in pieces too. Time is a number: where nothing moves, it jumps to the
// deadline.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "smtp/dialogue/link.h"

namespace postern::smtp::test {

struct Rule {
  enum class Then { go_on, close, silence };
  /// The front of a command line (of BDAT: said after its octets); "." is the end of the content;
  /// "354" the moment at which the first octets of the content have come.
  std::string when;
  std::string say;  ///< as it goes over the wire; empty: nothing
  Then then = Then::go_on;
  int times = 1;
  int skip = 0;  ///< occasions let pass before
};

/// How octets are cut. 0: whole; 1: one by one; other numbers: a seed for random pieces.
struct Cut {
  std::uint32_t seed = 0;
};

struct Script {
  std::string ehlo = "250-mx.example\r\n250-PIPELINING\r\n250-SIZE\r\n250 8BITMIME\r\n";
  std::vector<Rule> rules;
  std::string at_once;  ///< said before anything was asked
  /// While the client has this many octets to read, the server takes nothing (0: no bound).
  std::size_t unread_bound = 0;
  bool pauses = false;                           ///< no answer is there at once
  std::size_t max_recipients = std::size_t(-1);  ///< in one transaction; then 452 4.5.3
  bool lmtp = false;                             ///< a final reply for each recipient
  bool ignores_bdat = false;                     ///< reads the octets after BDAT as commands
};

/// What arrived whole.
struct Received {
  std::string from;
  std::vector<std::string> to;
  std::string content;  ///< dots taken off
  friend bool operator==(const Received&, const Received&) = default;
};

/// What the world saw of a server.
struct Journal {
  std::vector<std::string> commands;
  std::vector<Received> received;
  std::size_t chunks = 0;   ///< BDATs that were said
  std::size_t flights = 0;  ///< how often the client spoke after having listened
  bool closed_by_client = false;
};

class ScriptedServer final : public Stream {
 public:
  ScriptedServer(Script script, Cut cut, Journal& journal);
  ~ScriptedServer() override { journal_.closed_by_client = !closed_; }

  StreamResult read(std::span<char> into) override;
  StreamResult write(std::string_view octets) override;
  /// Whether a read or a write would move something now.
  [[nodiscard]] bool movable(bool wants_to_write) const;

 private:
  void take_input();
  void take_line(std::string_view line);
  bool take_content();
  bool take_chunk();
  void finish_content(const std::string& when, bool last);
  [[nodiscard]] std::string usual_answer(const std::string& verb) const;
  void answer(const std::string& when, std::string usual);
  void apply(const Rule& rule);
  std::size_t piece(std::size_t whole);

  Script script_;
  Cut cut_;
  Journal& journal_;
  std::mt19937 random_;
  std::string to_client_;
  std::string from_client_;
  Received current_;
  bool in_content_ = false;
  bool in_chunk_ = false;
  std::string chunk_line_;
  std::size_t chunk_left_ = 0;
  bool silent_ = false;
  bool closed_ = false;
  bool listened_ = true;
  bool paused_ = false;
};

/// A message in memory.
class TextSource final : public OctetSource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] std::uint64_t size() const override { return said_size.value_or(text_.size()); }
  [[nodiscard]] bool has_8bit() const override { return eight_bit; }
  [[nodiscard]] bool needs_smtputf8() const override { return utf8; }
  [[nodiscard]] std::unique_ptr<OctetReader> open() const override;

  bool eight_bit = false;
  bool utf8 = false;
  std::optional<std::uint64_t> said_size;     ///< instead of the true one
  std::optional<std::uint64_t> fails_behind;  ///< octets

 private:
  std::string text_;
};

Envelope envelope_to(const std::vector<std::string>& recipients);

struct Played {
  Delivery delivery;
  std::vector<Journal> servers;
  bool in_chunks = false;  ///< the first server offered CHUNKING

  [[nodiscard]] std::string verdicts() const;  ///< "delivered failed retry"
  [[nodiscard]] const Outcome& outcome(std::size_t index) const {
    return delivery.recipients.at(index);
  }
  [[nodiscard]] std::vector<Received> received() const;
};

struct RunOptions {
  Cut cut{};
  bool used_link = false;  ///< the first link is said to have carried a message before
  /// Stops a transfer at the client's flight of this number.
  std::optional<std::size_t> stop_behind{};
  std::size_t stopped = 0;  ///< which of the transfers that wait for the link
  ServerMemory* memory = nullptr;
  Modes modes{};
};

/// One of several messages.
struct Posted {
  Envelope envelope;
  const OctetSource* source;
};

struct Convoy {
  std::vector<Delivery> deliveries;  ///< one per message
  std::vector<Journal> servers;
};

/// Carries the message; each link asked for goes to the next script. Fails the test where the
/// transfer asks for more links than there are scripts.
Played carry(const std::vector<Script>& scripts, const Envelope& envelope,
             const OctetSource& message, const RunOptions& options = {});
/// The same with several messages that wait from the start.
Convoy carry_all(const std::vector<Script>& scripts, const std::vector<Posted>& messages,
                 const RunOptions& options = {});

}  // namespace postern::smtp::test
