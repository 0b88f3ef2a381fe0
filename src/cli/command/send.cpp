// postern send: submits files, sends them, stays until there are verdicts.
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command/command.h"
#include "cli/command/submission.h"
#include "cli/option/message_input.h"
#include "cli/option/relay_options.h"
#include "cli/option/store_option.h"
#include "cli/output/diagnostic.h"
#include "cli/output/exit_status.h"
#include "cli/output/interruption.h"
#include "cli/output/progress_line.h"
#include "cli/output/verdict_view.h"
#include "mapi/property_tags.h"
#include "store/display_id.h"

namespace postern::cli {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

/// Without --wait: a retry further away than this is not waited for.
constexpr auto longest_unasked_pause = std::chrono::seconds{30};
/// How often messages are looked for that somebody has cancelled.
constexpr auto cancelled_interval = std::chrono::seconds{1};

/// The progress of this command's messages, from the spooler's callbacks.
class DeliveryWatch {
 public:
  explicit DeliveryWatch(std::vector<SubmittedFile>& files) {
    for (auto& file : files) {
      if (file.entry && by_entry_.emplace(*file.entry, &file).second) open_.insert(*file.entry);
    }
  }

  spooler::SpoolerObserver observer() {
    spooler::SpoolerObserver observer;
    observer.message = [this](const mapi::EntryId& entry, const mapi::Message& message,
                              bool finished) { note(entry, message, finished); };
    observer.held = [this](const mapi::EntryId& entry, system_clock::time_point until) {
      const std::scoped_lock lock(mutex_);
      if (by_entry_.contains(entry)) held_[entry] = until;
    };
    observer.suspended = [this](const std::string& reason) {
      const std::scoped_lock lock(mutex_);
      suspended_ = reason;
    };
    observer.trouble = [this](const mapi::EntryId& entry, const std::string& sentence) {
      const std::scoped_lock lock(mutex_);
      if (const auto found = by_entry_.find(entry); found != by_entry_.end()) {
        found->second->trouble = sentence;
      }
    };
    observer.exhausted = [this](const std::string& sentence) {
      const std::scoped_lock lock(mutex_);
      news_ = sentence;
    };
    observer.failed = [this](const mapi::Failure& failure) {
      const std::scoped_lock lock(mutex_);
      failed_ = failure;
    };
    return observer;
  }

  struct Progress {
    std::size_t all = 0;
    std::size_t open = 0;
    /// Every open message waits for its time; the earliest of these times.
    std::optional<system_clock::time_point> next_attempt;
    std::string suspended;
    std::optional<mapi::Failure> failed;
  };
  [[nodiscard]] Progress progress() const {
    const std::scoped_lock lock(mutex_);
    Progress progress{by_entry_.size(), open_.size(), {}, suspended_, failed_};
    if (!open_.empty() && held_.size() == open_.size()) {
      for (const auto& [entry, until] : held_) {
        progress.next_attempt = std::min(progress.next_attempt.value_or(until), until);
      }
    }
    return progress;
  }
  /// Nothing is told of a message that somebody cancels while it waits: it is missing in the queue.
  void look_for_cancelled(const mapi::MsgStore& session) {
    const std::scoped_lock lock(mutex_);
    for (auto entry = open_.begin(); entry != open_.end();) {
      if (session.queue_row(*entry)) {
        ++entry;
        continue;
      }
      by_entry_.at(*entry)->trouble = cancelled;
      held_.erase(*entry);
      entry = open_.erase(entry);
    }
  }
  /// What is to be said at once, if anything is.
  std::string take_news() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(news_, {});
  }

 private:
  void note(const mapi::EntryId& entry, const mapi::Message& message, bool finished) {
    const std::scoped_lock lock(mutex_);
    const auto found = by_entry_.find(entry);
    if (found == by_entry_.end()) return;
    found->second->message = message;
    found->second->message.attachments.clear();
    held_.erase(entry);
    if (!finished) return;
    // It was missing in the queue for a moment before this was told.
    if (open_.erase(entry) == 0 && found->second->trouble == cancelled) {
      found->second->trouble.clear();
    }
  }

  static constexpr auto cancelled = "somebody has cancelled the message";

  mutable std::mutex mutex_;
  std::map<mapi::EntryId, SubmittedFile*> by_entry_;
  std::map<mapi::EntryId, system_clock::time_point> held_;
  std::set<mapi::EntryId> open_;
  std::string suspended_;
  std::optional<mapi::Failure> failed_;
  std::string news_;
};

std::string progress_text(const DeliveryWatch::Progress& progress) {
  auto text = std::to_string(progress.all - progress.open) + " of " + std::to_string(progress.all) +
              " messages done";
  if (progress.next_attempt) {
    const auto pause =
        std::chrono::ceil<std::chrono::seconds>(*progress.next_attempt - system_clock::now());
    text += ", next attempt in " + std::to_string(std::max<long>(pause.count(), 0)) + " s";
  }
  return text;
}

class Send {
 public:
  explicit Send(CLI::App& command) {
    input_.add_to(command);
    relay_.add_to(command);
    store_.add_to(command);
    command
        .add_option("--wait", wait_,
                    "Stay at most so long; by default until every recipient has a final\n"
                    "verdict, or the next attempt is more than 30 s away")
        ->type_name("SECONDS")
        ->check(CLI::NonNegativeNumber);
    command.add_flag("--no-sent-copy", no_sent_copy_, "Keep no copy in Sent Items");
    command.add_flag("--json", json_, "One JSON object a line per message on stdout");
    command.footer(
        "Each file becomes a message in the store's outgoing queue and is sent at once. What\n"
        "could not be sent stays queued: `postern spool` goes on with it (with --flush at once),\n"
        "`postern queue` shows it. Refused recipients are reported in `postern inbox`.\n\n"
        "Example: postern send letter.msg --relay smtp://127.0.0.1:1025 --to ann@example.com");
  }

  int run() {
    input_.check();
    const auto transports = relay_.make_transports();
    const auto options = relay_.spooler_options();
    auto session = log_on();
    std::vector<SubmittedFile> files;
    submit_files(*session, input_, {.keep_sent_copy = !no_sent_copy_, .send_time = {}},
                 [&](SubmittedFile file) { files.push_back(std::move(file)); });
    DeliveryWatch watch(files);
    if (watch.progress().all > 0) send(*session, transports, options, watch);
    return show(*session, files, watch.progress());
  }

 private:
  std::unique_ptr<mapi::MsgStore> log_on() {
    auto& store = store_.open(input_.resolver());
    try {
      return store.spooler_logon();
    } catch (const mapi::Failure& failure) {
      if (failure.code() != mapi::MAPI_E_BUSY) throw;
      throw mapi::Failure(failure.code(), std::string(failure.what()) +
                                              "; no message was queued: `postern submit` queues "
                                              "them for it");
    }
  }

  void send(mapi::MsgStore& session, const Transports& transports,
            const spooler::SpoolerOptions& options, DeliveryWatch& watch) {
    catch_interruptions();
    const auto start = steady_clock::now();
    ProgressLine line;
    const auto print_news = [&] {
      const auto news = watch.take_news();
      if (news.empty()) return;
      line.clear();
      print_diagnostic(news);
    };
    spooler::Spooler spooler(session, transports.pointers(), options, watch.observer());
    auto last_look = start;
    while (!interrupted() && !is_over(watch.progress(), start)) {
      print_news();
      if (const auto now = steady_clock::now(); now - last_look >= cancelled_interval) {
        try {
          watch.look_for_cancelled(session);
        } catch (const mapi::Failure&) {  // the store cannot be read now
        }
        last_look = now;
      }
      line.show(progress_text(watch.progress()));
      spooler.wait_empty(
          std::min(steady_clock::now() + std::chrono::milliseconds{100}, deadline(start)));
    }
    spooler.stop();
    print_news();
  }

  [[nodiscard]] steady_clock::time_point deadline(steady_clock::time_point start) const {
    constexpr double a_century = 3.2e9;  // no sum with it overflows
    if (wait_ < 0 || wait_ > a_century) return steady_clock::time_point::max();
    return start + std::chrono::milliseconds{static_cast<std::int64_t>(wait_ * 1000)};
  }

  [[nodiscard]] bool is_over(const DeliveryWatch::Progress& progress,
                             steady_clock::time_point start) const {
    if (progress.open == 0 || progress.failed) return true;
    if (steady_clock::now() >= deadline(start)) return true;
    if (!progress.next_attempt) return false;
    if (!progress.suspended.empty()) return true;
    return wait_ < 0 && *progress.next_attempt > system_clock::now() + longest_unasked_pause;
  }

  int show(mapi::MsgStore& session, const std::vector<SubmittedFile>& files,
           const DeliveryWatch::Progress& progress) {
    auto table = verdict_table();
    int status = all_delivered;
    for (const auto& file : files) {
      if (!file.entry) {
        if (json_) print_json(error_json(file.file, file.error));
        status = std::max<int>(status, file.error_status);
        continue;
      }
      const auto id = store::display_id(*file.entry);
      const auto recipients = recipients_of(file.message, progress.suspended);
      if (json_) print_json(to_json(file.file, id, file.message, recipients));
      add_rows(table, id, recipients);
      status = std::max(status, status_of(session, file, recipients));
    }
    if (!json_ && !table.empty()) std::fputs(table.text().c_str(), stdout);
    print_remaining(files, progress);
    return status;
  }

  static int status_of(const mapi::MsgStore& session, const SubmittedFile& file,
                       const std::vector<RecipientView>& recipients) {
    if (session.queue_row(*file.entry)) return still_queued;
    for (const auto& recipient : recipients) {
      if (recipient.verdict != Verdict::delivered) return some_failed;
    }
    return all_delivered;
  }

  void print_remaining(const std::vector<SubmittedFile>& files,
                       const DeliveryWatch::Progress& progress) const {
    for (const auto& file : files) {
      if (!file.trouble.empty()) print_file_diagnostic(file.file, file.trouble);
    }
    if (progress.failed) throw mapi::Failure(*progress.failed);
    if (progress.open == 0) return;
    std::string sentence = std::to_string(progress.open) +
                           (progress.open == 1 ? " message stays" : " messages stay") +
                           " queued in " + store_.name();
    if (!progress.suspended.empty()) {
      sentence += "; the route needs attention: " + progress.suspended;
    } else if (const auto reason = session_trouble(files); !reason.empty()) {
      sentence += ": " + reason;
    }
    print_diagnostic(sentence);
  }

  /// Why the session failed before any recipient was offered; empty if it did not.
  static std::string session_trouble(const std::vector<SubmittedFile>& files) {
    for (const auto& file : files) {
      for (const auto& recipient : recipients_of(file.message)) {
        const bool before_mail = recipient.stage >= Stage::connect && recipient.stage < Stage::mail;
        if (before_mail) return answer(recipient);
      }
    }
    return {};
  }

  MessageInput input_;
  RelayOptions relay_;
  StoreOption store_;
  double wait_ = -1;
  bool no_sent_copy_ = false;
  bool json_ = false;
};

}  // namespace

Run add_send(CLI::App& program) {
  auto* command =
      program.add_subcommand("send", "Send .msg files now and show what became of them");
  auto send = std::make_shared<Send>(*command);
  return [send] { return send->run(); };
}

}  // namespace postern::cli
