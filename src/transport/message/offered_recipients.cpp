#include "transport/message/offered_recipients.h"

#include <string>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"

namespace postern::transport {
namespace {

/// The same for rows that are one recipient: they name one mailbox and get the same entity. No
/// domain has a blank.
std::string key_of(const std::string& address, std::int32_t entity) {
  return mapi::mailbox_key(address) + ' ' + std::to_string(entity);
}

}  // namespace

OfferedRecipients offered_recipients(const mapi::Message& message, const DomainList& domains) {
  OfferedRecipients offered;
  std::unordered_map<std::string, std::size_t> position;
  position.reserve(message.recipients.size());
  offered.taken.reserve(message.recipients.size());
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    const auto& row = message.recipients[i];
    if (row.get_or(mapi::PR_RESPONSIBILITY, false)) continue;
    const auto address = mapi::smtp_address(row, mapi::recipient_group);
    if (!address || !domains.contains_domain_of(*address)) {
      offered.declined.push_back(i);
      continue;
    }
    const auto entity = row.get_or(mapi::PR_POSTERN_SECURED_ENTITY, 0);
    const auto [found, is_new] = position.emplace(key_of(*address, entity), offered.taken.size());
    if (is_new) offered.taken.push_back({*address, {}, entity});
    offered.taken[found->second].rows.push_back(i);
  }
  return offered;
}

std::map<std::int32_t, std::vector<OfferedRecipient>> by_secured_entity(
    std::vector<OfferedRecipient> recipients) {
  std::map<std::int32_t, std::vector<OfferedRecipient>> groups;
  for (auto& recipient : recipients) {
    groups[recipient.secured_entity].push_back(std::move(recipient));
  }
  return groups;
}

}  // namespace postern::transport
