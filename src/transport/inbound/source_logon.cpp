#include "transport/inbound/source_logon.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "base/thread_signals.h"
#include "mapi/property_tags.h"
#include "transport/inbound_mail.h"

namespace postern::transport {
namespace {

constexpr int longest_pause = 16;  ///< times the interval, while the mailbox cannot be used

mapi::InboundMessage inbound_message(const mapi::Content& mail) {
  try {
    return read_inbound_mail(mail, mapi::FileTime::now());
  } catch (const std::exception& error) {
    if (mapi::exhaustion(std::current_exception())) throw;
    throw MailFault(error.what());
  }
}

bool is_letter(char octet) {
  return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') || is_high(octet);
}

/// Its words without digits: a server may write into each of its answers how long it took, or which
/// session it was in.
std::string without_numbers(std::string_view sentence) {
  std::string words;
  while (!sentence.empty()) {
    const auto end = std::min(sentence.find(' '), sentence.size());
    const auto word = sentence.substr(0, end);
    const bool is_word = std::any_of(word.begin(), word.end(), is_letter);
    if (is_word && std::none_of(word.begin(), word.end(), is_digit)) words.append(word) += ' ';
    sentence.remove_prefix(std::min(end + 1, sentence.size()));
  }
  return words;
}

}  // namespace

SourceLogon::SourceLogon(std::unique_ptr<MailSource> source, std::chrono::milliseconds interval,
                         mapi::TransportSupport& support)
    : source_(std::move(source)), interval_(interval), support_(support), pause_(interval) {
  mapi::PropertyBag columns;
  columns.set(mapi::PR_DISPLAY_NAME, source_->display_name());
  support.modify_status_row(columns);
  const SignalsBlocked for_the_thread;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

mapi::Registration SourceLogon::registration() const {
  mapi::Registration none;
  none.address_types = {""};
  none.paces_itself = true;
  return none;
}

std::unique_ptr<mapi::XPSender> SourceLogon::sender(mapi::SenderSupport&) {
  throw mapi::Failure(mapi::MAPI_E_NO_SUPPORT, "this transport sends nothing");
}

/// Asked for another one while it has one, the store does not take that one.
std::optional<mapi::InboundMessage> SourceLogon::start_message() {
  const std::scoped_lock lock(mutex_);
  if (state_ == Mail::ready) {
    state_ = Mail::handed_out;
    return std::exchange(ready_, std::nullopt);
  }
  if (state_ == Mail::handed_out) settle(Mail::refused);
  return std::nullopt;
}

void SourceLogon::inbound_stored() {
  const std::scoped_lock lock(mutex_);
  if (state_ == Mail::handed_out) settle(Mail::stored);
}

/// With the lock held.
void SourceLogon::settle(Mail state) {
  state_ = state;
  woken_ = true;
  changed_.notify_one();
}

void SourceLogon::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      step(stop);
    } catch (...) {
      const auto fault = std::current_exception();
      try {
        on_fault(fault, stop);
      } catch (...) {  // NOLINT(bugprone-empty-catch): memory for a sentence; it is tried again
      }
    }
    wait(stop);
  }
}

/// Until there is nothing to do but wait.
void SourceLogon::step(const std::stop_token& stop) {
  if (state() == Mail::stored) mark_stored(stop);
  if (state() == Mail::refused) {
    queue_.leave_aside(current_);
    set_state(Mail::none);
  }
  if (state() == Mail::none && !prepare_next(stop)) source_->rest();
  told_fault_.clear();
  pause_ = interval_;
  const auto now = state();
  if (stop.stop_requested()) return;
  if (now == Mail::ready || now == Mail::handed_out) support_.new_mail();
}

/// False: there is none.
bool SourceLogon::prepare_next(const std::stop_token& stop) {
  for (bool looked = false; !stop.stop_requested();) {
    if (const auto mail = queue_.take()) {
      if (prepare(*mail, stop)) return true;
    } else if (std::exchange(looked, true)) {
      return false;
    } else {
      queue_.refill(source_->list(stop));
    }
  }
  return false;
}

bool SourceLogon::prepare(const std::string& mail, const std::stop_token& stop) {
  try {
    const auto content = source_->read(mail, stop);
    if (!content) return false;
    auto message = inbound_message(*content);
    current_ = mail;
    const std::scoped_lock lock(mutex_);
    ready_ = std::move(message);
    state_ = Mail::ready;
    return true;
  } catch (const MailFault& fault) {
    leave_aside(mail, "the mail " + source_->name_of(mail) +
                          " cannot be taken and stays where it is: " + fault.what());
    return false;
  }
}

/// If it cannot be marked, the store knows it when it comes again. A mailbox that lists it although
/// it is marked is not asked for it over and over.
void SourceLogon::mark_stored(const std::stop_token& stop) {
  try {
    source_->mark_stored(current_, stop);
    queue_.leave_aside(current_);
  } catch (const MailFault& fault) {
    leave_aside(current_, "the mail " + source_->name_of(current_) +
                              " is stored but cannot be marked so: " + fault.what());
  }
  set_state(Mail::none);
}

void SourceLogon::leave_aside(const std::string& mail, const std::string& sentence) {
  if (queue_.leave_aside(mail)) support_.critical_error(sentence);
}

/// Without descriptors or memory for it, a mail waits for the next look; that is no news.
void SourceLogon::on_fault(const std::exception_ptr& fault, const std::stop_token& stop) {
  source_->rest();
  if (stop.stop_requested() || mapi::exhaustion(fault)) return;
  pause_ = std::min(pause_ * 2, interval_ * longest_pause);
  try {
    std::rethrow_exception(fault);
  } catch (const std::exception& error) {
    auto told = without_numbers(error.what());
    if (told == told_fault_) return;
    told_fault_ = std::move(told);
    support_.critical_error(error.what());
  }
}

void SourceLogon::wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, pause_, [this] { return std::exchange(woken_, false); });
}

void SourceLogon::set_state(Mail state) {
  const std::scoped_lock lock(mutex_);
  state_ = state;
}

SourceLogon::Mail SourceLogon::state() {
  const std::scoped_lock lock(mutex_);
  return state_;
}

}  // namespace postern::transport
