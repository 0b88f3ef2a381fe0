// One mail transaction: MAIL, RCPT for each of some recipients, DATA and the content (RFC 5321
// §3.3), and what its replies mean for those recipients (smtp-transactions.md §2).
//
// Speaks into a Dialogue, as much at once as its window takes. Verdicts stay provisional until the
// transaction ends, because a reply too many or too few makes it doubtful whose each of them was.
// Ends with every recipient either settled or postponed to a further transaction.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "smtp/command.h"
#include "smtp/dialogue.h"
#include "smtp/dot_stuffing.h"
#include "smtp/envelope.h"
#include "smtp/ledger.h"

namespace postern::smtp {

/// What is offered in a transaction; all of it outlives the transaction.
struct Offer {
  const Envelope& envelope;
  const MessageFacts& message;
  std::vector<std::size_t> recipients;  ///< indices into the envelope; at least one
  bool smtputf8 = false;                ///< an address or the headers need it
  ParameterSet without;                 ///< parameters that were refused before
};

class Transaction final : public ReplySink {
 public:
  Transaction(Dialogue& dialogue, Offer offer) : dialogue_(dialogue), offer_(std::move(offer)) {
    for (const std::size_t index : offer_.recipients) recipients_.push_back({index, {}, {}, {}});
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Says what can be said now and draws the consequences of a loss. To be called at the start and
  /// whenever the dialogue has moved.
  void advance(Moment now);
  /// The next octets of the message are wanted, or its end.
  [[nodiscard]] bool wants_content() const;
  void content(std::string_view block, Moment now);
  void end_content(Moment now);
  /// The content's end has left: whatever happens now, it may have been delivered.
  [[nodiscard]] bool content_sent() const { return in_content_ && dialogue_.content_sent(); }

  [[nodiscard]] bool finished() const { return finished_; }
  // Once finished:
  /// Hands the verdicts over; the recipients left open are postponed.
  void settle(Ledger& ledger);
  /// At least one recipient was accepted and the server has not said "later": the postponed ones
  /// may be offered at once.
  [[nodiscard]] bool may_continue() const { return may_continue_; }
  [[nodiscard]] const ParameterSet& refused() const { return refused_; }
  /// MAIL was not answered, or with 421: on a connection used before, nobody is to be charged.
  [[nodiscard]] bool turned_away() const { return turned_away_; }
  /// Set when 530 was answered.
  [[nodiscard]] const std::optional<Outcome>& not_authorised() const { return not_authorised_; }
  [[nodiscard]] std::size_t accepted() const { return accepted_; }
  /// The server takes no more recipients in one transaction than were accepted.
  [[nodiscard]] bool limit_reached() const { return limit_reached_; }

  void on_reply(Command command, std::size_t recipient, const Reply& reply, Moment now) override;

 private:
  enum class State { unsaid, said, accepted, settled, postponed };
  struct Recipient {
    std::size_t index;
    State state;
    std::optional<Outcome> outcome;
    ParameterSet parameters;
  };

  bool say_next(Moment now);
  void say(Command command, std::string_view line, Moment now, std::size_t recipient = 0);
  void on_mail(const Reply& reply, Moment now);
  void on_rcpt(Recipient& recipient, const Reply& reply, Moment now);
  void on_data(const Reply& reply, Moment now);
  void on_content(const Reply& reply, Moment now);
  void on_closing(Stage stage, const Reply& reply, Moment now);
  void on_loss(Moment now);
  void out_of_step(Stage stage, const Reply& reply);
  void settle_recipient(Recipient& recipient, const Outcome& outcome);
  /// Gives the outcome to all whose own reply did not settle them, postponed ones too.
  void settle_rest(const Outcome& outcome);
  void settle_accepted(const Outcome& outcome);
  void finish() { finished_ = true; }
  [[nodiscard]] Stage stage() const;
  [[nodiscard]] bool any(State state) const;

  Dialogue& dialogue_;
  Offer offer_;
  std::vector<Recipient> recipients_;
  ParameterSet mail_parameters_;
  DotStuffing stuffing_;
  std::string stuffed_;

  std::size_t outstanding_ = 0;
  std::size_t next_ = 0;  ///< the recipient to be said next
  bool mail_said_ = false;
  bool mail_answered_ = false;
  bool mail_accepted_ = false;
  bool data_said_ = false;
  bool in_content_ = false;
  bool content_ended_ = false;
  bool reset_said_ = false;
  bool limit_reached_ = false;  ///< no more recipients in this transaction
  bool finished_ = false;

  std::size_t accepted_ = 0;
  std::optional<Outcome> postponed_;  ///< for the postponed ones if they may not go on at once
  bool may_continue_ = false;
  bool turned_away_ = false;
  ParameterSet refused_;
  std::optional<Outcome> not_authorised_;
};

}  // namespace postern::smtp
