#include "transport/smtp/envelope.h"

#include <map>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "mime/named_headers.h"

namespace postern::transport {
namespace {

bool wants(const mapi::Recipient& row, const mapi::Message& message,
           mapi::Tag<mapi::PropertyType::boolean> tag, bool otherwise) {
  return row.get(tag).value_or(message.get_or(tag, otherwise));
}

smtp::Notify notify(const mapi::Recipient& row, const mapi::Message& message) {
  const bool non_delivery =
      wants(row, message, mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, true);
  return {.asked = true,
          .success = wants(row, message, mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, false),
          .failure = non_delivery,
          .delay = non_delivery};
}

/// Addresses are the same when their domains agree without case and their local parts exactly
/// (RFC 5321 §2.4).
std::string same_address_key(const std::string& address) {
  const auto at = address.rfind('@');
  return address.substr(0, at) + lower_case(address.substr(at));
}

}  // namespace

OfferedEnvelope make_envelope(const mapi::Message& message, std::string reverse_path) {
  OfferedEnvelope offered;
  offered.envelope.reverse_path = std::move(reverse_path);
  offered.envelope.envelope_id = message.get_or(mapi::PR_POSTERN_ENVELOPE_ID, "");
  offered.envelope.return_content = smtp::ReturnContent::headers;
  // With blanks around it the word would not reach the header as it is.
  offered.envelope.tls_required_no =
      equals_ignoring_case(mime::named_header(message, "TLS-Required"), "No");
  std::map<std::string, std::size_t> position;
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    const auto& row = message.recipients[i];
    if (row.get_or(mapi::PR_RESPONSIBILITY, false)) continue;
    const auto address = mapi::smtp_address(row, mapi::recipient_group);
    if (!address) continue;
    const auto [found, is_new] = position.emplace(same_address_key(*address), offered.rows.size());
    if (is_new) {
      offered.envelope.recipients.push_back({*address, notify(row, message), *address});
      offered.rows.emplace_back();
    }
    offered.rows[found->second].push_back(i);
  }
  return offered;
}

}  // namespace postern::transport
