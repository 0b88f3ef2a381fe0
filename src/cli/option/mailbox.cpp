#include "cli/option/mailbox.h"

#include "base/text.h"
#include "cli/option/usage_error.h"
#include "mapi/address.h"

namespace postern::cli {
Mailbox parse_mailbox(std::string_view text) {
  text = trim(text);
  const auto open = text.rfind('<');
  if (open == std::string_view::npos || !text.ends_with('>')) return {{}, std::string(text)};
  auto name = trim(text.substr(0, open));
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
    name = name.substr(1, name.size() - 2);
  }
  return {std::string(name), std::string(text.substr(open + 1, text.size() - open - 2))};
}

void check_mailbox(const std::string& option, const std::string& text,
                   const std::string& otherwise) {
  const auto address = parse_mailbox(text).address;
  if (text.find_first_of("\r\n") == std::string::npos && mapi::is_smtp_address(address)) return;
  const char* what = address.find('@') == std::string::npos
                         ? "' is no e-mail address: it has no domain (somebody@example.com)"
                         : "' is no e-mail address";
  throw UsageError(option + ": '" + printable(text) + what + otherwise);
}

}  // namespace postern::cli
