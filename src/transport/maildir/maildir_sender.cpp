#include "transport/maildir/maildir_sender.h"

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>
#include <variant>

#include "base/text.h"
#include "mapi/property_tags.h"
#include "transport/maildir/maildir.h"
#include "transport/message/deferred_delivery.h"

namespace postern::transport {
namespace {

using std::chrono::seconds;

/// Verdicts are saved whenever so many more are known; what a crash forgets, the files tell.
constexpr std::size_t recipients_per_save = 100;

/// The same at each attempt, and no other submission's: the entry id holds the store's UID, and a
/// message that is submitted again has another time. The row's id stays when rows are added.
std::string file_name(const mapi::MessageHandle& view, std::size_t row) {
  const auto& message = view.message();
  const auto submitted = message.get(mapi::PR_CLIENT_SUBMIT_TIME).value_or(mapi::FileTime{});
  auto name = std::to_string(submitted.unix_seconds()) + ".T" + std::to_string(submitted.ticks);
  name += 'E';
  for (const auto octet : view.entry_id().bytes) append_hex(name, static_cast<char>(octet));
  const auto row_id = message.recipients.at(row).get(mapi::PR_ROWID);
  name += row_id ? "R" + std::to_string(*row_id) : "N" + std::to_string(row);
  return name + ".postern";
}

std::string header_line(std::string_view name, std::string_view value) {
  return std::string(name) + ": " + printable(value) + '\n';
}

Outcome saved_in(const std::filesystem::path& mailbox) {
  return {.verdict = Verdict::delivered,
          .stage = Stage::end,
          .code = 0,
          .status = {2, 0, 0},
          .text = "saved in the mailbox " + mailbox.native(),
          .host = {},
          .time = std::chrono::system_clock::now()};
}

}  // namespace

void FaultNotice::tell(const std::string& sentence) {
  {
    const std::scoped_lock lock(mutex_);
    if (told_ == sentence) return;
    told_ = sentence;
  }
  support_.critical_error(sentence);
}

void FaultNotice::clear() {
  const std::scoped_lock lock(mutex_);
  told_.clear();
}

void MaildirSender::submit_message(mapi::MessageHandle& view, mapi::SubmitKind, Done done) {
  view_ = &view;
  auto offered = offered_recipients(view.message(), route_.domains);
  mapi::SubmitResult result{mapi::MAPI_E_NOT_ME};
  if (!offered.taken.empty()) {
    const auto hold = time_to_hold(view.message(), mapi::FileTime::now());
    rows_left_ = hold.has_value();
    result = hold ? mapi::SubmitResult{mapi::MAPI_E_WAIT, *hold} : send(offered.taken);
  }
  result.declined = std::move(offered.declined);
  done(std::move(result));
}

/// S_OK if anybody is settled, as by SMTP (mapi-submission.md §9, "Result rule").
mapi::SubmitResult MaildirSender::send(const std::vector<OfferedRecipient>& taken) {
  // What was begun before has a Message-ID, and a mail reader may have found it.
  may_be_in_cur_ = view_->message().get(mapi::PR_INTERNET_MESSAGE_ID).has_value();
  RecipientRecord record(*view_, support_);
  const auto progress = deliver_all(taken, record);
  record.save();
  rows_left_ = progress.settled < taken.size();
  mapi::SubmitResult result;
  if (progress.settled == 0) {
    result.code = is_cancelled() ? mapi::MAPI_E_USER_CANCEL : mapi::MAPI_E_WAIT;
  }
  if (!progress.is_on_schedule) result.retry_after = progress.pause;
  return result;
}

MaildirSender::Progress MaildirSender::deliver_all(const std::vector<OfferedRecipient>& taken,
                                                   RecipientRecord& record) {
  Progress progress;
  try {
    for (const auto& [entity, recipients] : by_secured_entity(taken)) {
      if (is_cancelled()) break;
      deliver_entity(entity, recipients, record, progress);
    }
  } catch (...) {  // of the store, the content or the machine: what is left is offered again
    record.save_final();
    throw;
  }
  return progress;
}

void MaildirSender::deliver_entity(std::int32_t entity,
                                   const std::vector<OfferedRecipient>& recipients,
                                   RecipientRecord& record, Progress& progress) {
  const auto composed = compose_offered(*view_, route_.composition, entity);
  const auto* refusal = std::get_if<Outcome>(&composed);
  for (const auto& recipient : recipients) {
    if (is_cancelled()) return;
    const auto [outcome, pause] = refusal != nullptr
                                      ? DiskFault{*refusal}
                                      : deliver(std::get<Composition>(composed).plan, recipient);
    record.write(recipient.rows, outcome);
    if (is_final(outcome.verdict)) {
      if (++progress.settled % recipients_per_save == 0) record.save_final();
    } else if (pause == seconds{0}) {
      progress.is_on_schedule = true;
    }
    progress.pause = std::max(progress.pause, pause);
  }
}

DiskFault MaildirSender::deliver(const mime::Plan& plan, const OfferedRecipient& recipient) {
  const auto mailbox = route_.mailboxes.mailbox(recipient.address);
  const Maildir maildir(route_.mailboxes.base(), mailbox);
  const auto name = file_name(*view_, recipient.rows.front());
  try {
    if (!maildir.holds(name, may_be_in_cur_)) {
      maildir.deliver(name,
                      header_line("Return-Path", '<' + plan.reverse_path + '>') +
                          header_line("Delivered-To", recipient.address),
                      plan.content());
    }
  } catch (const std::system_error& error) {
    if (const auto lack = mapi::exhaustion(std::current_exception())) throw *lack;
    auto fault = disk_fault(error);
    if (fault.pause > seconds{0}) route_.faults.tell(fault.outcome.text);
    return fault;
  }
  route_.faults.clear();
  return {saved_in(mailbox)};
}

bool MaildirSender::is_cancelled() const {
  return cancelled_ || support_.spooler_yield() == mapi::MAPI_W_CANCEL_MESSAGE;
}

}  // namespace postern::transport
