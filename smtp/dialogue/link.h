// A link: one open SMTP connection, its stream and its dialogue, and the loop that moves octets
// between them until it would have to wait.
//
// Reads before it writes and goes on reading while a write is blocked, so that small windows cannot
// deadlock the two sides (RFC 2920 §3.1). After a failed write it still reads: the server's last
// reply before it closed tells why.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "smtp/dialogue/dialogue.h"
#include "smtp/dialogue/pipeline.h"
#include "smtp/io/stream.h"

namespace postern::smtp {

class Link : private ReplySink {
 public:
  /// What to wait for before the next call: readable octets, and what is set here.
  struct Wait {
    bool at_once = false;  ///< nothing: let other links run, then call again
    bool writable = false;
    std::optional<SteadyTime> deadline;
    bool moved = false;  ///< octets were sent or received in this call
  };

  Link(std::unique_ptr<Stream> stream, Capabilities server, std::string host,
       const Timeouts& timeouts)
      : stream_(std::move(stream)), dialogue_(std::move(server), std::move(host), timeouts) {}

  [[nodiscard]] Dialogue& dialogue() { return dialogue_; }
  [[nodiscard]] Stream& stream() { return *stream_; }

  /// Sends the messages of a pipeline, which uses this link's dialogue. To be called again after
  /// the wait until the pipeline is empty.
  Wait run(Pipeline& pipeline, TimePoint now);

  /// Whether a message may be begun: the dialogue is in sync, and the server has neither sent
  /// anything nor closed. Reads what is there.
  bool ready(TimePoint now);

  /// Sends RSET or QUIT outside of a message. Call answer_wait after it until it returns nullopt.
  void send_alone(Command command, TimePoint now);
  std::optional<Wait> answer_wait(TimePoint now);
  /// The reply to it; nullopt if the dialogue has ended without one.
  [[nodiscard]] const std::optional<Reply>& answer() const { return answer_; }

 private:
  bool read(TimePoint now);
  bool write(TimePoint now);
  /// Once no more octets move: ends the dialogue if its deadline has passed, else says what to wait
  /// for.
  Wait next_wait(TimePoint now);
  void on_reply(Command command, std::size_t recipient, const Reply& reply, TimePoint now) override;

  std::unique_ptr<Stream> stream_;
  Dialogue dialogue_;
  bool read_drained_ = false;  ///< the last read took all there was
  bool write_failed_ = false;
  std::optional<Reply> answer_;
};

}  // namespace postern::smtp
