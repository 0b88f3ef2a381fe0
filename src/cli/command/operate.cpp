// postern cancel, hold, release, retry and flush: the operator's hand on the outgoing queue.
//
// What the store alone can do is done there, whether a spooler runs or not; a message that is being
// sent, and suspended routes, are the running spooler's, which is asked (control/control_client.h).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/outcome.h"
#include "cli/command/command.h"
#include "cli/control/control_client.h"
#include "cli/option/store_option.h"
#include "cli/output/diagnostic.h"
#include "cli/output/exit_status.h"
#include "cli/output/queue_state.h"
#include "cli/output/time_text.h"
#include "mapi/property_tags.h"
#include "store/display_id.h"

namespace postern::cli {
namespace {

/// How long `cancel` waits for the spooler to let go of a message.
constexpr auto cancel_patience = std::chrono::seconds{15};
constexpr auto look_interval = std::chrono::milliseconds{50};

int refuse(const std::string& sentence, ExitStatus status = some_failed) {
  print_diagnostic(sentence);
  return status;
}

int done(const std::string& sentence) {
  std::printf("%s.\n", sentence.c_str());
  return all_delivered;
}

/// A command about messages of the queue, one by one; the worst exit status counts.
class QueueCommand {
 public:
  explicit QueueCommand(CLI::App& command, const char* footer) {
    ids_ = command.add_option("ID", given_, "As shown by send, submit and queue");
    store_.add_to(command);
    command.footer(
        std::string(footer) +
        "\n\nExit status: 0 done, 1 it could not be done (the message was sent already,\n"
        "say), 66 no such message or store, 69 no spooler runs where one is needed.");
  }
  virtual ~QueueCommand() = default;
  QueueCommand(const QueueCommand&) = delete;
  QueueCommand& operator=(const QueueCommand&) = delete;

  int run() {
    session_ = store_.open_existing().logon();
    if (given_.empty()) return act_on_all();
    int status = all_delivered;
    for (const auto& id : given_) status = std::max(status, act(id));
    return status;
  }

 protected:
  virtual int act_on(const std::string& id, const mapi::EntryId& entry) = 0;
  virtual int act_on_all() { return usage_error; }

  CLI::Option& ids() { return *ids_; }
  mapi::MsgStore& session() { return *session_; }
  [[nodiscard]] std::filesystem::path control_path() const { return store_.control_path(); }
  [[nodiscard]] bool spooler_runs() const {
    return ask_spooler(store_.control_path(), "status").has_value();
  }

 private:
  /// What is wrong with one message does not stop the others.
  int act(const std::string& id) {
    try {
      return act_on(id, store::entry_of(*session_, id));
    } catch (const mapi::Failure& failure) {
      const bool is_past = failure.code() == mapi::MAPI_E_NOT_IN_QUEUE;
      return refuse(failure.what(), is_past ? some_failed : exit_status_of(failure.code()));
    }
  }

  CLI::Option* ids_ = nullptr;
  std::vector<std::string> given_;
  StoreOption store_;
  std::unique_ptr<mapi::MsgStore> session_;
};

class Cancel final : public QueueCommand {
 public:
  explicit Cancel(CLI::App& command)
      : QueueCommand(
            command,
            "The message leaves the queue and becomes a draft again. Of one that is being\n"
            "sent, recipients who have it keep it; what has wholly left for a server cannot\n"
            "be called back.") {
    ids().required();
  }

 private:
  int act_on(const std::string& id, const mapi::EntryId& entry) override {
    const auto deadline = std::chrono::steady_clock::now() + cancel_patience;
    bool was_asked = false;
    bool will_end = false;
    while (true) {
      if (abort_submit(entry, was_asked)) return tell_end(id, entry);
      if (!will_end) {
        const auto answer = ask_spooler(control_path(), "cancel " + id);
        if (!answer) {
          return refuse("message " + id +
                            " is being sent by a program that cannot be asked to stop; stop that "
                            "program, or wait until it is done",
                        service_unavailable);
        }
        was_asked = true;
        will_end = answer->value("done", false);  // else it has just let go of it
      }
      if (std::chrono::steady_clock::now() > deadline) {
        std::string sentence = "message " + id;
        sentence += " is to be cancelled, but its transfer has not ended yet; `postern show " + id;
        sentence += "` tells when it has";
        return refuse(sentence, still_queued);
      }
      std::this_thread::sleep_for(look_interval);
    }
  }

  /// False if it is being sent. True also if it has left the queue since the spooler was asked.
  bool abort_submit(const mapi::EntryId& entry, bool was_asked) {
    try {
      session().abort_submit(entry);
      return true;
    } catch (const mapi::Failure& failure) {
      if (failure.code() == mapi::MAPI_E_UNABLE_TO_ABORT) return false;
      const bool is_gone =
          failure.code() == mapi::MAPI_E_NOT_IN_QUEUE || failure.code() == mapi::MAPI_E_NOT_FOUND;
      if (!was_asked || !is_gone) throw;
      return true;
    }
  }

  /// It has left the queue: by being cancelled, or because all of it was sent.
  int tell_end(const std::string& id, const mapi::EntryId& entry) {
    const auto gone = "message " + id + " cannot be cancelled: all of it was sent already";
    try {
      const auto handle = session().open_entry(entry, mapi::Access::read_only);
      const auto& message = handle->message();
      if ((message.get_or(mapi::PR_MESSAGE_FLAGS, 0) & mapi::MSGFLAG_UNSENT) == 0) {
        return refuse(gone);
      }
      const auto reached = std::ranges::count_if(message.recipients, [](const auto& row) {
        return row.get(mapi::PR_POSTERN_VERDICT) == static_cast<std::int32_t>(Verdict::delivered);
      });
      const auto all = message.recipients.size();
      return done("message " + id + " is cancelled" +
                  (reached == 0 ? ""
                                : "; " + std::to_string(reached) + " of " + std::to_string(all) +
                                      " recipients have it already"));
    } catch (const mapi::Failure& failure) {
      if (failure.code() == mapi::MAPI_E_CORRUPT_STORE) {
        return done("message " + id +
                    " has left the queue; whom it has reached cannot be told, as it is damaged");
      }
      if (failure.code() != mapi::MAPI_E_NOT_FOUND) throw;
      return refuse(gone);  // and deleted, as its submitter wished
    }
  }
};

class Hold final : public QueueCommand {
 public:
  explicit Hold(CLI::App& command)
      : QueueCommand(
            command,
            "The message stays in the queue and is not sent until `postern release`, however\n"
            "often the spooler is started. An attempt that is under way goes on; what is left\n"
            "of the message after it waits.") {
    ids().required();
  }

 private:
  int act_on(const std::string& id, const mapi::EntryId& entry) override {
    session().set_on_hold(entry, true);
    const auto row = session().queue_row(entry);
    const bool locked = row && (row->submit_flags & mapi::SUBMITFLAG_LOCKED) != 0;
    return done(
        "message " + id +
        (locked ? " is being sent right now; what is left of it then is on hold" : " is on hold"));
  }
};

class Release final : public QueueCommand {
 public:
  explicit Release(CLI::App& command)
      : QueueCommand(
            command,
            "Ends what `postern hold` began. A message that its sender has deferred, or that\n"
            "waits for its next attempt, still waits for that time.") {
    ids().required();
  }

 private:
  int act_on(const std::string& id, const mapi::EntryId& entry) override {
    const auto before = session().queue_row(entry);
    if (before && !before->on_hold) return refuse("message " + id + " is not on hold");
    session().set_on_hold(entry, false);
    const auto row = session().queue_row(entry);
    if (!row) return done("message " + id + " is released");
    const auto state = state_of(*row, mapi::FileTime::now(), true);
    return done("message " + id + " is released: " + state_text(*row, state));
  }
};

class Retry final : public QueueCommand {
 public:
  explicit Retry(CLI::App& command)
      : QueueCommand(
            command,
            "What waits for its next attempt is tried as soon as a spooler runs: one message,\n"
            "or all. What is on hold or deferred by its sender waits on. While a route is\n"
            "suspended its messages wait all the same; `postern flush` ends that too.") {}

 private:
  int act_on(const std::string& id, const mapi::EntryId& entry) override {
    const auto row = session().queue_row(entry);
    const auto state = row ? state_of(*row, mapi::FileTime::now(), true) : QueueState::ready;
    if (state == QueueState::on_hold) {
      return refuse("message " + id + " is on hold; `postern release " + id + "` ends that");
    }
    if (state == QueueState::deferred) {
      return refuse("message " + id + " is " + state_text(*row, state) +
                    "; it is not sent before that");
    }
    session().retry_now(entry);
    if (state == QueueState::sending) return done("message " + id + " is being sent right now");
    return done("message " + id + " is due now" + without_spooler());
  }

  int act_on_all() override {
    session().retry_now();
    return done("All messages that waited for their next attempt are due now" + without_spooler());
  }

  [[nodiscard]] std::string without_spooler() const {
    return spooler_runs() ? "" : "; no spooler runs, the next one tries";
  }
};

class Flush {
 public:
  explicit Flush(CLI::App& command) {
    store_.add_to(command);
    command.footer(
        "A running `postern spool` tries all messages that wait for their next attempt, also on\n"
        "routes that are suspended. The command does not wait for the outcome; `postern queue`\n"
        "shows what is left.\n\n"
        "Exit status: 0 done, 66 no such store, 69 no spooler runs.");
  }

  int run() {
    store_.open_existing();
    if (!ask_spooler(store_.control_path(), "flush")) {
      return refuse(
          "no spooler runs on '" + store_.name() + "'; start one with `postern spool --flush`",
          service_unavailable);
    }
    return done("The spooler tries now all that waited for its next attempt");
  }

 private:
  StoreOption store_;
};

template <typename Command>
Run add(CLI::App& program, const char* name, const char* description) {
  auto command = std::make_shared<Command>(*program.add_subcommand(name, description));
  return [command] { return command->run(); };
}

}  // namespace

Run add_cancel(CLI::App& program) {
  return add<Cancel>(program, "cancel", "Take messages out of the queue, also while they are sent");
}
Run add_hold(CLI::App& program) {
  return add<Hold>(program, "hold", "Keep messages in the queue until they are released");
}
Run add_release(CLI::App& program) {
  return add<Release>(program, "release", "Send what was put on hold");
}
Run add_retry(CLI::App& program) {
  return add<Retry>(program, "retry", "Try now what waits for its next attempt");
}
Run add_flush(CLI::App& program) {
  return add<Flush>(program, "flush", "Have the running spooler try everything now");
}

}  // namespace postern::cli
