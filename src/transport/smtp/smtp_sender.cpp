#include "transport/smtp/smtp_sender.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "mapi/property_tags.h"
#include "smtp/error.h"
#include "transport/message/deferred_delivery.h"
#include "transport/smtp/envelope.h"
#include "transport/smtp/submit_result.h"

namespace postern::transport {
namespace {

/// While a relay that might hold a message cannot be reached.
constexpr std::chrono::seconds between_early_attempts{600};

constexpr std::chrono::seconds longest_hold{999'999'999};  ///< that can be said (RFC 4865 §4.2)

bool is_unsettled(const smtp::Delivery& delivery) {
  return std::ranges::all_of(delivery.recipients, [](const Outcome& outcome) {
    return outcome.verdict == Verdict::retry;
  });
}

/// What ran out here before anybody was asked is no attempt: the spooler waits until there is more
/// of it.
bool is_exhausted(const smtp::Delivery& delivery) {
  if (!delivery.route_fault || !delivery.route_fault->out_of_resources) return false;
  return std::ranges::all_of(delivery.recipients, [](const Outcome& outcome) {
    return outcome.verdict == Verdict::retry && outcome.code == 0;
  });
}

/// The engine's words where a server cannot hold the message (Envelope::hold_for): no verdict, the
/// message waits here.
bool cannot_hold(const Outcome& outcome) {
  constexpr EnhancedStatus not_capable{5, 3, 3};
  return outcome.code == 0 && outcome.status == not_capable;
}

/// `before`: what it begins with.
void set_transcript(mapi::Message& message, std::string before,
                    const std::vector<std::string>& lines) {
  std::string text = std::move(before);
  for (const auto& line : lines) text += line + '\n';
  message.set(mapi::PR_POSTERN_TRANSCRIPT, text);
}

/// Whether other recipients of the message may have better luck now.
bool may_go_on(const mapi::SubmitResult& result) {
  const bool is_route_open = result.code == mapi::S_OK || result.code == mapi::MAPI_E_WAIT;
  return is_route_open && result.retry_after.count() == 0;
}

/// The result of two transactions: S_OK if either has settled a recipient, unless the second was
/// kept from it here.
mapi::SubmitResult joined(const mapi::SubmitResult& first, mapi::SubmitResult second) {
  const bool was_kept = second.code == mapi::MAPI_E_USER_CANCEL || mapi::is_exhaustion(second.code);
  if (first.code == mapi::S_OK && !was_kept) second.code = mapi::S_OK;
  return second;
}

}  // namespace

void SmtpSender::submit_message(mapi::MessageHandle& view, mapi::SubmitKind, Done done) {
  view_ = &view;
  done_ = std::move(done);
  result_.reset();
  auto offered = offered_recipients(view.message(), route_.domains);
  declined_ = std::move(offered.declined);
  taken_.clear();
  for (const auto& recipient : offered.taken) taken_.push_back(recipient.rows.front());
  if (taken_.empty()) return answer({mapi::MAPI_E_NOT_ME});
  if (auto full = full_destination(offered.taken)) {
    mapi::SubmitResult busy{mapi::MAPI_E_BUSY};
    busy.destination = std::move(full);
    return answer(std::move(busy));
  }
  hold_ = time_to_hold(view.message(), mapi::FileTime::now());
  if (hold_ && (!route_.may_hold || *hold_ > longest_hold)) {
    return answer({mapi::MAPI_E_WAIT, *hold_});
  }
  record_.emplace(view, support_, route_.local_delivery_reports);
  waiting_ = by_secured_entity(std::move(offered.taken));
  begin_transaction();
}

std::optional<std::string> SmtpSender::full_destination(
    const std::vector<OfferedRecipient>& recipients) const {
  std::vector<std::string_view> addresses;
  addresses.reserve(recipients.size());
  for (const auto& recipient : recipients) addresses.push_back(recipient.address);
  return route_.client.full_destination(addresses, [this](const std::string& destination) {
    return support_.others_wait(destination);
  });
}

void SmtpSender::begin_transaction() {
  auto next = waiting_.extract(waiting_.begin());
  recipients_ = std::move(next.mapped());
  if (const auto result = prepare()) {
    end_transaction(*result);
  } else {
    start();
  }
}

void SmtpSender::end_transaction(mapi::SubmitResult result) {
  const bool goes_on = !waiting_.empty() && may_go_on(result);
  result_ = result_ ? joined(*result_, std::move(result)) : std::move(result);
  if (goes_on && !stop_.stop_requested()) return begin_transaction();
  if (goes_on) result_->code = mapi::MAPI_E_USER_CANCEL;
  answer(*std::move(result_));
}

/// Rows that a transaction has left open, or that none was begun for, stay with this transport.
void SmtpSender::answer(mapi::SubmitResult result) {
  const auto& rows = view_->message().recipients;
  rows_left_ = std::ranges::any_of(taken_, [&rows](std::size_t row) {
    return !rows.at(row).get_or(mapi::PR_RESPONSIBILITY, false);
  });
  result.declined = declined_;
  done_(std::move(result));
}

/// What there is to answer without any server; nullopt: a server is to be asked.
std::optional<mapi::SubmitResult> SmtpSender::prepare() {
  auto composed = compose_offered(*view_, route_.composition, recipients_.front().secured_entity);
  if (const auto* refusal = std::get_if<Outcome>(&composed)) return refuse(*refusal);
  composition_ = std::get<Composition>(std::move(composed));
  try {
    source_ = std::make_shared<OutgoingSource>(*composition_, route_.signer);
  } catch (const smtp::ContentError& error) {
    return refuse(conversion_failure(error.what()));
  } catch (const mapi::Failure&) {
    throw;
  } catch (const std::runtime_error& error) {  // of the key or the machine, not of the message
    if (const auto lack = mapi::exhaustion(std::current_exception())) throw *lack;
    throw mapi::Failure(mapi::MAPI_E_CALL_FAILED, error.what());
  }
  return std::nullopt;
}

mapi::SubmitResult SmtpSender::refuse(const Outcome& outcome) {
  for (const auto& recipient : recipients_) record_->write(recipient.rows, outcome);
  record_->save();
  return {};
}

void SmtpSender::start() {
  const auto& message = view_->message();
  auto envelope =
      make_envelope(message, recipients_, composition_->plan.reverse_path, mapi::FileTime::now());
  envelope.hold_for = hold_;
  smtp::OutgoingMessage outgoing{
      std::move(envelope), source_, stop_.get_token(),
      [this](const std::vector<smtp::SettledRecipient>& settled) { hear(settled); }};
  route_.client.start(std::move(outgoing), [this](smtp::Delivery delivery) {
    const auto shared = std::make_shared<smtp::Delivery>(std::move(delivery));
    support_.run([this, shared] { take(std::move(*shared)); });
  });
}

/// Whatever fails, there is an answer; what is settled in the view is kept with it.
void SmtpSender::take(smtp::Delivery delivery) {
  std::string trouble;
  try {
    return end_transaction(finish(std::move(delivery)));
  } catch (const std::exception& failure) {
    trouble = failure.what();
  }
  const auto& rows = view_->message().recipients;
  const bool is_any_settled = std::ranges::any_of(taken_, [&rows](std::size_t row) {
    return rows.at(row).get_or(mapi::PR_RESPONSIBILITY, false);
  });
  answer({is_any_settled ? mapi::S_OK : mapi::MAPI_E_CALL_FAILED, {}, trouble});
}

/// On the engine's thread.
void SmtpSender::hear(const std::vector<smtp::SettledRecipient>& settled) {
  bool is_first = false;
  {
    const std::scoped_lock lock(mutex_);
    is_first = heard_.empty();
    std::ranges::copy_if(settled, std::back_inserter(heard_),
                         [this](const auto& one) { return !(hold_ && cannot_hold(one.outcome)); });
  }
  if (is_first) support_.run([this] { save_heard(); });
}

void SmtpSender::save_heard() {
  std::vector<smtp::SettledRecipient> heard;
  {
    const std::scoped_lock lock(mutex_);
    heard.swap(heard_);
  }
  for (const auto& [recipient, outcome] : heard) {
    if (is_final(outcome.verdict)) record_->write(recipients_.at(recipient).rows, outcome);
  }
  record_->save_final();
}

mapi::SubmitResult SmtpSender::finish(smtp::Delivery delivery) {
  if (is_exhausted(delivery)) {
    return {mapi::MAPI_E_NOT_ENOUGH_RESOURCES, {}, delivery.route_fault->outcome.text};
  }
  // That it could not be handed over before its time is nobody's verdict and no attempt.
  if (hold_ && is_unsettled(delivery) && !stop_.stop_requested()) {
    report_route_fault(delivery);
    return {mapi::MAPI_E_WAIT, std::min(*hold_, between_early_attempts)};
  }
  if (stop_.stop_requested() && is_unsettled(delivery)) return {mapi::MAPI_E_USER_CANCEL, {}, {}};
  // The transcript of the last attempt stays if this was none.
  if (was_tried(delivery) || !view_->message().get(mapi::PR_POSTERN_TRANSCRIPT)) {
    const auto before = result_ ? view_->message().get_or(mapi::PR_POSTERN_TRANSCRIPT, "") : "";
    set_transcript(view_->edit(), std::string(before), delivery.transcript);
  }
  bool is_held_here = false;
  for (std::size_t i = 0; i < recipients_.size(); ++i) {
    if (hold_ && cannot_hold(delivery.recipients.at(i))) {
      delivery.recipients[i].verdict = Verdict::retry;
      is_held_here = true;
    } else {
      record_->write(recipients_[i].rows, delivery.recipients.at(i));
    }
  }
  auto result = submit_result(delivery);
  const bool is_answer = result.code == mapi::S_OK && waiting_.empty();
  is_answer ? record_->report() : record_->save();
  report_route_fault(delivery);
  if (is_held_here) {
    if (result.code != mapi::S_OK) result.code = mapi::MAPI_E_WAIT;
    result.retry_after = *hold_;
  }
  const bool cancelled = stop_.stop_requested() && result.code != mapi::S_OK;
  return cancelled ? mapi::SubmitResult{mapi::MAPI_E_USER_CANCEL, {}, {}} : result;
}

void SmtpSender::report_route_fault(const smtp::Delivery& delivery) {
  if (!delivery.route_fault) return;
  const auto& outcome = delivery.route_fault->outcome;
  // A message that only waits for the end of the suspension reports no new fault.
  if (!delivery.route_fault->configuration || !outcome.attempted) return;
  // A sentence of ours names the relay.
  std::string sentence;
  if (outcome.has_reply()) {
    sentence = route_.name + ": " + std::to_string(outcome.code) + ' ';
  }
  route_.support.critical_error(sentence + outcome.text);
}

}  // namespace postern::transport
