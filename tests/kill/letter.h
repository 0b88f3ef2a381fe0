// What is submitted, and to whom: an address says what becomes of its mail, and whose message it
// is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::kill {

/// What the server does with mail to an address.
enum class Destiny {
  accepted,  ///< takes it
  delayed,   ///< refuses it for a time at first, then takes it
  refused,   ///< refuses it for good
  moved,     ///< takes it once, and from then on refuses it for good
};

/// "delayed.2.ann-17-3@server.test": the third recipient of the message ann-17-3.
std::string make_address(Destiny destiny, std::size_t row, const std::string& message);

struct ParsedAddress {
  Destiny destiny;
  std::string message;
};
/// Nullopt for an address that make_address has not made.
std::optional<ParsedAddress> parse_address(std::string_view address);

/// "<ann-17-3@client.test>"
std::string message_id_of(const std::string& message);
/// The last line of each message: what lacks it is not whole.
std::string last_line_of(const std::string& message);

/// The mailboxes of a trial's store; submitters submit from one of them.
inline const std::vector<std::string> mailboxes{"ann", "bob"};

}  // namespace postern::kill
