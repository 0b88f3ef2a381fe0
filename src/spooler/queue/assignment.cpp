#include "spooler/queue/assignment.h"

#include <algorithm>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::spooler {
namespace {

bool accepts(const std::vector<std::string>& types, std::string_view type) {
  return std::any_of(types.begin(), types.end(), [type](const std::string& accepted) {
    return equals_ignoring_case(accepted, type);
  });
}

std::optional<std::size_t> find_by_type(std::string_view type, const TransportTypes& types,
                                        std::size_t first) {
  for (std::size_t i = first; i < types.size(); ++i) {
    if (accepts(types[i], type)) return i;
  }
  return std::nullopt;
}

constexpr std::int32_t transfer_impossible = 1;  // PR_NDR_REASON_CODE (§14)

}  // namespace

std::optional<std::size_t> find_transport(const mapi::Recipient& row, const TransportTypes& types,
                                          std::size_t first) {
  const auto type = trim(row.get_or(mapi::PR_ADDRTYPE, ""));
  if (!type.empty() && !equals_ignoring_case(type, "SMTP")) {
    if (const auto found = find_by_type(type, types, first)) return found;
  }
  if (!mapi::smtp_address(row, mapi::recipient_group)) return std::nullopt;
  return find_by_type("SMTP", types, first);
}

std::vector<std::size_t> open_rows(const mapi::Message& message) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    if (!message.recipients[i].get_or(mapi::PR_RESPONSIBILITY, false)) rows.push_back(i);
  }
  return rows;
}

void settle_untransportable(mapi::Recipient& row) {
  const auto type = trim(row.get_or(mapi::PR_ADDRTYPE, ""));
  const bool resolved = !type.empty() && !equals_ignoring_case(type, "SMTP") &&
                        !row.get_or(mapi::PR_EMAIL_ADDRESS, "").empty();
  Outcome outcome{
      .verdict = Verdict::failed,
      .stage = Stage::submit,
      .code = 0,
      .status = resolved ? EnhancedStatus{5, 4, 4} : EnhancedStatus{5, 1, 0},
      .text = resolved ? "there is no transport for the address type '" + std::string(type) + "'"
                       : "the recipient could not be resolved to an e-mail address",
      .host = {},
      .time = std::chrono::system_clock::now()};
  mapi::set_outcome(row, outcome);
  row.set(mapi::PR_NDR_REASON_CODE, transfer_impossible);
  row.set(mapi::PR_RESPONSIBILITY, true);
}

}  // namespace postern::spooler
