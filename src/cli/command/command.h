// The commands of the program. Each adds its options to the command line and returns the function
// to run if it was chosen, which returns the exit status and throws mapi::Failure or UsageError if
// the command cannot be done.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace postern::cli {

using Run = std::function<int()>;

Run add_send(CLI::App& program);
Run add_submit(CLI::App& program);
Run add_resend(CLI::App& program);
Run add_spool(CLI::App& program);
Run add_queue(CLI::App& program);
Run add_inbox(CLI::App& program);
Run add_mailbox(CLI::App& program);
Run add_show(CLI::App& program);
Run add_status(CLI::App& program);
Run add_cancel(CLI::App& program);
Run add_store(CLI::App& program);
Run add_hold(CLI::App& program);
Run add_release(CLI::App& program);
Run add_retry(CLI::App& program);
Run add_flush(CLI::App& program);
Run add_convert(CLI::App& program);
Run add_read_report(CLI::App& program);
Run add_bounce(CLI::App& program);
Run add_catch(CLI::App& program);
Run add_bench(CLI::App& program);

/// Sendmail's options are not of the form that the others have, so it takes its words itself.
void describe_sendmail(CLI::App& program);
int sendmail(const std::vector<std::string>& words);

}  // namespace postern::cli
