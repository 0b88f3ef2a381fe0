// postern status: what the spooler does, which routes it cannot use and why, and what waits.
#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command/command.h"
#include "cli/control/control_client.h"
#include "cli/option/store_option.h"
#include "cli/output/diagnostic.h"
#include "cli/output/exit_status.h"
#include "cli/output/queue_state.h"
#include "cli/output/table.h"
#include "cli/output/time_text.h"
#include "cli/output/verdict_view.h"
#include "store/display_id.h"

namespace postern::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t rows_at_once = 1000;

/// How many messages are in each state.
using QueueCounts = std::array<std::uint64_t, queue_states>;

QueueCounts count_queue(const mapi::MsgStore& store, bool spooler_runs) {
  QueueCounts counts{};
  const auto now = mapi::FileTime::now();
  std::optional<mapi::MsgStore::QueuePosition> position;
  while (true) {
    const auto rows = store.outgoing_queue(position, rows_at_once);
    if (rows.empty()) return counts;
    for (const auto& row : rows) {
      ++counts.at(static_cast<std::size_t>(state_of(row, now, spooler_runs)));
    }
    position = {rows.back().client_submit_time, rows.back().sequence};
  }
}

ordered_json to_json(const QueueCounts& counts) {
  ordered_json object = ordered_json::object();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    object[std::string(key(static_cast<QueueState>(i)))] = counts.at(i);
  }
  return object;
}

/// "available, sending".
std::string state_words(const ordered_json& row) {
  auto words = row.value("state", "");
  if (row.value("sending", false)) words += ", sending";
  if (row.value("flushing", false)) words += ", flushing";
  return words;
}

void add_row(Table& table, const char* what, const ordered_json& row) {
  const auto until = row.value("until", "");
  table.add({what, row.value("name", ""), state_words(row), until.empty() ? "" : until,
             for_display(row.value("reason", ""))});
}

class Status {
 public:
  explicit Status(CLI::App& command) {
    store_.add_to(command);
    command.add_flag("--json", json_, "One JSON object");
    command.footer(
        "Counts the outgoing queue by what its messages wait for, and shows what a running\n"
        "`postern spool` says of itself, of its transports, of the routes that it cannot use, why\n"
        "and until when (UTC), and of what it has learned of servers: a limit of recipients, an\n"
        "extension that does not work. `postern flush` makes it forget that and try anew.\n\n"
        "Exit status: 0 shown, whether a spooler runs or not, 66 no such store, 75 the store "
        "cannot\n"
        "be looked into now; what the spooler says of itself is shown all the same.");
  }

  int run() {
    std::unique_ptr<mapi::MsgStore> session;
    std::optional<mapi::Failure> away;
    try {
      session = store_.open_existing().logon();
    } catch (const mapi::Failure& failure) {
      if (!mapi::is_passing(failure.code())) throw;
      away = failure;
    }
    const auto spooler = ask_spooler(store_.control_path(), "status");
    if (away) return tell_of_spooler_only(spooler, *away);
    const auto counts = count_queue(*session, spooler.has_value());
    if (json_) {
      auto object = spooler.value_or(ordered_json{{"spooler", nullptr},
                                                  {"transports", ordered_json::array()},
                                                  {"routes", ordered_json::array()}});
      object["queue"] = to_json(counts);
      print_json(object);
    } else {
      show_spooler(spooler);
      show_counts(counts);
    }
    return all_delivered;
  }

 private:
  /// It knows why it pauses, also while nobody can look into the store.
  int tell_of_spooler_only(const std::optional<ordered_json>& spooler, const mapi::Failure& away) {
    if (spooler && json_) {
      auto object = *spooler;
      object["queue"] = nullptr;
      print_json(object);
    } else if (spooler) {
      show_spooler(spooler);
      std::fflush(stdout);
    }
    print_diagnostic(away.what());
    return exit_status_of(away.code());
  }

  void show_spooler(const std::optional<ordered_json>& spooler) const {
    if (!spooler) {
      std::printf("No spooler runs on %s.\n\n", store_.name().c_str());
      return;
    }
    Table table({"WHAT", "NAME", "STATE", "UNTIL", "REASON"});
    if (const auto own = spooler->find("spooler"); own != spooler->end() && own->is_object()) {
      add_row(table, "spooler", *own);
    }
    for (const auto& row : spooler->value("transports", ordered_json::array())) {
      add_row(table, "transport", row);
    }
    for (const auto& row : spooler->value("routes", ordered_json::array())) {
      add_row(table, "route", row);
    }
    std::printf("%s\n", table.text().c_str());
  }

  static void show_counts(const QueueCounts& counts) {
    Table table({"MESSAGES", "IN THE QUEUE"});
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (counts.at(i) == 0) continue;
      table.add({std::to_string(counts.at(i)), std::string(name(static_cast<QueueState>(i)))});
    }
    std::fputs(table.empty() ? "The outgoing queue is empty.\n" : table.text().c_str(), stdout);
  }

  StoreOption store_;
  bool json_ = false;
};

}  // namespace

Run add_status(CLI::App& program) {
  auto* command =
      program.add_subcommand("status", "Show what the spooler does, and what waits for what");
  auto status = std::make_shared<Status>(*command);
  return [status] { return status->run(); };
}

}  // namespace postern::cli
