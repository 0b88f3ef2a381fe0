#include "session/report/recipient_index.h"

#include "base/text.h"
#include "mapi/address.h"

namespace postern::session {

RecipientIndex::RecipientIndex(const mapi::Message& message) {
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    const auto address = mapi::smtp_address(message.recipients[i], mapi::recipient_group);
    if (address) rows_.emplace(lower_case(*address), i);
  }
}

std::optional<std::size_t> RecipientIndex::find(const mapi::ReturnedRecipient& returned) const {
  for (const auto* address : {&returned.original_address, &returned.address}) {
    const auto found = rows_.find(lower_case(*address));
    if (found != rows_.end()) return found->second;
  }
  return std::nullopt;
}

}  // namespace postern::session
