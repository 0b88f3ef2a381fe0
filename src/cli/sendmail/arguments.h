// The command line of sendmail(1), as Postfix and Exim take it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace postern::cli {

/// Of which events the sender wants to hear (-N).
struct WantedReports {
  bool success = false;
  bool failure = false;  ///< or delay: both are one wish in a message object
};

struct SendmailArguments {
  std::vector<std::string> recipients;         ///< as they stand there; each may be a list
  bool takes_header_recipients = false;        ///< -t: those of To, Cc and Bcc, too
  bool ends_at_dot = true;                     ///< not -i
  std::optional<std::string> envelope_sender;  ///< -f; empty: the null reverse path
  std::string full_name;                       ///< -F: of who sends a mail without From
  std::optional<WantedReports> wanted_reports;
  std::string envelope_id;  ///< -V
};

/// The words behind the program's name. Options end at the first word that is none, or behind "--",
/// so that no recipient becomes one. Throws UsageError: an unknown option, a wrong value, another
/// task than to take a mail (with the command that does it), nobody to send to.
SendmailArguments parse_sendmail_arguments(std::span<const std::string> words);

}  // namespace postern::cli
