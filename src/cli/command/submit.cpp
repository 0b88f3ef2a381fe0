// postern submit: puts files into the outgoing queue and leaves.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command/command.h"
#include "cli/command/submission.h"
#include "cli/option/message_input.h"
#include "cli/option/send_time.h"
#include "cli/option/store_option.h"
#include "cli/output/time_text.h"
#include "cli/output/verdict_view.h"
#include "mapi/property_tags.h"
#include "store/display_id.h"

namespace postern::cli {
namespace {

class Submit {
 public:
  explicit Submit(CLI::App& command) {
    input_.add_to(command);
    store_.add_to(command);
    command.add_flag("--no-sent-copy", no_sent_copy_, "Keep no copy in Sent Items");
    command
        .add_option("--at", at_,
                    "Send them no earlier: '2026-12-01 08:00' (local time), an ISO 8601 time with\n"
                    "its zone ('2026-12-01T08:00Z'), or in a while ('+2h', '+1d')")
        ->type_name("TIME");
    command.add_flag("--json", json_, "One JSON object a line per message on stdout");
    command.footer(
        "When the command returns, the messages are on disk. `postern spool` sends them. What is\n"
        "deferred with --at can be cancelled until then: `postern cancel ID`.");
  }

  int run() {
    input_.check();
    const auto at = future_time("--at", at_, "leave --at out to send at once");
    input_.check_time("--at", at);
    auto session = store_.open(input_.resolver()).logon();
    Table table({"ID", "SUBJECT", "FILE"});
    int status = all_delivered;
    submit_files(*session, input_, {!no_sent_copy_, at}, [&](const SubmittedFile& file) {
      status = std::max<int>(status, file.error_status);
      if (!file.entry) {
        if (json_) print_json(error_json(file.file, file.error));
        return;
      }
      const auto id = store::display_id(*file.entry);
      if (json_) {
        print_json(to_json(file.file, id, file.message, recipients_of(file.message)));
      } else {
        table.add({id, std::string(file.message.get_or(mapi::PR_SUBJECT, "")), file.file});
      }
    });
    if (!json_ && !table.empty()) {
      std::fputs(table.text().c_str(), stdout);
      if (at) std::printf("To be sent from %s on.\n", local_time(*at).c_str());
    }
    return status;
  }

 private:
  MessageInput input_;
  StoreOption store_;
  std::optional<std::string> at_;
  bool no_sent_copy_ = false;
  bool json_ = false;
};

}  // namespace

Run add_submit(CLI::App& program) {
  auto* command = program.add_subcommand("submit", "Queue .msg files for a running spooler");
  auto submit = std::make_shared<Submit>(*command);
  return [submit] { return submit->run(); };
}

}  // namespace postern::cli
