// postern read-report: what a returned mail says about the message it reports on.
#include "mime/read_report.h"

#include <cstdio>
#include <memory>
#include <string_view>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command/command.h"
#include "cli/option/mail_input.h"
#include "cli/output/exit_status.h"
#include "cli/output/table.h"
#include "cli/output/time_text.h"
#include "cli/output/verdict_view.h"

namespace postern::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t widest_diagnostic = 100;

const char* name_of(mapi::ReturnedKind kind) {
  switch (kind) {
    case mapi::ReturnedKind::delivery:
      return "delivery";
    case mapi::ReturnedKind::disposition:
      return "disposition";
    case mapi::ReturnedKind::feedback:
      return "feedback";
    case mapi::ReturnedKind::none:
      break;
  }
  return "none";
}

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json() : ordered_json(text);
}

ordered_json time_or_null(const std::optional<mapi::FileTime>& time) {
  return time ? ordered_json(iso_time(*time)) : ordered_json();
}

ordered_json recipient_json(const mapi::ReturnedRecipient& recipient) {
  return {{"address", text_or_null(recipient.address)},
          {"original_address", text_or_null(recipient.original_address)},
          {"action", text_or_null(recipient.action)},
          {"status", text_or_null(recipient.status.text())},
          {"diagnostic", text_or_null(recipient.diagnostic)},
          {"remote_host", text_or_null(recipient.remote_host)},
          {"last_attempt", time_or_null(recipient.last_attempt)},
          {"will_retry_until", time_or_null(recipient.will_retry_until)}};
}

ordered_json report_json(const mapi::ReturnedReport& report) {
  auto recipients = ordered_json::array();
  for (const auto& recipient : report.recipients) recipients.push_back(recipient_json(recipient));
  return {{"kind", name_of(report.kind)},
          {"envelope_id", text_or_null(report.envelope_id)},
          {"original_message_id", text_or_null(report.original_message_id)},
          {"reporting_mta", text_or_null(report.reporting_mta)},
          {"disposition", text_or_null(report.disposition)},
          {"feedback_type", text_or_null(report.feedback_type)},
          {"recipients", std::move(recipients)}};
}

void print_line(const char* label, std::string_view text) {
  if (!text.empty()) std::printf("%-13s %s\n", label, for_display(text).c_str());
}

void print_table(const mapi::ReturnedReport& report) {
  if (report.kind == mapi::ReturnedKind::none) {
    std::puts("The mail is no report, or none that can be read for certain.");
    return;
  }
  print_line("Kind:", name_of(report.kind));
  print_line("Message-ID:", report.original_message_id);
  print_line("Envelope id:", report.envelope_id);
  print_line("Reported by:", report.reporting_mta);
  print_line("Disposition:", report.disposition);
  print_line("Feedback:", report.feedback_type);
  Table table({"RECIPIENT", "ORIGINALLY", "ACTION", "STATUS", "HOST", "DIAGNOSTIC"});
  for (const auto& recipient : report.recipients) {
    table.add({recipient.address, recipient.original_address, recipient.action,
               recipient.status.text(), recipient.remote_host,
               for_display(recipient.diagnostic, widest_diagnostic)});
  }
  if (!table.empty()) std::printf("\n%s", table.text().c_str());
}

class ReadReport {
 public:
  explicit ReadReport(CLI::App& command) {
    mail_.add_to(command);
    command.add_flag("--json", json_, "One line of JSON; what the mail does not say is null");
    command.footer("Exit status: 0 it is a report, 1 it is none, 66 the file cannot be read.");
  }

  int run() {
    const auto report = mime::read_report(mail_.open());
    if (json_) {
      print_json(report_json(report));
    } else {
      print_table(report);
    }
    return report.kind == mapi::ReturnedKind::none ? some_failed : all_delivered;
  }

 private:
  MailInput mail_;
  bool json_ = false;
};

}  // namespace

Run add_read_report(CLI::App& program) {
  auto* command =
      program.add_subcommand("read-report", "Show what a bounce or another returned report says");
  auto read_report = std::make_shared<ReadReport>(*command);
  return [read_report] { return read_report->run(); };
}

}  // namespace postern::cli
