// The sender's address of a message that once arrived by mail (mapi-to-mime.md §2.3 step 7).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern::mime {

/// The address in the From, else the Sender header of PR_TRANSPORT_MESSAGE_HEADERS, if the name
/// beside it is `display_name` (compared without case). Returns nullopt for an empty name.
std::optional<std::string> sender_in_transport_headers(std::string_view headers,
                                                       std::string_view display_name);

/// The name in `name <address>`, without quotation marks and decoded; empty if there is none.
std::string mailbox_name(std::string_view mailbox);

}  // namespace postern::mime
