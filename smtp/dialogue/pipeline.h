// The messages under way on one dialogue: one after the other, or the next begun while the verdict
// on the last is awaited, as far as the server and the client's Modes allow (RFC 2920 §3.1,
// RFC 3030; smtp-transactions.md §3).
//
// After DATA, a message's MAIL, RCPT and DATA follow the content of the one before. In chunks,
// whole messages follow, up to Modes::overlap, once the servers have shown that BDAT works there.
// Only the last message may have commands left to send, so that two never send at once. No
// sockets, no clock.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "smtp/client.h"
#include "smtp/dialogue/dialogue.h"
#include "smtp/dialogue/message_transfer.h"

namespace postern::smtp {

class Pipeline {
 public:
  /// `next` returns a message that waits for a dialogue, or nullptr. `left` is called for each
  /// message that leaves the pipeline: finished, or waiting for another dialogue because this one
  /// is lost. All three references must outlive the pipeline.
  Pipeline(Dialogue& dialogue, const Modes& modes, ServerMemory& memory,
           std::function<MessageTransfer*()> next, std::function<void(MessageTransfer&)> left)
      : dialogue_(dialogue),
        modes_(modes),
        memory_(memory),
        next_(std::move(next)),
        left_(std::move(left)) {}

  /// To be called whenever the dialogue has moved, a message waits, or one was stopped. Call
  /// `notify` after it.
  void advance(TimePoint now);
  /// Calls `left` for the finished messages: only once the next commands are sent, because the
  /// server works on those meanwhile.
  void notify();
  [[nodiscard]] bool empty() const { return running_.empty() && again_.empty(); }
  /// No further message can be begun: the dialogue is lost, or the server takes no more messages in
  /// one session (RFC 9422 MAILMAX).
  [[nodiscard]] bool is_exhausted() const;
  /// The dialogue has sent messages before the pipeline began.
  void mark_used() { used_ = true; }
  /// A message has something to do besides waiting: `advance` is to be called again soon.
  [[nodiscard]] bool busy() const { return !running_.empty() && running_.back()->busy(); }
  /// One more message could be begun now.
  [[nodiscard]] bool has_room() const;

 private:
  bool admit(TimePoint now);
  void retire();

  Dialogue& dialogue_;
  const Modes& modes_;
  ServerMemory& memory_;
  std::function<MessageTransfer*()> next_;
  std::function<void(MessageTransfer&)> left_;
  std::deque<MessageTransfer*> running_;
  std::deque<MessageTransfer*> again_;  ///< wait for a further transaction here
  std::vector<MessageTransfer*> finished_;
  bool used_ = false;
  std::uint64_t begun_ = 0;  ///< transactions
};

}  // namespace postern::smtp
