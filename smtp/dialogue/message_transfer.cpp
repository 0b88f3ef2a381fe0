#include "smtp/dialogue/message_transfer.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/text.h"
#include "smtp/syntax/address_syntax.h"

namespace postern::smtp {
namespace {

constexpr std::size_t block_size = std::size_t{64} * 1024;
constexpr std::size_t min_limit = 100;

constexpr int scan_steps = 16;  ///< of some 64 KiB; then other messages go on

Loss unreadable(const std::string& why) {
  return {Loss::Cause::source_failed, "the message could not be read: " + why};
}

bool needs_smtputf8(const Envelope& envelope, const MessageFacts& message,
                    const std::vector<std::size_t>& recipients) {
  return message.needs_smtputf8 || !is_ascii(envelope.reverse_path) ||
         std::any_of(recipients.begin(), recipients.end(), [&](std::size_t index) {
           return !is_ascii(envelope.recipients[index].address);
         });
}

}  // namespace

MessageTransfer::MessageTransfer(const Envelope& envelope, const OctetSource& source, TimePoint now,
                                 Settled settled)
    : envelope_(envelope),
      whole_(version(source)),
      ascii_(source.without_smtputf8() == nullptr
                 ? std::nullopt
                 : std::optional(version(*source.without_smtputf8()))),
      message_(whole_.facts),
      outcomes_(envelope.recipients.size()),
      settled_(std::move(settled)) {
  refuse_locally(now);
  if (outcomes_.open() == 0) state_ = State::finished;
}

MessageTransfer::Version MessageTransfer::version(const OctetSource& source) {
  return {&source, {source.size(), source.has_8bit(), source.needs_smtputf8()}};
}

/// Who offers SMTPUTF8 has to offer 8BITMIME too (RFC 6531 §3.1).
const MessageTransfer::Version& MessageTransfer::version_for(const Capabilities& server) const {
  const bool takes_utf8 = server.smtputf8 && server.eight_bit_mime;
  return ascii_ && !takes_utf8 ? *ascii_ : whole_;
}

void MessageTransfer::refuse_locally(TimePoint now) {
  if (!envelope_.reverse_path.empty()) {
    if (const auto fault = address_fault(envelope_.reverse_path)) {
      refuse_all(Stage::address, {5, 1, 7}, *fault, now);
    }
  }
  if (const auto fault = envelope_id_fault(envelope_.envelope_id)) {
    refuse_all(Stage::address, {5, 5, 4}, *fault, now);
  }
  if (const auto fault = envelope_limits_fault(envelope_)) {
    refuse_all(Stage::address, {5, 5, 4}, *fault, now);
  }
  for (const std::size_t index : outcomes_.open_recipients()) {
    const EnvelopeRecipient& recipient = envelope_.recipients[index];
    if (const auto fault = address_fault(recipient.address)) {
      refuse(index, Stage::address, {5, 1, 3}, *fault, now);
    } else if (!recipient.original_recipient.empty()) {
      const auto original_fault = address_fault(recipient.original_recipient);
      if (original_fault) refuse(index, Stage::address, {5, 5, 4}, *original_fault, now);
    }
  }
}

std::vector<MessageTransfer::Unsupported> MessageTransfer::unsupported_by_server() const {
  const Capabilities& server = dialogue_->server();
  const std::string& host = dialogue_->host();
  std::vector<Unsupported> all;
  const auto for_all = [&](EnhancedStatus status, const std::string& text) {
    for (const std::size_t index : outcomes_.open_recipients()) {
      all.push_back({index, Stage::mail, status, text});
    }
    return all;
  };
  if (server.size_limit && message_.size > *server.size_limit) {
    return for_all({5, 3, 4}, fmt::format("the message has {} octets, but {} takes {} at most",
                                          message_.size, host, *server.size_limit));
  }
  if (message_.has_8bit && !server.eight_bit_mime) {
    return for_all({5, 6, 3}, "the message holds 8-bit text, but " + host +
                                  " does not offer 8BITMIME, and " +
                                  std::get<std::string>(*seven_bit_));
  }
  if (const auto missing = missing_promise(envelope_, server)) {
    return for_all(missing->status, host + ' ' + missing->text);
  }
  if (server.smtputf8) return all;
  if (message_.needs_smtputf8 || !is_ascii(envelope_.reverse_path)) {
    return for_all({5, 6, 7}, "the sender's address or a header is not ASCII, but " + host +
                                  " does not offer SMTPUTF8");
  }
  for (const std::size_t index : outcomes_.open_recipients()) {
    if (is_ascii(envelope_.recipients[index].address)) continue;
    all.push_back({index,
                   Stage::rcpt,
                   {5, 6, 7},
                   "the address is not ASCII, but " + host + " does not offer SMTPUTF8"});
  }
  return all;
}

void MessageTransfer::refuse(std::size_t recipient, Stage stage, EnhancedStatus status,
                             std::string text, TimePoint now) {
  const std::string host = dialogue_ != nullptr ? dialogue_->host() : std::string();
  outcomes_.settle(recipient, local_refusal(stage, status, std::move(text), host, now));
}

void MessageTransfer::refuse_all(Stage stage, EnhancedStatus status, const std::string& text,
                                 TimePoint now) {
  for (const std::size_t index : outcomes_.open_recipients())
    refuse(index, stage, status, text, now);
}

void MessageTransfer::attach(Dialogue& dialogue, ServerMemory& memory, DialogueUse use,
                             TimePoint now) {
  dialogue_ = &dialogue;
  memory_ = &memory;
  dialogue_use_ = use;
  declined_ = false;
  transaction_.reset();
  state_ = State::running;
  if (transcript_ && use.used) transcript_->note("on the open connection to " + dialogue.host());
  if (transcript_ && !use.used) transcript_->append(dialogue.opening());
  const auto& [source, facts] = version_for(dialogue.server());
  if (!facts.has_8bit || dialogue.server().eight_bit_mime || seven_bit_) return offer(now);
  try {
    scan_ = std::make_unique<SevenBitScan>(*source);
  } catch (const std::exception& failure) {
    const Loss loss = unreadable(failure.what());
    settle_open(outcome_of(loss, Verdict::retry, Stage::mail, dialogue.host(), now));
  }
}

void MessageTransfer::scan(TimePoint now) {
  const auto end = [&](const Loss& loss) {
    scan_.reset();
    settle_open(outcome_of(loss, Verdict::retry, Stage::mail, dialogue_->host(), now));
  };
  if (const auto& loss = dialogue_->loss()) {
    if (!dialogue_use_.used) return end(*loss);
    scan_.reset();
    state_ = State::waiting;
    return;
  }
  try {
    for (int step = 0; step < scan_steps; ++step) {
      if (scan_->advance()) continue;
      seven_bit_ = scan_->take();
      scan_.reset();
      return offer(now);
    }
  } catch (const std::exception& failure) {
    end(unreadable(failure.what()));
  }
}

void MessageTransfer::offer(TimePoint now) {
  const auto& [source, facts] = version_for(dialogue_->server());
  offered_ = source;
  message_ = facts;
  if (facts.has_8bit && !dialogue_->server().eight_bit_mime) {
    if (const auto* again = std::get_if<std::unique_ptr<OctetSource>>(&*seven_bit_)) {
      offered_ = again->get();
      message_ = {offered_->size(), false, offered_->needs_smtputf8()};
    }
  }
  const std::vector<Unsupported> unsupported = unsupported_by_server();
  declined_ = may_decline_ && !unsupported.empty();
  if (declined_) {
    state_ = State::waiting;
    return;
  }
  for (const Unsupported& one : unsupported) {
    refuse(one.recipient, one.stage, one.status, one.text, now);
  }
  begin_transaction(now);
}

/// A server that takes UTF-8 may send on to one that does not (RFC 6531 §3.2): whom that does not
/// concern gets the version in ASCII, in a transaction of its own.
void MessageTransfer::choose_version(std::vector<std::size_t>& recipients) {
  if (!ascii_ || &version_for(dialogue_->server()) == &*ascii_) return;
  if (!is_ascii(envelope_.reverse_path)) return;
  std::vector<std::size_t> plain;
  std::ranges::copy_if(recipients, std::back_inserter(plain), [this](std::size_t index) {
    return is_ascii(envelope_.recipients[index].address);
  });
  const Version& version = plain.empty() ? whole_ : *ascii_;
  offered_ = version.source;
  message_ = version.facts;
  if (!plain.empty()) recipients = std::move(plain);
}

void MessageTransfer::begin_transaction(TimePoint now) {
  std::vector<std::size_t> recipients = outcomes_.open_recipients();
  if (recipients.empty()) {
    state_ = State::finished;
    return;
  }
  choose_version(recipients);
  const auto learned = memory_->recipient_limit(now.steady);
  if (!limit_) limit_ = learned;
  if (const auto named = dialogue_->server().recipient_limit) {
    limit_ = static_cast<std::size_t>(std::min<std::uint64_t>(limit_.value_or(*named), *named));
  }
  const bool limited = learned && recipients.size() > *learned;
  recipients.resize(std::min(recipients.size(), limit_.value_or(recipients.size())));
  without_ |= memory_->without(now.steady);
  const bool smtputf8 = needs_smtputf8(envelope_, message_, recipients);
  reader_.reset();
  octets_read_ = 0;
  const bool reset_first = dialogue_use_.behind && dialogue_->server().chunked();
  transaction_.emplace(*dialogue_, Offer{envelope_, message_, std::move(recipients), smtputf8,
                                         without_, limited, reset_first, transcript_.get()});
  transaction_->advance(now);
}

void MessageTransfer::advance(TimePoint now) {
  if (state_ == State::running && scan_) scan(now);
  if (state_ != State::running || !transaction_) return;
  transaction_->advance(now);
  // A block and, if it is the last one, the content's end leave together.
  while (transaction_->wants_content() && dialogue_->output().size() < block_size)
    pull_content(now);
  if (dialogue_->loss()) transaction_->advance(now);
  if (transaction_->finished()) end_transaction(now);
}

void MessageTransfer::end_transaction(TimePoint now) {
  const std::optional<Loss>& loss = dialogue_->loss();
  if (loss && transcript_) transcript_->note(loss->text);
  if (transaction_->turned_away() && dialogue_use_.used && !stopped_) {
    state_ = State::waiting;
    return;
  }
  if (transaction_->turned_away() && may_decline_ && !stopped_ && !transaction_->refusal_of_us()) {
    turned_away_ = std::make_unique<Outcome>(transaction_->first_outcome());
    declined_ = true;
    state_ = State::waiting;
    return;
  }
  note_refusal_of_us();
  update_server_memory(now);
  without_ |= transaction_->refused();
  transaction_->settle(outcomes_);
  if (settled_ && outcomes_.open() > 0) settled_(outcomes_.news());
  if (outcomes_.open() == 0) {
    state_ = State::finished;
  } else if (stopped_) {
    settle_open(outcome_of({Loss::Cause::stopped, "the delivery was stopped"}, Verdict::retry,
                           Stage::rcpt, dialogue_->host(), now));
  } else if (!loss || (transaction_->flight_refused() ? flights_refused_ == 1
                                                      : transaction_->accepted() > 0)) {
    state_ = State::waiting;
  } else {
    settle_open(outcome_of(*loss, Verdict::retry, Stage::rcpt, dialogue_->host(), now));
  }
}

void MessageTransfer::note_refusal_of_us() {
  const Transaction::RefusalOfUs* const refusal = transaction_->refusal_of_us();
  if (refusal == nullptr) return;
  RouteFault fault{refusal->outcome, true};
  fault.outcome.own_words = true;
  fault.outcome.text = fmt::format("{} said: {} {}; {}", fault.outcome.host, fault.outcome.code,
                                   fault.outcome.text, advice_about(refusal->subject));
  route_fault_ = std::make_unique<RouteFault>(std::move(fault));
}

void MessageTransfer::update_server_memory(TimePoint now) {
  using Sign = Transaction::RecipientLimit::Sign;
  if (transaction_->chunking_refused()) memory_->chunking_refused(now.steady);
  if (transaction_->chunking_worked()) memory_->chunking_worked(now.steady);
  memory_->parameters_refused(transaction_->refused(), now.steady);
  update_flight_memory(now);
  if (const auto& found = transaction_->recipient_limit()) {
    limit_ = found->most;
    if (found->sign == Sign::session_lost) {
      memory_->suspect_recipient_limit(found->most, now.steady);
    } else if (found->sign == Sign::all_refused || found->most >= min_limit) {
      memory_->learn_recipient_limit(found->most, now.steady);
    }
  } else if (limit_ && limit_ != memory_->recipient_limit(now.steady)) {
    *limit_ *= 2;  // the limit was temporary
  }
}

void MessageTransfer::update_flight_memory(TimePoint now) {
  const bool answered = !dialogue_->loss() || transaction_->chunking_worked();
  if (!dialogue_->server().pipelining) {
    if (memory_->pipelining(now.steady) == ServerMemory::Works::doubtful) {
      memory_->lock_step_ended(answered, now.steady);
    }
  } else if (transaction_->flight_refused()) {
    ++flights_refused_;
    memory_->flight_refused();
  } else if (transaction_->flight_is_doubtful()) {
    memory_->flight_failed(now.steady);
  } else if (transaction_->flight_lost()) {
    memory_->flight_lost(now.steady);
  } else if (answered && transaction_->accepted() > 0) {
    memory_->flight_worked(now.steady);
  }
}

void MessageTransfer::stop(TimePoint now) {
  stopped_ = true;
  if (state_ != State::waiting) return;
  const Loss loss{Loss::Cause::stopped, "the delivery was stopped before it began"};
  settle_open(outcome_of(loss, Verdict::retry, Stage::connect, {}, now));
}

void MessageTransfer::halt(TimePoint now) {
  if (state_ != State::running || has_sent_everything()) return;
  const Loss stopped{Loss::Cause::stopped, "the delivery was stopped"};
  if (scan_) {
    scan_.reset();
    return settle_open(outcome_of(stopped, Verdict::retry, Stage::mail, dialogue_->host(), now));
  }
  transaction_->abandon(stopped, now);
  advance(now);
}

void MessageTransfer::give_up(const RouteFault& fault) {
  // A final verdict of the route is no fault that an operator has to correct.
  if (!route_fault_ && fault.outcome.verdict == Verdict::retry) {
    route_fault_ = std::make_unique<RouteFault>(fault);
  }
  if (transcript_) {
    transcript_->append(fault.transcript);
    transcript_->note(fault.outcome.text);
  }
  settle_open(fault.outcome);
}

void MessageTransfer::settle_open(const Outcome& outcome) {
  for (const std::size_t index : outcomes_.open_recipients()) outcomes_.settle(index, outcome);
  state_ = State::finished;
}

Delivery MessageTransfer::take() {
  Delivery delivery{outcomes_.take(), std::nullopt};
  if (route_fault_) delivery.route_fault = std::move(*route_fault_);
  if (transcript_) delivery.transcript = transcript_->take();
  return delivery;
}

void MessageTransfer::pull_content(TimePoint now) {
  // Taken by the transaction before the next one reads: all messages share its room. One octet more
  // than is left, so that the end is seen with the last octets.
  thread_local std::vector<std::byte> room(block_size);
  const std::uint64_t left = message_.size - std::min(octets_read_, message_.size);
  const auto block = std::span(room).first(
      static_cast<std::size_t>(std::min<std::uint64_t>(block_size, left + 1)));
  std::size_t count = 0;
  try {
    count = fill(block);
  } catch (const std::exception& failure) {
    return source_failed(failure.what(), now);
  }
  octets_read_ += count;
  const bool last = count < block.size();
  if (octets_read_ > message_.size || (last && octets_read_ < message_.size)) {
    return source_failed(fmt::format("it has not the {} octets it was said to have", message_.size),
                         now);
  }
  transaction_->content({reinterpret_cast<const char*>(block.data()), count}, last, now);
}

/// Fills the block unless the source ends.
std::size_t MessageTransfer::fill(std::span<std::byte> block) {
  if (!reader_) reader_ = offered_->open();
  std::size_t filled = 0;
  while (filled < block.size()) {
    const std::size_t count = reader_->read(block.subspan(filled));
    if (count == 0) break;
    filled += count;
  }
  return filled;
}

void MessageTransfer::source_failed(const std::string& why, TimePoint now) {
  transaction_->abandon(unreadable(why), now);
}

}  // namespace postern::smtp
