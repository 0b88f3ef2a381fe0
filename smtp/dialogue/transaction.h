// One mail transaction: MAIL, RCPT for each of some recipients, and the content after DATA or in
// chunks (RFC 5321 §3.3, RFC 3030, RFC 2033), and what its replies mean for those recipients
// (smtp-transactions.md §2).
//
// Sends into a Dialogue, as much at once as its window takes. Verdicts stay provisional until the
// transaction ends, because after one reply too many or too few it is doubtful which command each
// of them answered. Ends with every recipient either settled or postponed to a further transaction.
//
// Chunks are in one flight with MAIL and RCPT: if the connection is lost then, recipients that the
// server may have accepted with their message are `unknown`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "smtp/content/dot_stuffing.h"
#include "smtp/dialogue/command.h"
#include "smtp/dialogue/dialogue.h"
#include "smtp/dialogue/recipient_outcomes.h"
#include "smtp/dialogue/refusal.h"
#include "smtp/dialogue/transcript.h"
#include "smtp/envelope.h"

namespace postern::smtp {

/// What is offered in a transaction; all of it must outlive the transaction.
struct Offer {
  const Envelope& envelope;
  const MessageFacts& message;
  std::vector<std::size_t> recipients;  ///< indices into the envelope; at least one
  bool smtputf8 = false;                ///< an address or the headers need it
  ParameterSet without;                 ///< parameters that were refused before
  bool limited = false;  ///< they are fewer than are open, since the server took no more
  /// Earlier transactions are in flight without their verdicts: if one of them fails, the server
  /// would add this one's recipients to it, so RSET is sent first.
  bool reset_first = false;
  Transcript* transcript = nullptr;  ///< records the dialogue, unless null
};

class Transaction final : public ReplySink {
 public:
  Transaction(Dialogue& dialogue, Offer offer);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Sends what can be sent now, or settles the recipients after a loss. To be called at the start
  /// and whenever the dialogue has moved.
  void advance(TimePoint now);
  /// The next octets of the message are needed, or its end.
  [[nodiscard]] bool wants_content() const;
  /// `last`: this is the last block, which may be empty.
  void content(std::string_view block, bool last, TimePoint now);
  /// The source has failed or the delivery was stopped: all unsettled recipients are to be tried
  /// again. Keeps the dialogue if the protocol can cancel the message.
  void abandon(const Loss& loss, TimePoint now);
  /// Everything was sent, the content's end included: another transaction may begin after it.
  [[nodiscard]] bool has_sent_everything() const { return content_end_.has_value(); }

  [[nodiscard]] bool finished() const { return finished_; }
  // Once finished:
  /// Passes the outcomes on; the recipients left open are postponed.
  void settle(RecipientOutcomes& outcomes);
  /// That of the first recipient; of a transaction that was turned away, everybody's.
  [[nodiscard]] const Outcome& first_outcome() const { return recipients_.front().outcome.value(); }
  /// The parameters that the server refused: a further transaction goes without them.
  [[nodiscard]] const ParameterSet& refused() const { return refused_; }
  /// The connection was closed, or closing, before the server answered MAIL: if it was a reused
  /// one, the transaction does not count as an attempt.
  [[nodiscard]] bool turned_away() const { return turned_away_; }
  /// BDAT was refused as an unknown command.
  [[nodiscard]] bool chunking_refused() const { return chunking_refused_; }
  /// The message was taken in chunks.
  [[nodiscard]] bool chunking_worked() const { return taken_; }
  /// A refusal that is about us.
  struct RefusalOfUs {
    RefusalSubject subject;
    Outcome outcome;
  };
  [[nodiscard]] const RefusalOfUs* refusal_of_us() const { return refusal_of_us_.get(); }
  /// The server has lost commands that were sent together, or refused them for that.
  [[nodiscard]] bool flight_refused() const { return flight_refused_; }
  /// Commands were sent together, and replies to them are missing or cannot be told apart.
  [[nodiscard]] bool flight_is_doubtful() const { return flight_is_doubtful_; }
  /// Commands were sent together, and the connection was lost before they were all answered.
  [[nodiscard]] bool flight_lost() const { return flight_lost_; }
  [[nodiscard]] std::size_t accepted() const { return accepted_; }
  /// How many recipients a further transaction may have, if this one had too many.
  struct RecipientLimit {
    enum class Sign {
      surplus_refused,  ///< the others were taken: it costs nothing to try more
      all_refused,      ///< the others were refused with the surplus
      session_lost,     ///< which may have had another reason
    };
    std::size_t most;
    Sign sign;
  };
  [[nodiscard]] const std::optional<RecipientLimit>& recipient_limit() const { return limit_; }

  void on_reply(Command command, std::size_t recipient, const Reply& reply, TimePoint now) override;

 private:
  enum class State { unsent, sent, accepted, settled, postponed };
  struct RecipientEntry {
    std::size_t index;
    State state;
    std::optional<Outcome> outcome;
    ParameterSet parameters;
  };

  [[nodiscard]] std::optional<Command> next_command() const;
  void send(Command command, TimePoint now);
  void send_line(Command command, std::string_view line, TimePoint now, std::size_t recipient = 0);
  void send_rcpt(TimePoint now);
  void send_chunk(std::string_view octets, bool last, TimePoint now);
  void end_content();
  void on_mail(const Reply& reply, TimePoint now);
  void on_mail_refused(const Reply& reply, TimePoint now);
  void on_rcpt(RecipientEntry& recipient, const Reply& reply, TimePoint now);
  void on_rcpt_refused(RecipientEntry& recipient, const Reply& reply, TimePoint now);
  [[nodiscard]] std::unique_ptr<Outcome> retry_later(Stage stage, const Reply& reply,
                                                     TimePoint now) const;
  void on_data(const Reply& reply, TimePoint now);
  void on_content(std::size_t recipient, const Reply& reply, TimePoint now);
  /// A refusal of the content or of the command before it.
  void on_message_refused(Stage stage, const Reply& reply, TimePoint now);
  [[nodiscard]] RefusalSubject subject_of_refusal(Stage stage, const Reply& reply) const;
  void refuse_us(RefusalSubject subject, Stage stage, const Reply& reply, TimePoint now);
  void refuse_flight(Stage stage, const Reply& reply, TimePoint now);
  /// All that were accepted go on in a further transaction.
  void postpone_accepted(Stage stage, const Reply& reply, TimePoint now);
  /// All that were accepted go on in smaller transactions.
  void refuse_count(Stage stage, const Reply& reply, TimePoint now);
  /// The session was ended for too many recipients; false if it was not.
  bool close_for_count(const Reply& reply, TimePoint now);
  /// The session ended while recipients were offered: perhaps they were too many.
  void suspect_count();
  void suspect_flight(const Loss& loss);
  void on_chunk(const Reply& reply, TimePoint now);
  void on_last_chunk(const Reply& reply, TimePoint now);
  void on_reset(const Reply& reply);
  void on_closing(Stage stage, const Reply& reply, TimePoint now);
  void on_loss(TimePoint now);
  [[nodiscard]] bool doubtful(const Loss& loss) const;
  void out_of_sync(Stage stage, const Reply& reply);
  /// The server has refused content that is still being sent; the dialogue cannot be used further.
  void refuse_early(const Reply& reply, TimePoint now);
  void refuse_chunking(const Reply& reply, TimePoint now);
  void settle_recipient(RecipientEntry& recipient, const Outcome& outcome);
  /// Gives the outcome to all recipients that their own reply did not settle, postponed ones too.
  void settle_rest(const Outcome& outcome);
  void settle_accepted(const Outcome& outcome);
  void finish() { finished_ = true; }
  [[nodiscard]] Stage stage() const;
  [[nodiscard]] std::size_t first(State state) const;
  [[nodiscard]] bool any(State state) const;
  [[nodiscard]] bool content_has_left() const {
    return content_end_ && dialogue_.has_left(*content_end_);
  }

  Dialogue& dialogue_;
  Offer offer_;
  bool chunked_;
  std::vector<RecipientEntry> recipients_;
  ParameterSet mail_parameters_;
  DotStuffing stuffing_;

  std::size_t outstanding_ = 0;
  std::size_t next_ = 0;  ///< the next recipient to be sent
  bool reset_first_sent_ = false;
  bool mail_sent_ = false;
  bool mail_answered_ = false;
  bool mail_accepted_ = false;
  bool data_sent_ = false;
  bool in_content_ = false;                   ///< 354 was answered
  std::uint64_t content_octets_ = 0;          ///< of the content, as it is sent
  std::optional<std::uint64_t> content_end_;  ///< position after the content's end, once given
  std::unique_ptr<Reply> chunk_refusal_;      ///< of a chunk that was not the last
  bool answered_ = false;                     ///< the last chunk was
  bool taken_ = false;                        ///< the server has accepted the message
  bool abandoned_ = false;
  bool reset_sent_ = false;
  bool limit_reached_ = false;  ///< no more recipients in this transaction
  std::optional<RecipientLimit> limit_;
  bool finished_ = false;

  std::size_t accepted_ = 0;
  std::unique_ptr<Outcome> postponed_;  ///< for the postponed ones if they may not go on at once
  bool may_continue_ = false;
  bool turned_away_ = false;
  bool chunking_refused_ = false;
  ParameterSet refused_;
  bool flight_refused_ = false;
  bool flight_is_doubtful_ = false;
  bool flight_lost_ = false;
  std::unique_ptr<RefusalOfUs> refusal_of_us_;
};

}  // namespace postern::smtp
