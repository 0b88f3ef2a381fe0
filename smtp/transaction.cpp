#include "smtp/transaction.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

namespace postern::smtp {
namespace {

Stage stage_of(Command command) {
  switch (command) {
    case Command::mail:
      return Stage::mail;
    case Command::rcpt:
      return Stage::rcpt;
    case Command::data:
      return Stage::data;
    default:
      return Stage::end;
  }
}

}  // namespace

void Transaction::advance(Moment now) {
  if (finished_) return;
  if (dialogue_.loss()) return on_loss(now);
  while (dialogue_.window_open() && say_next(now)) {
  }
  if (outstanding_ == 0) finish();
}

bool Transaction::say_next(Moment now) {
  if (!mail_said_) {
    mail_said_ = true;
    const CommandLine line = mail_command(offer_.envelope, offer_.message, offer_.smtputf8,
                                          dialogue_.server(), offer_.without);
    mail_parameters_ = line.parameters;
    say(Command::mail, line.octets, now);
    return true;
  }
  if (mail_answered_ && !mail_accepted_) return false;
  if (next_ < recipients_.size() && !limit_reached_) {
    Recipient& recipient = recipients_[next_];
    const CommandLine line = rcpt_command(offer_.envelope.recipients[recipient.index],
                                          dialogue_.server(), offer_.without);
    recipient.parameters = line.parameters;
    recipient.state = State::said;
    say(Command::rcpt, line.octets, now, next_++);
    return true;
  }
  if (!data_said_ && (any(State::said) || any(State::accepted))) {
    data_said_ = true;
    say(Command::data, "DATA\r\n", now);
    return true;
  }
  // A transaction that ended without content is still open at the server.
  if (outstanding_ == 0 && mail_accepted_ && !in_content_ && !reset_said_) {
    reset_said_ = true;
    say(Command::rset, "RSET\r\n", now);
    return true;
  }
  return false;
}

void Transaction::say(Command command, std::string_view line, Moment now, std::size_t recipient) {
  ++outstanding_;
  dialogue_.say(command, line, *this, now, recipient);
}

bool Transaction::wants_content() const {
  return in_content_ && !content_ended_ && !finished_ && !dialogue_.loss();
}

void Transaction::content(std::string_view block, Moment now) {
  stuffed_.clear();
  stuffing_.write(block, stuffed_);
  dialogue_.content(stuffed_, now);
}

void Transaction::end_content(Moment now) {
  stuffed_.clear();
  stuffing_.finish(stuffed_);
  dialogue_.content(stuffed_, now);
  dialogue_.end_content();
  content_ended_ = true;
}

void Transaction::on_reply(Command command, std::size_t recipient, const Reply& reply, Moment now) {
  --outstanding_;
  const Stage stage = stage_of(command);
  if (finished_) return;
  if (meaning_of(stage, reply) == Meaning::closing) return on_closing(stage, reply, now);
  switch (command) {
    case Command::mail:
      return on_mail(reply, now);
    case Command::rcpt:
      return on_rcpt(recipients_.at(recipient), reply, now);
    case Command::data:
      return on_data(reply, now);
    case Command::content:
      return on_content(reply, now);
    case Command::rset:
      // A server that cannot even forget is not spoken to again; the verdicts stand.
      if (meaning_of(stage, reply) != Meaning::accepted) out_of_step(stage, reply);
      return finish();
    case Command::quit:
      std::abort();
  }
}

void Transaction::on_mail(const Reply& reply, Moment now) {
  mail_answered_ = true;
  switch (meaning_of(Stage::mail, reply)) {
    case Meaning::accepted:
      mail_accepted_ = true;
      return;
    case Meaning::refused:
      refused_ = refused_parameters(reply, mail_parameters_);
      may_continue_ = !refused_.empty();
      if (refused_.empty())
        return settle_rest(outcome_of(Stage::mail, reply, dialogue_.host(), now));
      for (Recipient& recipient : recipients_) recipient.state = State::postponed;
      return;
    case Meaning::not_authorised:
      not_authorised_ = retry_outcome_of(Stage::mail, reply, dialogue_.host(), now);
      return settle_rest(*not_authorised_);
    default:
      return out_of_step(Stage::mail, reply);
  }
}

void Transaction::on_rcpt(Recipient& recipient, const Reply& reply, Moment now) {
  if (!mail_accepted_) return;  // MAIL's reply has settled it
  switch (meaning_of(Stage::rcpt, reply)) {
    case Meaning::accepted:
      recipient.state = State::accepted;
      ++accepted_;
      return;
    case Meaning::refused: {
      const ParameterSet named = refused_parameters(reply, recipient.parameters);
      refused_ |= named;
      const bool too_many = accepted_ > 0 && is_too_many_recipients(reply);
      limit_reached_ = limit_reached_ || too_many;
      if (too_many || !named.empty()) {
        recipient.state = State::postponed;
        postponed_ = retry_outcome_of(Stage::rcpt, reply, dialogue_.host(), now);
        may_continue_ = true;
        return;
      }
      return settle_recipient(recipient, outcome_of(Stage::rcpt, reply, dialogue_.host(), now));
    }
    case Meaning::not_authorised:
      not_authorised_ = retry_outcome_of(Stage::rcpt, reply, dialogue_.host(), now);
      return settle_recipient(recipient, *not_authorised_);
    default:
      return out_of_step(Stage::rcpt, reply);
  }
}

void Transaction::on_data(const Reply& reply, Moment now) {
  const Meaning meaning = meaning_of(Stage::data, reply);
  if (!any(State::accepted)) {
    if (meaning != Meaning::send_content) return;
    // A lone dot would deliver an empty message on some servers and hangs others.
    finish();
    return dialogue_.break_off({Loss::Cause::out_of_step,
                                "the server asked for the content although it refused everyone"});
  }
  switch (meaning) {
    case Meaning::send_content:
      if (dialogue_.unread()) return out_of_step(Stage::data, reply);
      in_content_ = true;
      ++outstanding_;
      return dialogue_.begin_content(*this, now);
    case Meaning::refused:
      return settle_accepted(outcome_of(Stage::data, reply, dialogue_.host(), now));
    case Meaning::not_authorised:
      not_authorised_ = retry_outcome_of(Stage::data, reply, dialogue_.host(), now);
      return settle_accepted(*not_authorised_);
    default:
      return out_of_step(Stage::data, reply);
  }
}

void Transaction::on_content(const Reply& reply, Moment now) {
  const bool early = !dialogue_.content_sent();
  const Meaning meaning = meaning_of(Stage::end, reply);
  const bool refused = meaning == Meaning::refused || meaning == Meaning::not_authorised;
  if (!refused && (early || meaning != Meaning::accepted)) return out_of_step(Stage::end, reply);
  const Stage stage = early ? Stage::content : Stage::end;
  const Outcome outcome = outcome_of(stage, reply, dialogue_.host(), now);
  settle_accepted(outcome);
  finish();  // whatever comes behind it is no business of this transaction's
  if (!early) return;
  // The server no longer wants what is still being sent; there is no way back into step.
  may_continue_ = false;
  dialogue_.break_off({Loss::Cause::closed, "the content was refused before its end"});
}

void Transaction::on_closing(Stage stage, const Reply& reply, Moment now) {
  turned_away_ = stage == Stage::mail;
  const Stage said = in_content_ && !dialogue_.content_sent() ? Stage::content : stage;
  settle_rest(retry_outcome_of(said, reply, dialogue_.host(), now));
  finish();
  dialogue_.break_off({Loss::Cause::closed, "the server ended the session: " + reply.text});
}

void Transaction::on_loss(Moment now) {
  const Loss& loss = *dialogue_.loss();
  const bool sent = content_sent();
  turned_away_ = !mail_answered_ && loss.cause == Loss::Cause::closed;
  // A reply too many, or one too few among several awaited: whose each of them was is not known.
  const bool doubtful = (loss.cause == Loss::Cause::out_of_step && !sent) ||
                        (loss.cause == Loss::Cause::timed_out && !in_content_ && !reset_said_ &&
                         dialogue_.server().pipelining);
  const Stage lost_at = stage();
  for (Recipient& recipient : recipients_) {
    if (doubtful && recipient.state == State::settled) recipient.state = State::said;
  }
  if (sent) settle_accepted(outcome_of(loss, Verdict::unknown, Stage::end, dialogue_.host(), now));
  settle_rest(outcome_of(loss, Verdict::retry, lost_at, dialogue_.host(), now));
  finish();
}

void Transaction::out_of_step(Stage stage, const Reply& reply) {
  dialogue_.break_off({Loss::Cause::out_of_step,
                       fmt::format("{} answered {} with {} {}, which is no answer to it",
                                   dialogue_.host(), name(stage), reply.code, reply.text)});
}

void Transaction::settle_recipient(Recipient& recipient, const Outcome& outcome) {
  recipient.state = State::settled;
  recipient.outcome = outcome;
}

void Transaction::settle_rest(const Outcome& outcome) {
  may_continue_ = false;
  for (Recipient& recipient : recipients_) {
    if (recipient.state != State::settled) settle_recipient(recipient, outcome);
  }
}

void Transaction::settle_accepted(const Outcome& outcome) {
  if (outcome.verdict == Verdict::retry) may_continue_ = false;
  for (Recipient& recipient : recipients_) {
    if (recipient.state == State::accepted) settle_recipient(recipient, outcome);
  }
}

void Transaction::settle(Ledger& ledger) {
  for (Recipient& recipient : recipients_) {
    if (recipient.state == State::settled) {
      ledger.settle(recipient.index, std::move(*recipient.outcome));
    } else if (!may_continue_) {
      ledger.settle(recipient.index, postponed_.value());
    }
  }
}

Stage Transaction::stage() const {
  if (in_content_) return content_sent() ? Stage::end : Stage::content;
  if (!mail_answered_) return Stage::mail;
  return any(State::said) || !data_said_ ? Stage::rcpt : Stage::data;
}

bool Transaction::any(State state) const {
  return std::any_of(recipients_.begin(), recipients_.end(),
                     [state](const Recipient& recipient) { return recipient.state == state; });
}

}  // namespace postern::smtp
