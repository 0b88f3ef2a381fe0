#include "session/report/recipient_index.h"

#include <utility>

#include "base/text.h"
#include "mapi/address.h"

namespace postern::session {

RecipientIndex::RecipientIndex(const mapi::Message& message) {
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    const auto address = mapi::smtp_address(message.recipients[i], mapi::recipient_group);
    if (!address) continue;
    auto key = mapi::mailbox_key(*address);
    by_lower_case_.emplace(lower_case(key), i);
    exact_.emplace(std::move(key), i);
  }
}

/// A report may have lost the case; where two rows differ in it, the exact one is meant.
std::optional<std::size_t> RecipientIndex::find(const mapi::ReturnedRecipient& returned) const {
  for (const auto* address : {&returned.original_address, &returned.address}) {
    const auto key = mapi::mailbox_key(*address);
    if (const auto found = exact_.find(key); found != exact_.end()) return found->second;
    const auto found = by_lower_case_.find(lower_case(key));
    if (found != by_lower_case_.end()) return found->second;
  }
  return std::nullopt;
}

}  // namespace postern::session
