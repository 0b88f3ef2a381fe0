#include "smtp/dialogue/transaction.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

namespace postern::smtp {
namespace {

/// What is sent before any RCPT was answered: a message up to this size goes in one flight, and of
/// a larger one no more than this is wasted on a server that refuses everyone.
constexpr std::uint64_t unconfirmed_octets = std::uint64_t{256} * 1024;

Stage stage_of(Command command) {
  switch (command) {
    case Command::mail:
      return Stage::mail;
    case Command::rcpt:
      return Stage::rcpt;
    case Command::data:
      return Stage::data;
    case Command::chunk:
      return Stage::content;
    default:
      return Stage::end;
  }
}

}  // namespace

Transaction::Transaction(Dialogue& dialogue, Offer offer)
    : dialogue_(dialogue),
      offer_(std::move(offer)),
      chunked_(dialogue.server().chunked()),
      stuffing_(chunked_ ? Dots::plain : Dots::stuffed) {
  recipients_.reserve(offer_.recipients.size());
  for (const std::size_t index : offer_.recipients) {
    recipients_.push_back({index, State::unsent, {}, {}});
  }
}

void Transaction::advance(TimePoint now) {
  if (finished_) return;
  if (dialogue_.loss()) return on_loss(now);
  if (answered_ && taken_) return finish();
  std::optional<Command> command = next_command();
  for (; command && dialogue_.window_open(); command = next_command()) send(*command, now);
  if (!command && outstanding_ == 0 && !wants_content()) finish();
}

std::optional<Command> Transaction::next_command() const {
  if (offer_.reset_first && !reset_first_sent_) return Command::rset;
  if (!mail_sent_) return abandoned_ ? std::nullopt : std::optional(Command::mail);
  const bool mail_refused = mail_answered_ && !mail_accepted_;
  if (!mail_refused && !abandoned_) {
    if (next_ < recipients_.size() && !limit_reached_) return Command::rcpt;
    if (!chunked_ && !data_sent_ && (any(State::sent) || any(State::accepted))) {
      return Command::data;
    }
  }
  // A transaction that ended without content is still open at the server.
  const bool open = mail_accepted_ && !in_content_ && !taken_ && !reset_sent_;
  if (open && outstanding_ == 0 && dialogue_.is_idle() && !wants_content()) return Command::rset;
  return std::nullopt;
}

void Transaction::send(Command command, TimePoint now) {
  switch (command) {
    case Command::mail: {
      const CommandLine line = mail_command(offer_.envelope, offer_.message, offer_.smtputf8,
                                            dialogue_.server(), offer_.without);
      mail_sent_ = true;
      mail_parameters_ = line.parameters;
      return send_line(command, line.octets, now);
    }
    case Command::rcpt:
      return send_rcpt(now);
    case Command::data:
      data_sent_ = true;
      return send_line(command, "DATA\r\n", now);
    default:
      (mail_sent_ ? reset_sent_ : reset_first_sent_) = true;
      return send_line(command, "RSET\r\n", now);
  }
}

void Transaction::send_rcpt(TimePoint now) {
  RecipientEntry& recipient = recipients_[next_];
  const CommandLine line =
      rcpt_command(offer_.envelope.recipients[recipient.index], dialogue_.server(), offer_.without);
  recipient.parameters = line.parameters;
  recipient.state = State::sent;
  send_line(Command::rcpt, line.octets, now, next_++);
}

void Transaction::send_line(Command command, std::string_view line, TimePoint now,
                            std::size_t recipient) {
  ++outstanding_;
  if (offer_.transcript != nullptr) offer_.transcript->client_said(line);
  dialogue_.send(command, line, *this, now, recipient);
}

bool Transaction::wants_content() const {
  if (content_end_ || finished_ || abandoned_ || dialogue_.loss()) return false;
  if (!chunked_) return in_content_;
  const bool mail_refused = mail_answered_ && !mail_accepted_;
  if (outstanding_ > 0 && !dialogue_.window_open()) return false;
  if (!mail_sent_ || mail_refused || (next_ < recipients_.size() && !limit_reached_)) return false;
  return any(State::accepted) || (any(State::sent) && content_octets_ < unconfirmed_octets);
}

void Transaction::content(std::string_view block, bool last, TimePoint now) {
  const auto write = [&](std::string& output) {
    const std::size_t before = output.size();
    stuffing_.write(block, output);
    if (last) stuffing_.finish(output);
    content_octets_ += output.size() - before;
  };
  if (chunked_) {
    thread_local std::string octets;  // empty between calls: all transactions share its room
    octets.clear();
    write(octets);
    if (!octets.empty() || last) send_chunk(octets, last, now);
  } else {
    dialogue_.content_by(write, now);
    if (last) end_content();
  }
  if (last) content_end_ = dialogue_.position();
}

void Transaction::send_chunk(std::string_view octets, bool last, TimePoint now) {
  ++outstanding_;
  const std::string line = "BDAT " + std::to_string(octets.size()) + (last ? " LAST\r\n" : "\r\n");
  if (offer_.transcript != nullptr) offer_.transcript->client_said(line);
  dialogue_.send_chunk(last ? Command::content : Command::chunk, line, octets, *this, now);
}

void Transaction::end_content() {
  if (offer_.transcript != nullptr) {
    offer_.transcript->client_said(fmt::format("({} octets of content)", content_octets_));
  }
  std::vector<std::size_t> others;
  if (dialogue_.server().lmtp) {
    for (std::size_t index = 0; index < recipients_.size(); ++index) {
      if (recipients_[index].state == State::accepted) others.push_back(index);
    }
    others.erase(others.begin());  // the first one's reply is awaited already
  }
  outstanding_ += others.size();
  dialogue_.end_content(others);
}

void Transaction::abandon(const Loss& loss, TimePoint now) {
  if (finished_) return;
  if (!chunked_ || content_end_) return dialogue_.abort(loss);
  settle_rest(outcome_of(loss, Verdict::retry, stage(), dialogue_.host(), now));
  abandoned_ = true;
}

void Transaction::on_reply(Command command, std::size_t recipient, const Reply& reply,
                           TimePoint now) {
  --outstanding_;
  if (offer_.transcript != nullptr) offer_.transcript->server_said(reply);
  if (finished_) return;
  const Stage stage = stage_of(command);
  if (meaning_of(stage, reply) == ReplyMeaning::closing) return on_closing(stage, reply, now);
  switch (command) {
    case Command::mail:
      return on_mail(reply, now);
    case Command::rcpt:
      return on_rcpt(recipients_.at(recipient), reply, now);
    case Command::data:
      return on_data(reply, now);
    case Command::chunk:
      return on_chunk(reply, now);
    case Command::content:
      return chunked_ ? on_last_chunk(reply, now) : on_content(recipient, reply, now);
    case Command::rset:
      return on_reset(reply);
    case Command::quit:
      std::abort();
  }
}

void Transaction::on_reset(const Reply& reply) {
  // A server that refuses RSET is not used any more; the outcomes stay.
  if (meaning_of(Stage::end, reply) != ReplyMeaning::accepted) out_of_sync(Stage::end, reply);
  if (reset_sent_) finish();
}

void Transaction::on_mail(const Reply& reply, TimePoint now) {
  mail_answered_ = true;
  switch (meaning_of(Stage::mail, reply)) {
    case ReplyMeaning::accepted:
      mail_accepted_ = true;
      return;
    case ReplyMeaning::refused:
      return on_mail_refused(reply, now);
    default:
      return out_of_sync(Stage::mail, reply);
  }
}

void Transaction::on_mail_refused(const Reply& reply, TimePoint now) {
  refused_ = refused_parameters(reply, mail_parameters_);
  if (!refused_.empty()) {
    may_continue_ = true;
    for (RecipientEntry& recipient : recipients_) recipient.state = State::postponed;
    return;
  }
  const RefusalSubject subject = subject_of_refusal(Stage::mail, reply);
  if (subject == RefusalSubject::flight) return refuse_flight(Stage::mail, reply, now);
  if (!is_about_us(subject)) {
    return settle_rest(outcome_of(Stage::mail, reply, dialogue_.host(), now));
  }
  refuse_us(subject, Stage::mail, reply, now);
  settle_rest(refusal_of_us_->outcome);
  if (subject != RefusalSubject::sequence) return;
  // What came before on the connection may be the reason.
  turned_away_ = true;
  dialogue_.abort({Loss::Cause::ended_by_server, "the server found MAIL out of sequence"});
}

RefusalSubject Transaction::subject_of_refusal(Stage stage, const Reply& reply) const {
  const auto open = [](const RecipientEntry& recipient) {
    return recipient.state == State::sent || recipient.state == State::accepted;
  };
  Before before;
  before.pipelined = dialogue_.server().pipelining && !in_content_;
  before.recipients =
      static_cast<std::size_t>(std::count_if(recipients_.begin(), recipients_.end(), open));
  before.accepted = accepted_;
  before.limit_reached = limit_reached_;
  return subject_of(stage, reply, before);
}

void Transaction::refuse_us(RefusalSubject subject, Stage stage, const Reply& reply,
                            TimePoint now) {
  refusal_of_us_ = std::make_unique<RefusalOfUs>(
      RefusalOfUs{subject, retry_outcome_of(stage, reply, dialogue_.host(), now)});
}

/// Which command was answered is not known any more: nothing was, and the content has not been
/// asked for.
void Transaction::refuse_flight(Stage stage, const Reply& reply, TimePoint now) {
  flight_refused_ = may_continue_ = true;
  postponed_ = retry_later(stage, reply, now);
  for (RecipientEntry& recipient : recipients_) {
    recipient.state = State::postponed;
    recipient.outcome.reset();
  }
  finish();
  dialogue_.abort({Loss::Cause::closed,
                   "the server lost commands that were sent together, which it had offered"});
}

void Transaction::refuse_count(Stage stage, const Reply& reply, TimePoint now) {
  const std::size_t half = std::max<std::size_t>(accepted_ / 2, 1);
  limit_ = {limit_reached_ ? accepted_ : half, RecipientLimit::Sign::all_refused};
  postpone_accepted(stage, reply, now);
}

void Transaction::postpone_accepted(Stage stage, const Reply& reply, TimePoint now) {
  may_continue_ = true;
  postponed_ = retry_later(stage, reply, now);
  for (RecipientEntry& recipient : recipients_) {
    if (recipient.state == State::accepted) recipient.state = State::postponed;
  }
}

bool Transaction::close_for_count(const Reply& reply, TimePoint now) {
  if (accepted_ == 0 || recipients_.size() < 2 || content_has_left()) return false;
  if (!says_too_many_recipients(reply)) return false;
  const bool all = accepted_ == recipients_.size();
  limit_ = {all ? accepted_ / 2 : accepted_, RecipientLimit::Sign::all_refused};
  postponed_ = retry_later(Stage::rcpt, reply, now);
  may_continue_ = true;
  for (RecipientEntry& recipient : recipients_) {
    if (recipient.state != State::settled) recipient.state = State::postponed;
  }
  return true;
}

void Transaction::suspect_count() {
  if (accepted_ == 0 || !any(State::sent) || content_has_left()) return;
  const std::size_t half = std::max(recipients_.size() / 2, accepted_);
  limit_ = {offer_.limited ? accepted_ : half, RecipientLimit::Sign::session_lost};
}

void Transaction::suspect_flight(const Loss& loss) {
  if (!dialogue_.server().pipelining || in_content_ || answered_ || reset_sent_) return;
  flight_is_doubtful_ =
      loss.cause == Loss::Cause::timed_out || loss.cause == Loss::Cause::out_of_sync;
  flight_lost_ = loss.cause == Loss::Cause::closed;
}

void Transaction::on_rcpt(RecipientEntry& recipient, const Reply& reply, TimePoint now) {
  if (!mail_accepted_ || recipient.state != State::sent) return;  // settled before this reply
  switch (meaning_of(Stage::rcpt, reply)) {
    case ReplyMeaning::accepted:
      recipient.state = State::accepted;
      ++accepted_;
      return;
    case ReplyMeaning::refused:
      return on_rcpt_refused(recipient, reply, now);
    default:
      return out_of_sync(Stage::rcpt, reply);
  }
}

void Transaction::on_rcpt_refused(RecipientEntry& recipient, const Reply& reply, TimePoint now) {
  const auto postpone = [&] {
    recipient.state = State::postponed;
    postponed_ = retry_later(Stage::rcpt, reply, now);
    may_continue_ = true;
  };
  const ParameterSet named = refused_parameters(reply, recipient.parameters);
  refused_ |= named;
  if (!named.empty()) return postpone();
  const RefusalSubject subject = subject_of_refusal(Stage::rcpt, reply);
  if (subject == RefusalSubject::flight) return refuse_flight(Stage::rcpt, reply, now);
  if (subject == RefusalSubject::recipient_count) {
    limit_reached_ = true;
    limit_ = {accepted_, RecipientLimit::Sign::surplus_refused};
    return postpone();
  }
  if (!is_about_us(subject)) {
    return settle_recipient(recipient, outcome_of(Stage::rcpt, reply, dialogue_.host(), now));
  }
  refuse_us(subject, Stage::rcpt, reply, now);
  settle_recipient(recipient, refusal_of_us_->outcome);
}

/// Outcomes that are seldom there are kept apart, so that a transaction stays small.
std::unique_ptr<Outcome> Transaction::retry_later(Stage stage, const Reply& reply,
                                                  TimePoint now) const {
  return std::make_unique<Outcome>(retry_outcome_of(stage, reply, dialogue_.host(), now));
}

void Transaction::on_data(const Reply& reply, TimePoint now) {
  const ReplyMeaning meaning = meaning_of(Stage::data, reply);
  if (!any(State::accepted)) {
    if (meaning != ReplyMeaning::send_content) return;
    // A lone dot would deliver an empty message on some servers and hangs others.
    finish();
    return dialogue_.abort({Loss::Cause::out_of_sync,
                            "the server asked for the content although it refused everyone"});
  }
  switch (meaning) {
    case ReplyMeaning::send_content:
      if (dialogue_.unread()) {
        return dialogue_.abort(
            {Loss::Cause::out_of_sync, dialogue_.host() + " said more behind its 354 before it had "
                                                          "any of the content"});
      }
      in_content_ = true;
      ++outstanding_;
      return dialogue_.begin_content(*this, now, first(State::accepted));
    case ReplyMeaning::refused:
      return on_message_refused(Stage::data, reply, now);
    default:
      return out_of_sync(Stage::data, reply);
  }
}

void Transaction::on_message_refused(Stage stage, const Reply& reply, TimePoint now) {
  const RefusalSubject subject = subject_of_refusal(stage, reply);
  if (subject == RefusalSubject::flight) return refuse_flight(stage, reply, now);
  if (subject == RefusalSubject::recipient_count) return refuse_count(stage, reply, now);
  if (!is_about_us(subject)) {
    return settle_accepted(outcome_of(stage, reply, dialogue_.host(), now));
  }
  refuse_us(subject, stage, reply, now);
  settle_accepted(refusal_of_us_->outcome);
}

void Transaction::on_content(std::size_t recipient, const Reply& reply, TimePoint now) {
  const ReplyMeaning meaning = meaning_of(Stage::end, reply);
  const bool refused = meaning == ReplyMeaning::refused;
  if (refused && dialogue_.sending_content()) return refuse_early(reply, now);
  if (dialogue_.sending_content() || (!refused && meaning != ReplyMeaning::accepted)) {
    return out_of_sync(Stage::end, reply);
  }
  if (dialogue_.server().lmtp) {
    const Outcome outcome = outcome_of(Stage::end, reply, dialogue_.host(), now);
    if (outcome.verdict == Verdict::retry) may_continue_ = false;
    settle_recipient(recipients_.at(recipient), outcome);
  } else if (refused) {
    on_message_refused(Stage::end, reply, now);
  } else {
    settle_accepted(outcome_of(Stage::end, reply, dialogue_.host(), now));
  }
  // Octets after the last reply do not belong to this transaction.
  if (!any(State::accepted)) finish();
}

void Transaction::on_chunk(const Reply& reply, TimePoint now) {
  const ReplyMeaning meaning = meaning_of(Stage::content, reply);
  if (!any(State::accepted)) {
    // No recipient is accepted, and 503 is expected; but a chunk that is still leaving must end
    // first.
    if (meaning == ReplyMeaning::out_of_sync || dialogue_.sending_content()) {
      out_of_sync(Stage::content, reply);
    }
    return;
  }
  if (meaning == ReplyMeaning::accepted && !dialogue_.sending_content()) return;
  if (meaning != ReplyMeaning::refused) {
    return out_of_sync(Stage::content, reply);
  }
  if (is_unknown_command(reply)) return refuse_chunking(reply, now);
  if (dialogue_.sending_content()) return refuse_early(reply, now);
  if (!chunk_refusal_) chunk_refusal_ = std::make_unique<Reply>(reply);
  if (!content_end_) on_message_refused(Stage::content, *chunk_refusal_, now);
}

void Transaction::on_last_chunk(const Reply& reply, TimePoint now) {
  const ReplyMeaning meaning = meaning_of(Stage::end, reply);
  const bool refused = meaning == ReplyMeaning::refused;
  const bool early = dialogue_.sending_content();
  if (!any(State::accepted)) {
    // As with a 354 without recipients: it is unknown what the server does with the content.
    if (!refused || early) {
      finish();
      return out_of_sync(Stage::end, reply);
    }
    answered_ = true;
    return;
  }
  if (refused && is_unknown_command(reply)) return refuse_chunking(reply, now);
  if (refused && early) return refuse_early(reply, now);
  if (early || (!refused && meaning != ReplyMeaning::accepted))
    return out_of_sync(Stage::end, reply);
  answered_ = true;
  taken_ = !refused;
  if (!refused) return settle_accepted(outcome_of(Stage::end, reply, dialogue_.host(), now));
  if (chunk_refusal_) return on_message_refused(Stage::content, *chunk_refusal_, now);
  on_message_refused(Stage::end, reply, now);
}

void Transaction::refuse_early(const Reply& reply, TimePoint now) {
  may_continue_ = false;
  on_message_refused(Stage::content, reply, now);
  finish();
  dialogue_.abort({Loss::Cause::closed, "the content was refused before its end"});
}

void Transaction::refuse_chunking(const Reply& reply, TimePoint now) {
  // The server may be reading the content as commands already: it is left at once.
  chunking_refused_ = true;
  postpone_accepted(Stage::content, reply, now);
  finish();
  dialogue_.abort({Loss::Cause::closed, "the server refused BDAT, which it had offered"});
}

void Transaction::on_closing(Stage stage, const Reply& reply, TimePoint now) {
  turned_away_ = !mail_answered_;
  const Stage said = in_content_ && !content_has_left() ? Stage::content : stage;
  if (!close_for_count(reply, now)) {
    suspect_count();
    settle_rest(retry_outcome_of(said, reply, dialogue_.host(), now));
  }
  finish();
  dialogue_.abort({Loss::Cause::ended_by_server, "the server ended the session: " + reply.text});
}

void Transaction::on_loss(TimePoint now) {
  const Loss& loss = *dialogue_.loss();
  const bool left = content_has_left() && loss.cause != Loss::Cause::ended_by_server;
  turned_away_ = !mail_answered_ && !left &&
                 (loss.cause == Loss::Cause::closed || loss.cause == Loss::Cause::ended_by_server);
  const Stage lost_at = stage();
  const bool doubt = doubtful(loss);
  suspect_flight(loss);
  if (loss.cause == Loss::Cause::closed || loss.cause == Loss::Cause::timed_out) suspect_count();
  for (RecipientEntry& recipient : recipients_) {
    if (doubt && recipient.state == State::settled) recipient.state = State::sent;
    const bool taken =
        recipient.state == State::accepted || (chunked_ && recipient.state == State::sent);
    if (left && taken) {
      settle_recipient(recipient,
                       outcome_of(loss, Verdict::unknown, Stage::end, dialogue_.host(), now));
    }
  }
  settle_rest(outcome_of(loss, Verdict::retry, lost_at, dialogue_.host(), now));
  finish();
}

bool Transaction::doubtful(const Loss& loss) const {
  switch (loss.cause) {
    case Loss::Cause::out_of_sync:
      // A 354 had confirmed the count of replies; after chunks only the last reply could.
      return chunked_ ? !answered_ || accepted_ > 0 : !content_has_left();
    case Loss::Cause::timed_out:
      return dialogue_.server().pipelining && !in_content_ && !reset_sent_ && !answered_;
    default:
      return false;
  }
}

void Transaction::out_of_sync(Stage stage, const Reply& reply) {
  dialogue_.abort({Loss::Cause::out_of_sync,
                   fmt::format("{} answered {} with {} {}, which is no answer to it",
                               dialogue_.host(), name(stage), reply.code, reply.text)});
}

void Transaction::settle_recipient(RecipientEntry& recipient, const Outcome& outcome) {
  const Notify& notify = offer_.envelope.recipients[recipient.index].notify;
  recipient.state = State::settled;
  recipient.outcome = outcome;
  recipient.outcome->next_hop_reports = outcome.verdict == Verdict::delivered && notify.success &&
                                        recipient.parameters.has(Parameter::notify);
}

void Transaction::settle_rest(const Outcome& outcome) {
  may_continue_ = false;
  for (RecipientEntry& recipient : recipients_) {
    if (recipient.state != State::settled) settle_recipient(recipient, outcome);
  }
}

void Transaction::settle_accepted(const Outcome& outcome) {
  if (outcome.verdict == Verdict::retry) may_continue_ = false;
  for (RecipientEntry& recipient : recipients_) {
    if (recipient.state == State::accepted) settle_recipient(recipient, outcome);
  }
}

void Transaction::settle(RecipientOutcomes& outcomes) {
  for (RecipientEntry& recipient : recipients_) {
    if (recipient.state == State::settled) {
      outcomes.settle(recipient.index, std::move(*recipient.outcome));
    } else if (!may_continue_) {
      outcomes.settle(recipient.index, *postponed_);
    }
  }
}

Stage Transaction::stage() const {
  if (in_content_) return content_has_left() ? Stage::end : Stage::content;
  if (!mail_answered_) return Stage::mail;
  if (any(State::sent) || next_ < recipients_.size()) return Stage::rcpt;
  if (chunked_) return content_has_left() ? Stage::end : Stage::content;
  return data_sent_ ? Stage::data : Stage::rcpt;
}

std::size_t Transaction::first(State state) const {
  const auto found =
      std::find_if(recipients_.begin(), recipients_.end(),
                   [state](const RecipientEntry& recipient) { return recipient.state == state; });
  return static_cast<std::size_t>(found - recipients_.begin());
}

bool Transaction::any(State state) const {
  return first(state) < recipients_.size();
}

}  // namespace postern::smtp
