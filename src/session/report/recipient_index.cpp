#include "session/report/recipient_index.h"

#include "base/text.h"
#include "mapi/address.h"

namespace postern::session {

RecipientIndex::RecipientIndex(const mapi::Message& message) {
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    const auto address = mapi::smtp_address(message.recipients[i], mapi::recipient_group);
    if (!address) continue;
    rows_.emplace(mapi::mailbox_key(*address), i);
    rows_.emplace(lower_case(*address), i);
  }
}

std::optional<std::size_t> RecipientIndex::find(const mapi::ReturnedRecipient& returned) const {
  for (const auto* address : {&returned.original_address, &returned.address}) {
    // A report may have lost the case; where two rows differ in it, the exact one is meant.
    for (const auto& key : {mapi::mailbox_key(*address), lower_case(mapi::mailbox_key(*address))}) {
      const auto found = rows_.find(key);
      if (found != rows_.end()) return found->second;
    }
  }
  return std::nullopt;
}

}  // namespace postern::session
