#include "transport/smtp/envelope.h"

#include <chrono>
#include <optional>
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

std::optional<int> priority(const mapi::Message& message) {
  constexpr int step = 4;
  const auto asked = message.get_or(mapi::PR_PRIORITY, 0);
  if (asked == 0) return std::nullopt;
  return asked > 0 ? step : -step;
}

/// The spooler gives the message up when it is late. A server is asked to tell, not to give it
/// back: it would have to do so at once where its next host does not know DELIVERBY (RFC 2852 §4).
std::optional<smtp::DeliverBy> deliver_by(const mapi::Message& message, mapi::FileTime now) {
  constexpr std::chrono::seconds longest{999'999'999};  // RFC 2852 §4
  const auto latest = message.get_or(mapi::PR_LATEST_DELIVERY_TIME, {});
  if (latest.is_none() || latest <= now) return std::nullopt;
  const auto within =
      std::chrono::floor<std::chrono::seconds>(latest.time_point() - now.time_point());
  if (within.count() < 1 || within > longest) return std::nullopt;
  return smtp::DeliverBy{within, smtp::DeliverBy::Mode::notify};
}

}  // namespace

smtp::Envelope make_envelope(const mapi::Message& message,
                             const std::vector<OfferedRecipient>& recipients,
                             std::string reverse_path, mapi::FileTime now) {
  smtp::Envelope envelope;
  envelope.reverse_path = std::move(reverse_path);
  envelope.envelope_id = message.get_or(mapi::PR_POSTERN_ENVELOPE_ID, "");
  envelope.return_content = smtp::ReturnContent::headers;
  envelope.tls_required_no =
      equals_ignoring_case(trim(mime::named_header(message, "TLS-Required")), "No");
  envelope.require_tls = message.get_or(mapi::PR_POSTERN_REQUIRE_TLS, false);
  envelope.priority = priority(message);
  envelope.deliver_by = deliver_by(message, now);
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
