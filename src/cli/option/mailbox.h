// Mailboxes on the command line: "Name <local@domain>" or "local@domain".
#pragma once

#include <string>
#include <string_view>

namespace postern::cli {

struct Mailbox {
  std::string name;
  std::string address;
};

/// Any text; whether it is an address, `check_mailbox` says.
Mailbox parse_mailbox(std::string_view text);

/// Throws UsageError if the text is no mailbox. `option` is the option it was given with,
/// `otherwise` what else it could have been.
void check_mailbox(const std::string& option, const std::string& text,
                   const std::string& otherwise = {});

}  // namespace postern::cli
