#include "session/assignment.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/text.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/recipient_identity.h"

namespace postern::session {
namespace {

constexpr std::int32_t transfer_impossible = 1;  // PR_NDR_REASON_CODE (§14)

std::string_view address_type(const mapi::Recipient& row) {
  return trim(row.get_or(mapi::PR_ADDRTYPE, ""));
}

/// Octets 4 to 19 of the row's entry id.
std::optional<mapi::ProviderUid> provider_uid(const mapi::Recipient& row) {
  constexpr std::size_t flags_size = 4;
  mapi::ProviderUid uid{};
  const auto* entry_id = row.get(mapi::PR_ENTRYID);
  if (entry_id == nullptr || entry_id->size() < flags_size + uid.size()) return std::nullopt;
  std::copy_n(entry_id->begin() + flags_size, uid.size(), uid.begin());
  return uid;
}

bool has_uid(const std::vector<mapi::ProviderUid>& uids, const mapi::Recipient& row) {
  if (uids.empty()) return false;
  const auto uid = provider_uid(row);
  return uid && std::ranges::find(uids, *uid) != uids.end();
}

bool has_type(const std::vector<std::string>& types, const mapi::Recipient& row) {
  const auto type = address_type(row);
  return !type.empty() && std::ranges::any_of(types, [type](const std::string& accepted) {
    return equals_ignoring_case(accepted, type);
  });
}

bool accepts_by_uid(const mapi::Registration& transport, const mapi::Recipient& row) {
  return has_uid(transport.uids, row);
}

bool accepts_by_type(const mapi::Registration& transport, const mapi::Recipient& row) {
  if (!transport.address_types) return !address_type(row).empty();
  return has_type(*transport.address_types, row);
}

bool accepts_by_property(const mapi::Registration& transport, const mapi::Recipient& row) {
  return std::ranges::any_of(transport.address_properties,
                             [&row](const auto tag) { return !row.get_or(tag, "").empty(); });
}

bool has_transportable_address(const mapi::Recipient& row) {
  return !address_type(row).empty() && !row.get_or(mapi::PR_EMAIL_ADDRESS, "").empty() &&
         !is_personal_list(row);
}

std::string why_untransportable(const mapi::Recipient& row) {
  if (is_personal_list(row)) {
    return "the distribution list '" + std::string(row.get_or(mapi::PR_DISPLAY_NAME, "")) +
           "' is not known, or has no members";
  }
  if (!has_transportable_address(row)) {
    return "the recipient could not be resolved to an e-mail address";
  }
  return "there is no transport that takes the address '" +
         std::string(row.get_or(mapi::PR_EMAIL_ADDRESS, "")) + "' of the type '" +
         std::string(address_type(row)) + "'";
}

}  // namespace

TransportOrder::TransportOrder(std::vector<mapi::Registration> registrations,
                               const std::vector<std::size_t>& explicit_order)
    : registrations_(std::move(registrations)), order_(explicit_order) {
  std::vector<std::size_t> all(registrations_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  if (order_.empty()) {
    order_ = std::move(all);
    std::stable_partition(order_.begin(), order_.end(),
                          [this](std::size_t i) { return !registrations_[i].prefer_last; });
    return;
  }
  if (order_.size() != all.size()) {
    throw mapi::Failure(mapi::MAPI_E_BUSY, "the transport order names " +
                                               std::to_string(order_.size()) + " transports, of " +
                                               std::to_string(all.size()));
  }
  if (!std::ranges::is_permutation(order_, all)) {
    throw mapi::Failure(mapi::MAPI_E_NOT_FOUND,
                        "the transport order names a transport that is not there, or one twice");
  }
}

std::vector<std::size_t> TransportOrder::candidates(const mapi::Recipient& row) const {
  std::vector<std::size_t> found;
  if (is_personal_list(row)) return found;
  for (const auto accepts : {accepts_by_uid, accepts_by_type, accepts_by_property}) {
    for (const auto transport : order_) {
      if (!accepts(registrations_[transport], row)) continue;
      if (std::ranges::find(found, transport) == found.end()) found.push_back(transport);
    }
  }
  return found;
}

bool concerns(const mapi::Preprocessor& preprocessor, const mapi::Message& message) {
  if (preprocessor.is_needed && !preprocessor.is_needed(message)) return false;
  if (preprocessor.uids.empty() && preprocessor.address_types.empty()) return true;
  return std::ranges::any_of(message.recipients, [&preprocessor](const mapi::Recipient& row) {
    return has_uid(preprocessor.uids, row) || has_type(preprocessor.address_types, row);
  });
}

std::vector<std::size_t> open_rows(const mapi::Message& message) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    if (!message.recipients[i].get_or(mapi::PR_RESPONSIBILITY, false)) rows.push_back(i);
  }
  return rows;
}

void settle_untransportable(mapi::Recipient& row, mapi::FileTime now) {
  const bool is_resolved = has_transportable_address(row);
  mapi::set_outcome(row, {.verdict = Verdict::failed,
                          .stage = Stage::submit,
                          .code = 0,
                          .status = is_resolved ? EnhancedStatus{5, 4, 4} : EnhancedStatus{5, 1, 0},
                          .text = why_untransportable(row),
                          .host = {},
                          .time = now.time_point()});
  row.set(mapi::PR_NDR_REASON_CODE, transfer_impossible);
  row.set(mapi::PR_NDR_DIAG_CODE, is_resolved ? -1 : 0);
  row.set(mapi::PR_RESPONSIBILITY, true);
}

}  // namespace postern::session
