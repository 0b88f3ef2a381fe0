// A link: one open SMTP connection, its stream and its dialogue, and the loop that moves octets
// between them as far as they go without waiting.
//
// Reads before it writes and goes on reading while a write is blocked, so that neither side can
// stop the other by small windows (RFC 2920 §3.1). After a failed write it still reads: what the
// server said before it closed is its answer.
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
  /// What is to be waited for before the next call.
  struct Wait {
    bool at_once = false;  ///< nothing: others should have a turn, then call again
    bool writable = false;
    std::optional<SteadyTime> deadline;
    bool moved = false;  ///< octets were sent or received in this call
  };

  Link(std::unique_ptr<Stream> stream, Capabilities server, std::string host,
       const Timeouts& timeouts)
      : stream_(std::move(stream)), dialogue_(std::move(server), std::move(host), timeouts) {}

  [[nodiscard]] Dialogue& dialogue() { return dialogue_; }
  [[nodiscard]] Stream& stream() { return *stream_; }

  /// Carries the messages of a pipeline on, which speaks into this link's dialogue. Call again
  /// after the wait as long as the pipeline is not empty.
  Wait run(Pipeline& pipeline, TimePoint now);

  /// Whether a message may be begun: the dialogue is in step and the server has said and closed
  /// nothing. Reads what is there.
  bool ready(TimePoint now);

  /// Takes leave. Call quit_wait after it until it gives nothing.
  void send_quit(TimePoint now);
  std::optional<Wait> quit_wait(TimePoint now);

 private:
  bool read(TimePoint now);
  bool write(TimePoint now);
  /// Once nothing moves: draws the consequence of a deadline that has passed, or says what to wait
  /// for.
  Wait next_wait(TimePoint now);
  void on_reply(Command command, std::size_t recipient, const Reply& reply, TimePoint now) override;

  std::unique_ptr<Stream> stream_;
  Dialogue dialogue_;
  bool read_drained_ = false;  ///< the last read took all there was
  bool write_failed_ = false;
  bool quit_answered_ = false;
};

}  // namespace postern::smtp
