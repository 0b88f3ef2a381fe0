// postern show: one message of the store, whatever folder it is in.
#include <cstdio>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command/command.h"
#include "cli/option/store_option.h"
#include "cli/output/exit_status.h"
#include "cli/output/loss_view.h"
#include "cli/output/message_story.h"
#include "cli/output/queue_state.h"
#include "cli/output/time_text.h"
#include "cli/output/verdict_view.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "store/display_id.h"

namespace postern::cli {
namespace {

std::string sender_of(const mapi::Message& message) {
  for (const auto& group : {mapi::sent_representing_group, mapi::sender_group}) {
    if (const auto address = mapi::smtp_address(message, group)) {
      const auto name = mapi::display_name(message, group, *address);
      return name.empty() ? *address : name + " <" + *address + ">";
    }
  }
  return std::string(message.get_or(mapi::PR_SENDER_NAME, ""));
}

/// Control characters would reach the terminal; line ends are kept.
std::string printable_text(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    shown += for_display(line) + '\n';
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return shown;
}

/// What both sides said at the last attempt, a line each.
std::vector<std::string> transcript_of(const mapi::Message& message) {
  std::vector<std::string> lines;
  std::istringstream text{std::string(message.get_or(mapi::PR_POSTERN_TRANSCRIPT, ""))};
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::string attachment_name(const mapi::Attachment& attachment) {
  if (attachment.embedded) {
    return "message: " + std::string(attachment.embedded->get_or(mapi::PR_SUBJECT, ""));
  }
  return std::string(attachment.get_or(mapi::PR_ATTACH_LONG_FILENAME,
                                       attachment.get_or(mapi::PR_ATTACH_FILENAME, "")));
}

/// An embedded message has no size before it is put into MIME.
std::string size_text(const mapi::Attachment& attachment) {
  if (attachment.embedded) return {};
  return " (" + std::to_string(attachment.data.size()) + " octets)";
}

class Show {
 public:
  explicit Show(CLI::App& command) {
    command.add_option("ID", id_, "As shown by send, submit, queue and inbox")->required();
    store_.add_to(command);
    command.add_flag("--json", json_, "One JSON object");
  }

  int run() {
    auto session = store_.open_existing().logon();
    const auto entry = store::entry_of(*session, id_);
    const auto handle = session->open_entry(entry, mapi::Access::best_access);
    const auto row = session->queue_row(entry);
    if (json_) {
      show_json(handle->message(), row);
    } else {
      show_text(handle->message(), row);
    }
    return all_delivered;
  }

 private:
  static const char* state(const mapi::Message& message,
                           const std::optional<mapi::OutgoingQueueRow>& row) {
    if (row) return (row->submit_flags & mapi::SUBMITFLAG_LOCKED) != 0 ? "sending" : "queued";
    if (message.get_or(mapi::PR_MESSAGE_CLASS, "").starts_with("REPORT.")) return "report";
    return (message.get_or(mapi::PR_MESSAGE_FLAGS, 0) & mapi::MSGFLAG_UNSENT) != 0 ? "draft"
                                                                                   : "sent";
  }

  void show_json(const mapi::Message& message,
                 const std::optional<mapi::OutgoingQueueRow>& row) const {
    auto object = to_json(std::nullopt, id_, message, recipients_of(message));
    object["class"] = std::string(message.get_or(mapi::PR_MESSAGE_CLASS, ""));
    object["state"] = state(message, row);
    object["sender"] = sender_of(message);
    if (const auto time = message.get(mapi::PR_CLIENT_SUBMIT_TIME)) {
      object["submitted"] = iso_time(*time);
    }
    if (row) object["waits"] = key(state_of(*row, mapi::FileTime::now(), true));
    if (row && row->next_attempt) object["next_attempt"] = iso_time(*row->next_attempt);
    object["story"] = nlohmann::ordered_json::array();
    for (const auto& step : story_of(message, row, mapi::FileTime::now())) {
      object["story"].push_back(
          {{"time", step.time ? iso_time(*step.time) : ""}, {"text", step.text}});
    }
    object["body"] = std::string(message.get_or(mapi::PR_BODY, ""));
    object["attachments"] = nlohmann::ordered_json::array();
    for (const auto& attachment : message.attachments) {
      nlohmann::ordered_json shown{{"name", attachment_name(attachment)}};
      if (!attachment.embedded) shown["size"] = attachment.data.size();
      object["attachments"].push_back(std::move(shown));
    }
    object["losses"] = to_json(mapi::kept_losses(message));
    object["transcript"] = transcript_of(message);
    print_json(object);
  }

  static void line(const char* label, const std::string& text) {
    if (!text.empty()) std::printf("%-12s %s\n", label, for_display(text).c_str());
  }

  void show_text(const mapi::Message& message,
                 const std::optional<mapi::OutgoingQueueRow>& row) const {
    line("Subject:", std::string(message.get_or(mapi::PR_SUBJECT, "")));
    line("From:", sender_of(message));
    line("Class:", std::string(message.get_or(mapi::PR_MESSAGE_CLASS, "")));
    line("State:",
         row ? state_text(*row, state_of(*row, mapi::FileTime::now(), true)) : state(message, row));
    if (const auto time = message.get(mapi::PR_CLIENT_SUBMIT_TIME)) {
      line("Submitted:", local_time(*time));
    }
    line("Message-ID:", std::string(message.get_or(mapi::PR_INTERNET_MESSAGE_ID, "")));
    for (const auto& attachment : message.attachments) {
      line("Attachment:", attachment_name(attachment) + size_text(attachment));
    }
    auto table = verdict_table();
    add_rows(table, id_, recipients_of(message));
    if (!table.empty()) std::printf("\n%s", table.text().c_str());
    const auto losses = loss_table(mapi::kept_losses(message));
    if (!losses.empty()) std::printf("\n%s", losses.text().c_str());
    show_story(story_of(message, row, mapi::FileTime::now()));
    const auto body = message.get_or(mapi::PR_BODY, "");
    if (!body.empty()) std::printf("\n%s", printable_text(body).c_str());
    const auto transcript = transcript_of(message);
    if (!transcript.empty()) std::printf("\nWhat was said at the last attempt:\n");
    for (const auto& said : transcript) std::printf("  %s\n", for_display(said).c_str());
  }

  static void show_story(const std::vector<StoryStep>& story) {
    Table table({"WHEN", "WHAT HAPPENED"});
    for (const auto& step : story) {
      table.add({step.time ? local_time(*step.time) : "", step.text});
    }
    if (!table.empty()) std::printf("\n%s", table.text().c_str());
  }

  std::string id_;
  StoreOption store_;
  bool json_ = false;
};

}  // namespace

Run add_show(CLI::App& program) {
  auto* command = program.add_subcommand("show", "Show one message and what became of it");
  auto show = std::make_shared<Show>(*command);
  return [show] { return show->run(); };
}

}  // namespace postern::cli
