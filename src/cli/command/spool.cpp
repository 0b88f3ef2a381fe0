// postern spool: runs the spooler until it is stopped.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command/command.h"
#include "cli/control/control_server.h"
#include "cli/control/request.h"
#include "cli/option/bounce_source.h"
#include "cli/option/relay_options.h"
#include "cli/option/runtime_file.h"
#include "cli/option/store_option.h"
#include "cli/output/diagnostic.h"
#include "cli/output/exit_status.h"
#include "cli/output/interruption.h"
#include "cli/output/time_text.h"
#include "cli/output/verdict_view.h"
#include "mapi/property_tags.h"
#include "store/display_id.h"

namespace postern::cli {
namespace {

/// What may still finish when the program is asked to stop.
constexpr auto grace = std::chrono::seconds{10};

class Spool {
 public:
  explicit Spool(CLI::App& command) {
    relay_.add_to(command);
    store_.add_to(command);
    command.add_flag("--until-empty", until_empty_,
                     "Stop when the outgoing queue is empty, or only what is damaged is left");
    command.add_flag("--flush", flush_, "Try at once what waits for its next attempt");
    command
        .add_option(
            "--bounces", bounces_,
            "Where the mail system delivers what comes back: a Maildir, or a folder of an\n"
            "IMAP server, imaps://USER@HOST[:PORT][/FOLDER]?password-file=FILE (imap://:\n"
            "STARTTLS; also tls=none, ca-file=FILE, interval=TIME, by default 30s). Each mail\n"
            "in new, or not seen, becomes a report in the Inbox, as by `postern bounce`, and\n"
            "is then moved to cur, or marked as seen; may be repeated")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->type_name("MAILBOX");
    command.add_flag("--json", json_, "One JSON object a line per message and attempt on stdout");
    command.footer(
        "Sends what `postern submit` queues, retries what failed for now, and puts reports into\n"
        "the Inbox. SIGTERM, SIGINT or SIGHUP stops it; what is not sent stays queued. While it\n"
        "runs, `postern status`, `cancel` and `flush` reach it through a socket beside the store.");
  }

  int run() {
    auto transports =
        relay_.make_transports([this](const smtp::RouteStatus& status) { note_route(status); });
    for (const auto& source : bounces_) transports.add(bounce_source(source));
    auto options = relay_.spooler_options();
    options.flush_at_start = flush_;
    auto session = store_.open().spooler_logon();
    const auto warnings = session->advise(store_observer());
    catch_interruptions();
    if (!json_) std::printf("postern: sending from %s\n", store_.name().c_str());
    std::fflush(stdout);
    spooler::Spooler spooler(*session, transports.pointers(), options, observer());
    const auto control = listen(spooler, *session);
    wait(spooler, *session);
    spooler.stop(grace);
    if (failed_) throw mapi::Failure(*failed_);
    if (!until_empty_ || session->queue_is_empty()) return all_delivered;
    return is_left_with_trouble(*session) ? data_error : still_queued;
  }

 private:
  /// Mail is sent without the socket too.
  std::unique_ptr<ControlServer> listen(spooler::Spooler& spooler, mapi::MsgStore& session) {
    SpoolerControl control;
    control.status = [&spooler] { return spooler.status(); };
    control.routes = [this] { return route_rows(); };
    control.flush = [this, &spooler] {
      forget_learned();
      spooler.flush();
    };
    control.cancel = [&spooler, &session](std::string_view id) {
      return spooler.cancel(store::entry_of(session, id));
    };
    try {
      // A store in a file has one spooler; of those that share a database, one of a machine
      // answers.
      const auto place = store_.control_path();
      if (place != store_.location() && !answers_.emplace(place).succeeded()) {
        print_diagnostic("another spooler of this user answers for this store on this machine");
        return nullptr;
      }
      return std::make_unique<ControlServer>(place, [control](std::string_view line) {
        return json_line(answer_request(line, control));
      });
    } catch (const std::exception& error) {
      const auto lack = mapi::exhaustion(std::current_exception());
      print_diagnostic(std::string("this spooler cannot be asked for its status: ") +
                       (lack ? lack->what() : error.what()));
      return nullptr;
    }
  }

  void note_route(const smtp::RouteStatus& status) {
    smtp::RouteStatus before;
    {
      const std::scoped_lock lock(mutex_);
      before = std::exchange(routes_[status.route], status);
      if (!status.suspended && status.learned.empty()) routes_.erase(status.route);
    }
    if (status.suspended || before.suspended) print_route(status);
    for (const smtp::LearnedFact& fact : status.learned) {
      if (is_among(before.learned, fact)) continue;
      print_diagnostic(fact.host + ": " + fact.text + "; remembered until " +
                       local_time(mapi::FileTime::from(fact.until)));
    }
  }

  void forget_learned() {
    const std::scoped_lock lock(mutex_);
    for (auto& [route, status] : routes_) status.learned.clear();
  }

  /// Its end may have been put off.
  static bool is_among(const std::vector<smtp::LearnedFact>& known, const smtp::LearnedFact& fact) {
    return std::any_of(known.begin(), known.end(), [&](const smtp::LearnedFact& one) {
      return one.host == fact.host && one.text == fact.text;
    });
  }

  /// Those that are suspended, and what was learned of their servers, as rows of the status table.
  std::vector<mapi::PropertyBag> route_rows() {
    std::vector<mapi::PropertyBag> rows;
    const auto add = [&](const std::string& name, std::int32_t state, const std::string& reason,
                         std::chrono::system_clock::time_point until) {
      auto& row = rows.emplace_back();
      row.set(mapi::PR_DISPLAY_NAME, name);
      row.set(mapi::PR_STATUS_CODE, state);
      row.set(mapi::PR_STATUS_STRING, reason);
      row.set(mapi::PR_POSTERN_NEXT_ATTEMPT, mapi::FileTime::from(until));
    };
    const auto now = std::chrono::system_clock::now();
    const std::scoped_lock lock(mutex_);
    for (const auto& [route, status] : routes_) {
      if (status.suspended) {
        add(route, mapi::STATUS_OFFLINE, reason_of(*status.suspended), status.suspended_until);
      }
      for (const smtp::LearnedFact& fact : status.learned) {
        if (fact.until > now) add(fact.host, mapi::STATUS_AVAILABLE, fact.text, fact.until);
      }
    }
    return rows;
  }

  /// A sentence of ours has the reply in it.
  static std::string reason_of(const Outcome& why) {
    return (why.has_reply() ? std::to_string(why.code) + ' ' : "") + why.text;
  }

  /// On stderr, as it is no result of a message.
  static void print_route(const smtp::RouteStatus& status) {
    if (!status.suspended) return print_diagnostic(status.route + ": mail goes again");
    print_diagnostic(status.route + ": nothing is sent until " +
                     local_time(mapi::FileTime::from(status.suspended_until)) + ": " +
                     reason_of(*status.suspended));
  }

  void wait(spooler::Spooler& spooler, const mapi::MsgStore& session) {
    while (!interrupted() && !has_failed()) {
      const bool empty =
          spooler.wait_empty(std::chrono::steady_clock::now() + std::chrono::milliseconds{200});
      if (until_empty_ && (empty || is_left_with_trouble(session))) return;
      if (!empty) continue;
      std::this_thread::sleep_for(std::chrono::milliseconds{200});
    }
  }

  /// Whatever is queued could not be worked on when it was tried: time alone will not mend it.
  bool is_left_with_trouble(const mapi::MsgStore& session) {
    const std::scoped_lock lock(mutex_);
    if (troubled_.empty()) return false;
    try {
      const auto queue = session.outgoing_queue(std::nullopt, troubled_.size() + 1);
      return std::ranges::all_of(
          queue, [this](const auto& row) { return troubled_.contains(row.entry_id); });
    } catch (const mapi::Failure& failure) {
      if (!mapi::is_passing(failure.code())) throw;
      return false;
    }
  }

  bool has_failed() {
    const std::scoped_lock lock(mutex_);
    return failed_.has_value();
  }

  static mapi::StoreObserver store_observer() {
    mapi::StoreObserver observer;
    observer.warning = [](const mapi::EntryId&, const std::string& sentence) {
      print_diagnostic(sentence);
    };
    return observer;
  }

  spooler::SpoolerObserver observer() {
    spooler::SpoolerObserver observer;
    observer.message = [this](const mapi::EntryId& entry, const mapi::Message& message,
                              bool finished) { note(entry, message, finished); };
    observer.suspended = [](const std::string& reason) {
      print_diagnostic("the route needs attention: " + reason);
    };
    observer.trouble = [this](const mapi::EntryId& entry, const std::string& sentence) {
      if (entry.bytes.empty()) return print_diagnostic("mail that came in: " + sentence);
      print_diagnostic("message " + store::display_id(entry) + ": " + sentence);
      const std::scoped_lock lock(mutex_);
      troubled_.insert(entry);
    };
    observer.exhausted = [](const std::string& sentence) { print_diagnostic(sentence); };
    observer.recovered = [] { print_diagnostic("no mail waits for that any more"); };
    observer.failed = [this](const mapi::Failure& failure) {
      const std::scoped_lock lock(mutex_);
      failed_ = failure;
    };
    return observer;
  }

  /// Shows the outcomes of a message, unless the last call has shown them.
  void note(const mapi::EntryId& entry, const mapi::Message& message, bool finished) {
    {
      const std::scoped_lock lock(mutex_);
      troubled_.erase(entry);
    }
    const std::string text = text_of(store::display_id(entry), message);
    std::string& last = shown_[entry];
    if (text != last) {
      std::fputs(text.c_str(), stdout);
      std::fflush(stdout);
    }
    last = text;
    if (finished) shown_.erase(entry);
  }

  [[nodiscard]] std::string text_of(const std::string& id, const mapi::Message& message) const {
    const auto recipients = recipients_of(message);
    if (json_) return json_line(to_json(std::nullopt, id, message, recipients));
    std::string text;
    for (const auto& recipient : recipients) {
      if (recipient.is_shown_only) continue;
      text += id + ' ' + std::string(name(recipient.verdict)) + ' ' +
              for_display(recipient.address) + ": " + for_display(answer(recipient)) + '\n';
    }
    return text;
  }

  RelayOptions relay_;
  StoreOption store_;
  std::optional<RuntimeLock> answers_;
  std::vector<std::string> bounces_;
  bool until_empty_ = false;
  bool flush_ = false;
  bool json_ = false;
  std::map<mapi::EntryId, std::string> shown_;  ///< of messages that have not left the queue
  std::mutex mutex_;
  std::set<mapi::EntryId> troubled_;  ///< messages that could not be worked on
  std::optional<mapi::Failure> failed_;
  std::map<std::string, smtp::RouteStatus> routes_;  ///< of which there is something to say
};

}  // namespace

Run add_spool(CLI::App& program) {
  auto* command = program.add_subcommand("spool", "Run the spooler until it is stopped");
  auto spool = std::make_shared<Spool>(*command);
  return [spool] { return spool->run(); };
}

}  // namespace postern::cli
