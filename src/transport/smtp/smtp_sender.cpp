#include "transport/smtp/smtp_sender.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "smtp/error.h"
#include "transport/smtp/submit_result.h"

namespace postern::transport {
namespace {

using std::chrono::system_clock;

/// The sender of the message has to correct it: a later attempt would fail as well.
bool is_fault_of_message(mapi::Code code) {
  return code == mapi::MAPI_E_INVALID_PARAMETER || code == mapi::MAPI_E_TOO_COMPLEX;
}

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

void set_transcript(mapi::Message& message, const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + '\n';
  message.set(mapi::PR_POSTERN_TRANSCRIPT, text);
}

}  // namespace

void SmtpSender::submit_message(mapi::MessageHandle& view, mapi::SubmitKind, Done done) {
  view_ = &view;
  done_ = std::move(done);
  if (const auto result = prepare()) {
    done_(*result);
  } else {
    start();
  }
}

/// What there is to answer without any server; nullopt: a server is to be asked.
std::optional<mapi::SubmitResult> SmtpSender::prepare() {
  try {
    compose();
  } catch (const mapi::Failure& failure) {
    if (!is_fault_of_message(failure.code())) throw;
    return refuse(failure.what());
  }
  offered_ = make_envelope(view_->message(), plan_->reverse_path);
  written_.resize(offered_.rows.size());
  if (offered_.rows.empty()) return mapi::SubmitResult{mapi::MAPI_E_NOT_ME, {}, {}};
  try {
    source_ = std::make_shared<OutgoingSource>(*plan_, route_.signer);
  } catch (const smtp::ContentError& error) {
    return refuse(error.what());
  } catch (const mapi::Failure&) {
    throw;
  } catch (const std::runtime_error& error) {  // of the key or the machine, not of the message
    if (const auto lack = mapi::exhaustion(std::current_exception())) throw *lack;
    throw mapi::Failure(mapi::MAPI_E_CALL_FAILED, error.what());
  }
  return std::nullopt;
}

/// The plan, with its Message-ID saved so that every attempt carries the same.
void SmtpSender::compose() {
  mime::ComposeOptions options;
  options.now = system_clock::now();
  options.message_id_domain = route_.message_id_domain;
  options.default_from = route_.default_from;
  plan_ = mime::compose(view_->message(), options);
  if (view_->message().get(mapi::PR_INTERNET_MESSAGE_ID) != plan_->message_id) {
    view_->edit().set(mapi::PR_INTERNET_MESSAGE_ID, plan_->message_id);
    view_->save_changes();
  }
}

/// The message cannot be put into MIME: every row offered fails (5.6.0, RFC 3463 §3.7).
mapi::SubmitResult SmtpSender::refuse(const std::string& sentence) {
  offered_ = make_envelope(view_->message(), {});
  written_.assign(offered_.rows.size(), false);
  if (offered_.rows.empty()) return {mapi::MAPI_E_NOT_ME, {}, {}};
  const Outcome outcome{.verdict = Verdict::failed,
                        .stage = Stage::compose,
                        .code = 0,
                        .status = {5, 6, 0},
                        .text = sentence,
                        .host = {},
                        .time = system_clock::now()};
  for (std::size_t i = 0; i < offered_.rows.size(); ++i) write(i, outcome);
  save();
  return {mapi::S_OK, {}, {}};
}

void SmtpSender::start() {
  smtp::OutgoingMessage message{
      offered_.envelope, source_, stop_.get_token(),
      [this](const std::vector<smtp::SettledRecipient>& settled) { hear(settled); }};
  route_.client.start(std::move(message), [this](smtp::Delivery delivery) {
    const auto shared = std::make_shared<smtp::Delivery>(std::move(delivery));
    support_.run([this, shared] { done_(finish(std::move(*shared))); });
  });
}

/// On the engine's thread.
void SmtpSender::hear(const std::vector<smtp::SettledRecipient>& settled) {
  bool is_first = false;
  {
    const std::scoped_lock lock(mutex_);
    is_first = heard_.empty();
    heard_.insert(heard_.end(), settled.begin(), settled.end());
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
    if (is_final(outcome.verdict)) write(recipient, outcome);
  }
  if (!final_rows_.empty()) save();
}

mapi::SubmitResult SmtpSender::finish(smtp::Delivery delivery) {
  if (is_exhausted(delivery)) {
    return {mapi::MAPI_E_NOT_ENOUGH_RESOURCES, {}, delivery.route_fault->outcome.text};
  }
  if (stop_.stop_requested() && is_unsettled(delivery)) return {mapi::MAPI_E_USER_CANCEL, {}, {}};
  // The transcript of the last attempt stays if this was none.
  if (was_tried(delivery) || !view_->message().get(mapi::PR_POSTERN_TRANSCRIPT)) {
    set_transcript(view_->edit(), delivery.transcript);
  }
  for (std::size_t i = 0; i < offered_.rows.size(); ++i) write(i, delivery.recipients.at(i));
  save();
  report_route_fault(delivery);
  const auto result = submit_result(delivery);
  const bool cancelled = stop_.stop_requested() && result.code != mapi::S_OK;
  return cancelled ? mapi::SubmitResult{mapi::MAPI_E_USER_CANCEL, {}, {}} : result;
}

/// Into the rows of the recipient, unless they have a final outcome already.
void SmtpSender::write(std::size_t recipient, const Outcome& outcome) {
  if (written_.at(recipient)) return;
  Outcome written = outcome;
  if (route_.local_delivery_reports) written.next_hop_reports = false;
  auto& message = view_->edit();
  for (const auto index : offered_.rows.at(recipient)) {
    auto& row = message.recipients[index];
    mapi::set_outcome(row, written);
    if (is_final(outcome.verdict)) {
      row.set(mapi::PR_RESPONSIBILITY, true);
      final_rows_.push_back(row);
    } else {
      rows_left_ = true;
    }
  }
  written_[recipient] = is_final(outcome.verdict);
}

/// Saves what was written, and reports what is final. If the store cannot take it now, the spooler
/// saves it with the answer.
void SmtpSender::save() {
  view_->edit().set(mapi::PR_PROVIDER_SUBMIT_TIME, mapi::FileTime::now());
  if (!final_rows_.empty()) support_.status_recips(std::exchange(final_rows_, {}));
  try {
    view_->save_changes();
  } catch (const mapi::Failure& failure) {
    if (!mapi::is_exhaustion(failure.code()) && failure.code() != mapi::MAPI_E_BUSY) throw;
  }
}

void SmtpSender::report_route_fault(const smtp::Delivery& delivery) {
  if (!delivery.route_fault) return;
  const auto& outcome = delivery.route_fault->outcome;
  // A message that only waits for the end of the suspension reports no new fault.
  if (!delivery.route_fault->configuration || !outcome.attempted) return;
  // The text of a connection fault is a sentence that names the relay.
  std::string sentence;
  if (outcome.stage >= Stage::mail) {
    sentence = route_.name + ": " + std::to_string(outcome.code) + ' ';
  }
  route_.support.critical_error(sentence + outcome.text);
}

}  // namespace postern::transport
