#include "transport/smtp/envelope.h"

#include <utility>

#include "base/text.h"
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

}  // namespace

smtp::Envelope make_envelope(const mapi::Message& message,
                             const std::vector<OfferedRecipient>& recipients,
                             std::string reverse_path) {
  smtp::Envelope envelope;
  envelope.reverse_path = std::move(reverse_path);
  envelope.envelope_id = message.get_or(mapi::PR_POSTERN_ENVELOPE_ID, "");
  envelope.return_content = smtp::ReturnContent::headers;
  // With blanks around it the word would not reach the header as it is.
  envelope.tls_required_no =
      equals_ignoring_case(mime::named_header(message, "TLS-Required"), "No");
  for (const auto& recipient : recipients) {
    const auto& row = message.recipients.at(recipient.rows.front());
    // Nobody could be told what became of a message that has no reverse path.
    const auto wanted =
        envelope.reverse_path.empty() ? smtp::Notify{.asked = true} : notify(row, message);
    envelope.recipients.push_back({recipient.address, wanted, recipient.address});
  }
  return envelope;
}

}  // namespace postern::transport
