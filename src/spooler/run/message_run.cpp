#include "spooler/run/message_run.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "mapi/property_tags.h"
#include "session/report.h"
#include "session/reported_rows.h"
#include "spooler/course/exhaustion.h"

namespace postern::spooler {
namespace {

/// Neither a delivery time nor a reason: the row has no verdict (§8.1).
bool has_no_verdict(const mapi::Recipient& row) {
  return !row.get(mapi::PR_DELIVER_TIME) && !row.get(mapi::PR_NDR_REASON_CODE) &&
         !row.get(mapi::PR_NDR_DIAG_CODE) && !row.get(mapi::PR_NDR_STATUS_CODE);
}

/// The message, not the store or the moment, is what cannot be enclosed in a report.
bool is_of_the_content(mapi::Code code) {
  return code == mapi::MAPI_E_CORRUPT_DATA || code == mapi::MAPI_E_OBJECT_DELETED ||
         code == mapi::MAPI_E_TOO_COMPLEX;
}

}  // namespace

MessageRun::MessageRun(const RunContext& context, std::shared_ptr<const TransportProfile> profile,
                       mapi::EntryId entry, WaitingRoom::Number number,
                       std::optional<std::size_t> deferred_by, std::string trouble, Ended ended)
    : context_(context),
      profile_(std::move(profile)),
      entry_(std::move(entry)),
      number_(number),
      ended_(std::move(ended)),
      serial_(std::make_shared<Serial>(context.executor)),
      course_({profile_->order, context.retry}, deferred_by, std::move(trouble)) {}

void MessageRun::start() {
  post(&MessageRun::begin);
}

void MessageRun::cancel(Cancel kind) {
  std::shared_ptr<mapi::XPSender> sender;
  {
    const std::scoped_lock lock(mutex_);
    if (cancel_ == Cancel::abort) return;
    cancel_ = kind;
    sender = sender_;
  }
  if (sender) sender->cancel_message();
}

/// Whatever fails, the store, a transport or a preprocessor, ends this run and nothing else.
void MessageRun::post(std::function<void(MessageRun&)> work) {
  serial_->run([self = shared_from_this(), work = std::move(work)] {
    try {
      work(*self);
    } catch (...) {
      self->fail(std::current_exception());
    }
  });
}

void MessageRun::begin() {
  try {
    open();
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_NOT_FOUND && failure.code() != mapi::MAPI_E_NOT_IN_QUEUE) {
      throw;
    }
    return end({RunResult::End::gone});
  }
  if (awaits_second_pass() ||
      session::needs_preprocessing(message_->message(), profile_->order, profile_->preprocessors)) {
    course_.require_preprocessing();
  }
  advance();
}

void MessageRun::open() {
  message_ = context_.store.open_entry(entry_, mapi::Access::modify);
}

/// It was queued with SUBMITFLAG_PREPROCESS.
bool MessageRun::awaits_second_pass() const {
  const auto flags = message_->message().get_or(mapi::PR_SUBMIT_FLAGS, 0);
  return (flags & mapi::SUBMITFLAG_PREPROCESS) != 0;
}

void MessageRun::advance() {
  {
    const std::scoped_lock lock(mutex_);
    if (cancel_) course_.cancel();
  }
  step_ = course_.next(message_->edit(), suspensions(), context_.clock());
  carry_out_step();
}

void MessageRun::carry_out_step() {
  try {
    std::visit([this](const auto& step) { carry_out(step); }, *step_);
  } catch (...) {
    const auto failure = mapi::as_failure(std::current_exception());
    if (!mapi::is_passing(failure.code())) throw;
    pause(failure, &MessageRun::carry_out_step);
  }
}

/// One commit keeps what the preprocessors have changed and, if the submitter asked for it, is the
/// second pass of SubmitMessage (§3.5). A crash before it makes all of it anew, further messages
/// too.
void MessageRun::carry_out(const PreprocessMessage&) {
  if (!message_) {  // it is preprocessed, and only could not be opened again
    open();
    return go_on_preprocessed();
  }
  auto& message = message_->edit();
  const auto result = session::preprocess(message, profile_->order, profile_->preprocessors);
  session::settle_reported_rows(message, result.undeliverable);
  const auto outbox = context_.store.folder(mapi::SpecialFolder::outbox);
  for (const auto& further : result.further_messages) context_.store.submit(outbox, further);
  if (awaits_second_pass()) {
    message_->submit_message();
    message_.reset();
    open();
  } else {
    message_->save_changes();
  }
  go_on_preprocessed();
}

void MessageRun::go_on_preprocessed() {
  context_.carried_out(entry_);
  course_.preprocessed();
  advance();
}

void MessageRun::carry_out(const MakeReport& step) {
  const auto rows = session::rows_due(message_->message(), step.kind);
  auto original = message_->message();
  session::remove_preprocess_info(original, profile_->preprocessors);
  auto report = session::make_report(step.kind, original, rows, context_.reporter);
  const auto unmarked = message_->message();
  session::mark_reported(message_->edit(), step.kind, rows);
  const bool is_received = !session::is_to_be_submitted(report);
  mapi::NewMail mail;
  try {
    mail = create_report(std::move(report));
  } catch (...) {  // the step is carried out again, and finds the same rows due
    message_->edit() = unmarked;
    throw;
  }
  context_.carried_out(entry_);
  if (is_received) context_.store.notify_new_mail(mail);
  advance();
}

/// Without the original if that is too damaged to be enclosed, so that its sender gets a report.
mapi::NewMail MessageRun::create_report(mapi::Message report) {
  try {
    return context_.store.create_report(*message_, report);
  } catch (const mapi::Failure& failure) {
    if (!is_of_the_content(failure.code()) || report.attachments.empty()) throw;
    session::leave_out_original(report, message_->message());
    return context_.store.create_report(*message_, std::move(report));
  }
}

void MessageRun::carry_out(const SaveMessage&) {
  message_->save_changes();
  context_.carried_out(entry_);
  report_progress();
  advance();
}

void MessageRun::carry_out(const OfferRows& step) {
  std::shared_ptr<mapi::XPSender> sender = context_.transports.at(step.transport)->sender(*this);
  if (!sender) {  // it will be logged on again
    course_.answered(step, {mapi::MAPI_E_BUSY, {}, {}}, mapi::EndMessage::done, message_->message(),
                     context_.clock());
    return advance();
  }
  view_ = std::make_unique<OfferedView>(*message_, step.rows);
  reported_.clear();
  if (!take_sender(sender)) return advance();
  is_offering_ = true;
  try {
    sender->submit_message(*view_, step.kind,
                           [self = shared_from_this(), offer = ++offers_](auto result) {
                             self->post([offer, result = std::move(result)](MessageRun& run) {
                               // The first answer counts, and none to an offer that has ended.
                               if (run.is_offering_ && run.offers_ == offer) run.answered(result);
                             });
                           });
    context_.offered(entry_);
  } catch (...) {
    is_offering_ = false;
    const auto failure = mapi::as_failure(std::current_exception());
    if (mapi::is_exhaustion(failure.code()) || failure.code() == mapi::MAPI_E_NETWORK_ERROR) {
      return answered({failure.code(), {}, failure.what()});
    }
    // A disk that a transport cannot use is not the store's, and what it finds changed not a lock.
    if ((!is_of_the_store(failure.code()) && !is_lost_lock(failure.code())) || view_->is_owed()) {
      throw;
    }
    throw mapi::Failure(mapi::MAPI_E_CALL_FAILED, failure.what());
  }
}

/// False if the run was cancelled before. After it, a cancel reaches the sender.
bool MessageRun::take_sender(const std::shared_ptr<mapi::XPSender>& sender) {
  const std::scoped_lock lock(mutex_);
  if (cancel_) return false;
  sender_ = sender;
  return true;
}

void MessageRun::answered(const mapi::SubmitResult& result) {
  is_offering_ = false;
  answer_ = result;
  if (!failure_) return save_answer();
  owes_verdicts_ = true;
  take_over_answer();
  fail(std::make_exception_ptr(*failure_));
}

/// After S_OK everything that the transport has set is kept; after anything else, what it has saved
/// itself (§6.5).
void MessageRun::take_over_answer() {
  if (answer_.code == mapi::S_OK || view_->is_owed()) view_->take_over_changes();
  session::merge_reported_rows(message_->edit(), reported_);
}

/// What makes the message complete is saved in one commit with its end.
void MessageRun::save_answer() {
  try {
    take_over_answer();
    const bool ends = !mapi::is_exhaustion(answer_.code);
    owes_verdicts_ = ends && MessageCourse::is_complete(message_->message());
    if (!owes_verdicts_) message_->save_changes();
    reported_.clear();
  } catch (...) {
    const auto failure = mapi::as_failure(std::current_exception());
    if (!mapi::is_passing(failure.code())) return fail(std::current_exception());
    return pause(failure, &MessageRun::save_answer);
  }
  if (!mapi::is_exhaustion(answer_.code) && !owes_verdicts_) context_.carried_out(entry_);
  end_message();
}

void MessageRun::end_message() {
  auto end = mapi::EndMessage::done;
  if (answer_.code == mapi::S_OK) {
    end = sender_->end_message();
    session::merge_reported_rows(message_->edit(), reported_);
  }
  drop_sender();
  if (mapi::is_exhaustion(answer_.code)) {  // what is open is offered again
    return pause({answer_.code, answer_.text}, &MessageRun::advance);
  }
  const auto& offer = std::get<OfferRows>(*step_);
  course_.answered(offer, answer_, end, message_->message(), context_.clock());
  report_progress();
  advance();
}

void MessageRun::drop_sender() {
  std::shared_ptr<mapi::XPSender> sender;
  {
    const std::scoped_lock lock(mutex_);
    sender.swap(sender_);
  }
  sender.reset();
  view_.reset();
}

/// The last verdicts and the message's end are one commit, and other messages' with them.
void MessageRun::carry_out(const FinishMessage&) {
  session::remove_preprocess_info(message_->edit(), profile_->preprocessors);
  context_.finish_queue.add(
      *message_, [self = shared_from_this(), message = std::make_shared<const mapi::Message>(
                                                 message_->message())](const auto& failure) {
        self->post([message, failure](MessageRun& run) { run.finished(*message, failure); });
      });
}

void MessageRun::finished(const mapi::Message& message, const mapi::MsgStore::Finished& failure) {
  if (failure && mapi::is_passing(failure->code())) {
    return pause(*failure, &MessageRun::carry_out_step);
  }
  if (failure) throw mapi::Failure(*failure);
  owes_verdicts_ = false;
  message_.reset();
  context_.carried_out(entry_);
  context_.progress(entry_, message, true);
  end({RunResult::End::finished});
}

void MessageRun::carry_out(const HoldMessage& step) {
  message_->save_changes();
  context_.carried_out(entry_);
  context_.store.set_lock_state(entry_, mapi::LockState::unlocked);
  end({RunResult::End::held, step.until});
}

void MessageRun::carry_out(const DeferMessage& step) {
  message_->save_changes();
  context_.carried_out(entry_);
  context_.store.hold(entry_, std::nullopt);
  end({RunResult::End::deferred, {}, step.transport});
}

void MessageRun::carry_out(const WaitForRoom& step) {
  message_->save_changes();
  context_.carried_out(entry_);
  RunResult result{RunResult::End::waits};
  result.until = step.until.value_or(mapi::FileTime{});
  result.transport = step.transport;
  result.destination = step.destination;
  end(result);
}

void MessageRun::carry_out(const LeaveMessage&) {
  message_->save_changes();
  context_.carried_out(entry_);
  if (is_aborted()) {
    context_.store.abort_submit(entry_);
    return end({RunResult::End::gone});
  }
  context_.store.set_lock_state(entry_, mapi::LockState::unlocked);
  end({RunResult::End::cancelled});
}

bool MessageRun::is_aborted() const {
  const std::scoped_lock lock(mutex_);
  return cancel_ == Cancel::abort;
}

void MessageRun::pause(const mapi::Failure& lack, void (MessageRun::*work)()) {
  const auto again = [self = shared_from_this(), work] { self->post(work); };
  if (!context_.pause(entry_, lack, again)) fail(std::make_exception_ptr(lack));
}

void MessageRun::end(const RunResult& result) {
  message_.reset();
  ended_(result);
}

/// While a transport is at work, its answer is waited for: it still uses the message.
void MessageRun::fail(const std::exception_ptr& thrown) {
  const auto failure = mapi::as_failure(thrown);
  if (is_offering_) {
    failure_ = failure;
    sender_->cancel_message();
    return;
  }
  owes_verdicts_ = owes_verdicts_ || (view_ && view_->is_owed());
  drop_sender();
  if (!save_owed_verdicts()) {
    failure_ = failure;
    return;
  }
  if (is_lost_lock(failure.code())) return end({RunResult::End::gone, {}, 0, failure});
  if (is_gone(failure.code())) return end({RunResult::End::gone});
  mapi::FileTime gives_up;
  if (message_) {
    const auto& message = message_->message();
    gives_up = context_.retry.give_up_time(message, true, context_.clock());
    if (const auto latest = latest_delivery_time(message)) gives_up = std::min(gives_up, *latest);
  }
  end({RunResult::End::failed, gives_up, 0, failure});
}

/// A message that cannot be finished is not sent again for that. False: the store cannot take it
/// now, and the run fails once it could.
bool MessageRun::save_owed_verdicts() {
  if (!owes_verdicts_ || !message_) return true;
  try {
    message_->save_changes();
    context_.carried_out(entry_);
  } catch (...) {
    const auto lack = mapi::as_failure(std::current_exception());
    const auto again = [self = shared_from_this()] { self->post(&MessageRun::fail_again); };
    if (mapi::is_passing(lack.code()) && context_.pause(entry_, lack, again)) return false;
  }
  owes_verdicts_ = false;
  return true;
}

void MessageRun::fail_again() {
  fail(std::make_exception_ptr(*std::exchange(failure_, std::nullopt)));
}

/// The store said so and not a transport, whose own codes mean something else.
bool MessageRun::is_gone(mapi::Code code) const {
  if (code != mapi::MAPI_E_NOT_IN_QUEUE && code != mapi::MAPI_E_NOT_FOUND &&
      code != mapi::MAPI_E_OBJECT_DELETED) {
    return false;
  }
  try {
    return !context_.store.queue_row(entry_);
  } catch (const mapi::Failure&) {
    return false;
  }
}

void MessageRun::report_progress() {
  context_.progress(entry_, message_->message(), false);
}

Suspensions MessageRun::suspensions() const {
  Suspensions suspensions;
  for (const auto& transport : context_.transports) {
    suspensions.push_back(transport->suspended_until());
  }
  return suspensions;
}

mapi::Code MessageRun::status_recips(std::vector<mapi::Recipient> rows) {
  const auto ignored = std::erase_if(rows, has_no_verdict);
  std::ranges::move(rows, std::back_inserter(reported_));
  return ignored == 0 ? mapi::S_OK : mapi::MAPI_W_ERRORS_RETURNED;
}

mapi::Code MessageRun::spooler_yield() const {
  const std::scoped_lock lock(mutex_);
  return cancel_ ? mapi::MAPI_W_CANCEL_MESSAGE : mapi::S_OK;
}

bool MessageRun::others_wait(const std::string& destination) const {
  return context_.others_wait({std::get<OfferRows>(*step_).transport, destination}, number_);
}

/// What the store cannot save now, the view owes: it is saved with the answer.
void MessageRun::run(std::function<void()> work) {
  serial_->run([self = shared_from_this(), work = std::move(work)] {
    try {
      work();
    } catch (...) {
      if (!mapi::is_passing(mapi::as_failure(std::current_exception()).code())) {
        self->fail(std::current_exception());
      }
    }
  });
}

}  // namespace postern::spooler
