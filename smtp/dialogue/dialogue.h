// One SMTP connection's dialogue without its socket: commands in flight, and the replies they
// expect (RFC 5321 §4, RFC 2920; smtp-transactions.md §§2–4).
//
// A mail transaction gives commands to the dialogue while its window is open and gets each reply
// once, in order. The window makes lock-step and pipelining the same code: one command, or many up
// to a bound of octets. The link moves `output` out and received octets in and asks for the
// deadline; the dialogue owns no clock and no socket. An unexpected reply, one that comes before
// its command was sent, or a malformed one ends the dialogue: from then on `loss` says why, nothing
// is sent or received, and replies in flight never come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "smtp/dialogue/capabilities.h"
#include "smtp/dialogue/reply.h"
#include "smtp/dialogue/secret_mask.h"
#include "smtp/dialogue/verdict.h"
#include "smtp/timeouts.h"

namespace postern::smtp {

/// `chunk`: a BDAT that is not the last one, and its octets. `content`: what ends the message, the
/// lone dot or the last BDAT with its octets.
enum class Command { mail, rcpt, data, chunk, content, rset, quit };

/// Gets the reply to a command it has sent; `recipient` is the value it passed with the command.
class ReplySink {
 public:
  virtual void on_reply(Command command, std::size_t recipient, const Reply& reply,
                        TimePoint now) = 0;

 protected:
  ~ReplySink() = default;
};

class Dialogue {
 public:
  /// Octets of commands that may await their replies at once: large enough for a usual message's
  /// MAIL, RCPT and DATA in one flight, small enough that no server must hold many replies.
  static constexpr std::size_t window = std::size_t{16} * 1024;

  /// `host` is "name[address]", for outcomes.
  Dialogue(Capabilities server, std::string host, const Timeouts& timeouts)
      : server_(std::move(server)), host_(std::move(host)), timeouts_(timeouts) {}

  [[nodiscard]] const Capabilities& server() const { return server_; }
  [[nodiscard]] const std::string& host() const { return host_; }

  /// The transcript before the dialogue began, and its secrets: they are masked in every reply that
  /// repeats them.
  void opened_with(std::vector<std::string> transcript, SecretMask mask) {
    opening_ = std::move(transcript);
    mask_ = std::move(mask);
  }
  [[nodiscard]] const std::vector<std::string>& opening() const { return opening_; }

  // For transactions.

  /// Whether one more command may be given now.
  [[nodiscard]] bool window_open() const;
  /// `line` with its CRLF. The sink must exist until the reply has come or the dialogue has ended.
  void send(Command command, std::string_view line, ReplySink& sink, TimePoint now,
            std::size_t recipient = 0);
  /// After a 354: the octets of the content, as they are sent, then its end. If the server answers
  /// for each recipient (LMTP), `recipient` is the first of them and `others` the rest.
  void begin_content(ReplySink& sink, TimePoint now, std::size_t recipient = 0);
  void content(std::string_view octets, TimePoint now) {
    content_by([octets](std::string& output) { output.append(octets); }, now);
  }
  /// The same, appended to a string by `write`, which saves a copy.
  template <typename Write>
  void content_by(const Write& write, TimePoint now) {
    make_room(now);
    const std::size_t before = output_.size();
    write(output_);
    queued_ += output_.size() - before;
  }
  void end_content(std::span<const std::size_t> others = {});
  /// BDAT: the line with its CRLF and the octets it announces; `command` is chunk or content.
  void send_chunk(Command command, std::string_view line, std::string_view octets, ReplySink& sink,
                  TimePoint now);
  /// All octets so far: the next ones begin here.
  [[nodiscard]] std::uint64_t position() const { return queued_; }
  /// Whether all octets before the position have left.
  [[nodiscard]] bool has_left(std::uint64_t position) const { return position <= sent_; }
  /// The command whose reply is due next carries content and has not left completely.
  [[nodiscard]] bool sending_content() const;
  /// No reply is awaited.
  [[nodiscard]] bool is_idle() const { return in_flight_.empty(); }
  /// Whether the server has sent octets after the reply that is being handled.
  [[nodiscard]] bool unread() const { return unread_; }
  /// Ends the dialogue; a second end does not change the reason.
  void abort(Loss loss);
  [[nodiscard]] const std::optional<Loss>& loss() const { return loss_; }
  /// Nothing is being sent or awaited, and no unexpected octets were received.
  [[nodiscard]] bool is_in_sync() const {
    return !loss_ && in_flight_.empty() && output().empty() && !parser_.within_reply();
  }

  // For the link.

  [[nodiscard]] std::string_view output() const;
  /// That many octets of the output have left.
  void sent(std::size_t octets, TimePoint now);
  void receive(std::string_view octets, TimePoint now);
  /// When the awaited reply, or the content, times out; nullopt if nothing is awaited.
  [[nodiscard]] std::optional<SteadyTime> deadline() const;
  /// Ends the dialogue because the deadline has passed.
  void expire();
  /// Ends the dialogue because the connection is gone.
  void disconnected(std::string_view why);

 private:
  struct Expectation {
    Command command;
    std::size_t recipient;
    ReplySink* sink;
    std::uint64_t end;     ///< position after the command's last octet
    std::uint64_t octets;  ///< that count against the window
  };

  void append(std::string_view octets, TimePoint now) { content(octets, now); }
  void make_room(TimePoint now);
  void push(Expectation expectation, TimePoint now);
  void handle_reply(const Reply& reply, TimePoint now);
  void out_of_sync(std::string why);
  void begin_waiting(TimePoint now);
  [[nodiscard]] std::chrono::milliseconds timeout(Command command) const;
  /// "while RCPT awaited its reply"
  [[nodiscard]] std::string where() const;

  Capabilities server_;
  std::string host_;
  Timeouts timeouts_;
  std::vector<std::string> opening_;
  SecretMask mask_;
  ReplyParser parser_;
  std::deque<Expectation> in_flight_;
  std::uint64_t window_used_ = 0;
  std::string output_;
  std::size_t output_start_ = 0;
  std::uint64_t queued_ = 0;          ///< position: octets ever put into the output
  std::uint64_t sent_ = 0;            ///< position: octets of them that have left
  SteadyTime since_{};                ///< since when the reply in front is awaited
  SteadyTime front_since_{};          ///< since when what is in front has been there
  std::uint64_t front_position_ = 0;  ///< what had left then
  SteadyTime progress_{};             ///< when octets last left, or could have first
  bool unread_ = false;
  std::optional<Loss> loss_;
};

}  // namespace postern::smtp
