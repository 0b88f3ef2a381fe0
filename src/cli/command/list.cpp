// postern queue and postern inbox: what waits to be sent, and what was received.
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command/command.h"
#include "cli/option/store_option.h"
#include "cli/output/exit_status.h"
#include "cli/output/queue_state.h"
#include "cli/output/time_text.h"
#include "cli/output/verdict_view.h"
#include "mapi/property_tags.h"
#include "store/display_id.h"

namespace postern::cli {
namespace {

constexpr std::size_t widest_subject = 50;
constexpr std::size_t page = 500;

/// Which of the texts may go on: tables end them, the message has the whole (`postern show ID`).
/// One that ends just there is named as well.
nlohmann::ordered_json cut_texts(const mapi::OutgoingQueueRow& row) {
  constexpr std::size_t longest_character = 4;
  const std::pair<const char*, const std::string&> texts[] = {{"subject", row.subject},
                                                              {"sender", row.sender_name},
                                                              {"to", row.display_to},
                                                              {"cc", row.display_cc},
                                                              {"bcc", row.display_bcc}};
  auto names = nlohmann::ordered_json::array();
  for (const auto& [name, text] : texts) {
    if (text.size() + longest_character > mapi::longest_table_text) names.push_back(name);
  }
  return names;
}

/// What the column NEXT ATTEMPT says.
std::string next_attempt(const mapi::OutgoingQueueRow& row, QueueState state) {
  if (const auto until = waits_until(row, state)) return local_time(*until);
  return state == QueueState::ready ? "now" : std::string(name(state));
}

class Queue {
 public:
  explicit Queue(CLI::App& command) {
    store_.add_to(command);
    command.add_flag("--json", json_, "One JSON object a line per message");
  }

  int run() {
    auto session = store_.open_existing().logon();
    Table table({"ID", "SUBMITTED", "NEXT ATTEMPT", "SIZE", "FROM", "TO", "SUBJECT"});
    std::optional<mapi::MsgStore::QueuePosition> position;
    while (true) {
      const auto rows = session->outgoing_queue(position, page);
      if (rows.empty()) break;
      for (const auto& row : rows) show(table, row);
      position = {rows.back().client_submit_time, rows.back().sequence};
    }
    if (json_) return all_delivered;
    std::fputs(table.empty() ? "The outgoing queue is empty.\n" : table.text().c_str(), stdout);
    return all_delivered;
  }

 private:
  void show(Table& table, const mapi::OutgoingQueueRow& row) const {
    const auto id = store::display_id(row.entry_id);
    const auto state = state_of(row, mapi::FileTime::now(), true);
    if (json_) {
      nlohmann::ordered_json object{{"id", id},
                                    {"submitted", iso_time(row.client_submit_time)},
                                    {"subject", row.subject},
                                    {"sender", row.sender_name},
                                    {"to", row.display_to},
                                    {"cc", row.display_cc},
                                    {"bcc", row.display_bcc},
                                    {"size", row.message_size},
                                    {"sending", state == QueueState::sending},
                                    {"state", key(state)}};
      if (auto cut = cut_texts(row); !cut.empty()) object["cut"] = std::move(cut);
      if (row.next_attempt) object["next_attempt"] = iso_time(*row.next_attempt);
      if (row.deferred_send_time) object["deferred_until"] = iso_time(*row.deferred_send_time);
      print_json(object);
      return;
    }
    table.add({id, local_time(row.client_submit_time), next_attempt(row, state),
               std::to_string(row.message_size), row.sender_name,
               for_display(row.display_to, widest_subject),
               for_display(row.subject, widest_subject)});
  }

  StoreOption store_;
  bool json_ = false;
};

class Inbox {
 public:
  explicit Inbox(CLI::App& command) {
    store_.add_to(command);
    command.add_option("--mailbox", mailbox_.name, "Another mailbox's (`postern mailbox`)");
    command.add_flag("--json", json_, "One JSON object a line per message");
    command.footer("`postern show ID` shows one of them.");
  }

  int run() {
    auto session = store_.open_existing().logon(mailbox_);
    const auto inbox = session->folder(mapi::SpecialFolder::inbox);
    Table table({"ID", "RECEIVED", "FROM", "SUBJECT"});
    mapi::EntryId position;
    while (true) {
      const auto rows = session->contents(inbox, position, page);
      if (rows.empty()) break;
      for (const auto& row : rows) show(table, row);
      position = rows.back().entry_id;
    }
    if (json_) return all_delivered;
    std::fputs(table.empty() ? "The Inbox is empty.\n" : table.text().c_str(), stdout);
    return all_delivered;
  }

 private:
  void show(Table& table, const mapi::ContentsRow& row) const {
    const auto id = store::display_id(row.entry_id);
    if (json_) {
      print_json({{"id", id},
                  {"received", row.time ? iso_time(*row.time) : ""},
                  {"class", row.message_class},
                  {"sender", row.sender_name},
                  {"subject", row.subject},
                  {"size", row.message_size}});
      return;
    }
    table.add({id, row.time ? local_time(*row.time) : "", row.sender_name,
               for_display(row.subject, widest_subject)});
  }

  StoreOption store_;
  mapi::Mailbox mailbox_;
  bool json_ = false;
};

}  // namespace

Run add_queue(CLI::App& program) {
  auto* command = program.add_subcommand("queue", "Show what waits to be sent");
  auto queue = std::make_shared<Queue>(*command);
  return [queue] { return queue->run(); };
}

Run add_inbox(CLI::App& program) {
  auto* command = program.add_subcommand(
      "inbox", "Show what was received: the reports, and mail of the store's own");
  auto inbox = std::make_shared<Inbox>(*command);
  return [inbox] { return inbox->run(); };
}

}  // namespace postern::cli
