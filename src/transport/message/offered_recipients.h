// Which of the rows that a transport was offered it takes (mapi-submission.md §6).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "mapi/message.h"
#include "transport/message/domain_list.h"

namespace postern::transport {

/// Rows with the same address that get the same entity are one recipient and share its outcome.
struct OfferedRecipient {
  std::string address;
  std::vector<std::size_t> rows;    ///< their places in the recipient table
  std::int32_t secured_entity = 0;  ///< PR_POSTERN_SECURED_ENTITY; 0 in ordinary messages
};

struct OfferedRecipients {
  std::vector<OfferedRecipient> taken;
  /// Offered rows without an SMTP address in one of the domains.
  std::vector<std::size_t> declined;
};

/// Of the rows whose PR_RESPONSIBILITY is FALSE.
OfferedRecipients offered_recipients(const mapi::Message& message, const DomainList& domains);

/// The recipients in their order, by the number of the entity that they get.
std::map<std::int32_t, std::vector<OfferedRecipient>> by_secured_entity(
    std::vector<OfferedRecipient> recipients);

}  // namespace postern::transport
