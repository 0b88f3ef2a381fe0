#include "session/resend.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/recipient_identity.h"
#include "session/report_properties.h"

namespace postern::session {
namespace {

using mapi::Message;
using mapi::Recipient;
using mapi::RecipientType;

constexpr auto p1_type = static_cast<std::int32_t>(RecipientType::p1);

std::int32_t type_with_flags(const Recipient& row) {
  return row.get_or(mapi::PR_RECIPIENT_TYPE, static_cast<std::int32_t>(RecipientType::to));
}

bool is_marked_submitted(const Recipient& row) {
  return (type_with_flags(row) & mapi::MAPI_SUBMITTED) != 0;
}

void mark_submitted(Recipient& row) {
  row.set(mapi::PR_RECIPIENT_TYPE, type_with_flags(row) | mapi::MAPI_SUBMITTED);
}

bool is_settled(const Recipient& row) {
  return row.get_or(mapi::PR_RESPONSIBILITY, false);
}

/// Whatever a transport says of a failure (§8.1).
bool has_failed(const Recipient& row) {
  const auto outcome = mapi::outcome(row);
  return (outcome && outcome->verdict == Verdict::failed) || row.get(mapi::PR_NDR_REASON_CODE) ||
         row.get(mapi::PR_NDR_DIAG_CODE) || row.get(mapi::PR_NDR_STATUS_CODE);
}

/// The identity of a row; of one that names nobody, its display name.
mapi::Binary key_of(const Recipient& row) {
  auto key = identity(row);
  if (!key.empty()) return key;
  return mapi::make_search_key({{}, {}, std::string(row.get_or(mapi::PR_DISPLAY_NAME, ""))});
}

/// A row as it was before it was submitted.
Recipient as_addressed(Recipient row) {
  mapi::clear_outcome(row);
  row.erase(mapi::PR_RESPONSIBILITY);
  row.erase(mapi::PR_POSTERN_REPORTED);
  row.erase(mapi::PR_ROWID);
  row.erase(mapi::PR_REPORT_TEXT);
  row.erase(mapi::PR_RECIPIENT_NUMBER);
  return row;
}

Recipient envelope_row(const Recipient& row) {
  auto envelope = as_addressed(row);
  envelope.set(mapi::PR_RECIPIENT_TYPE, p1_type);
  return envelope;
}

template <class... Tags>
void erase_all(Message& message, Tags... tags) {
  (message.erase(tags), ...);
}

void erase_group(Message& message, const mapi::AddressGroup& group) {
  erase_all(message, group.entry_id, group.display_name, group.address_type, group.email_address,
            group.smtp_address, group.search_key);
}

/// What the original was in its store and queue, the new message is not.
void erase_submission(Message& message) {
  erase_all(message, mapi::PR_ENTRYID, mapi::PR_RECORD_KEY, mapi::PR_SEARCH_KEY,
            mapi::PR_SUBMIT_FLAGS, mapi::PR_PREPROCESS, mapi::PR_SENTMAIL_ENTRYID,
            mapi::PR_DELETE_AFTER_SUBMIT, mapi::PR_CLIENT_SUBMIT_TIME,
            mapi::PR_PROVIDER_SUBMIT_TIME, mapi::PR_MESSAGE_DELIVERY_TIME);
  erase_all(message, mapi::PR_DEFERRED_SEND_TIME, mapi::PR_DEFERRED_SEND_NUMBER,
            mapi::PR_DEFERRED_SEND_UNITS, mapi::PR_DEFERRED_DELIVERY_TIME,
            mapi::PR_LATEST_DELIVERY_TIME);
  erase_all(message, mapi::PR_POSTERN_NEXT_ATTEMPT, mapi::PR_POSTERN_RETRIES,
            mapi::PR_POSTERN_FIRST_ATTEMPT, mapi::PR_POSTERN_DELAY_REPORTED,
            mapi::PR_POSTERN_TRANSCRIPT, mapi::PR_POSTERN_LOSSES, mapi::PR_POSTERN_REVERSE_PATH,
            mapi::PR_POSTERN_HEADER_DATE);
}

bool is_non_delivery_report(const Message& message) {
  const auto message_class = message.get_or(mapi::PR_MESSAGE_CLASS, "");
  return is_report_class(message_class) && upper_case(message_class).ends_with(".NDR");
}

std::optional<Undelivered> undelivered_by_report(const Message& report) {
  const auto enclosed = std::ranges::find_if(
      report.attachments, [](const auto& attachment) { return attachment.embedded != nullptr; });
  if (enclosed == report.attachments.end()) return std::nullopt;
  Undelivered result{*enclosed->embedded, report.recipients};
  if (const auto original_class = report.get(mapi::PR_ORIG_MESSAGE_CLASS)) {
    result.original.set(mapi::PR_MESSAGE_CLASS, std::string(*original_class));
  }
  return result;
}

/// The table of §10: whether the row is shown only. `served`: has a P1 row.
bool is_display_only(const Recipient& row, const std::set<mapi::Binary>& served) {
  if (is_p1(row)) return false;
  return is_marked_submitted(row) || served.contains(key_of(row));
}

void require_standard_type(const Recipient& row) {
  constexpr std::array known{static_cast<std::int32_t>(RecipientType::originator),
                             static_cast<std::int32_t>(RecipientType::to),
                             static_cast<std::int32_t>(RecipientType::cc),
                             static_cast<std::int32_t>(RecipientType::bcc), p1_type};
  const auto type = type_with_flags(row) & ~mapi::MAPI_SUBMITTED;
  if (std::ranges::find(known, type) == known.end()) {
    throw mapi::Failure(mapi::MAPI_E_NON_STANDARD,
                        "the recipient '" + mapi::address_text(row) +
                            "' of a resent message has the unknown type " + std::to_string(type));
  }
  if (type == p1_type && is_marked_submitted(row)) {
    throw mapi::Failure(mapi::MAPI_E_NON_STANDARD,
                        "the recipient '" + mapi::address_text(row) +
                            "' of a resent message is marked as served and as to be served "
                            "(MAPI_SUBMITTED with MAPI_P1)");
  }
}

/// The rows that are shown, by whom they name.
std::map<mapi::Binary, Recipient*> display_rows(std::vector<Recipient>& rows) {
  std::map<mapi::Binary, Recipient*> shown;
  for (auto& row : rows) {
    if (!is_p1(row)) shown.emplace(key_of(row), &row);
  }
  return shown;
}

void show_outcome(Recipient& shown, const Recipient& envelope) {
  const auto outcome = mapi::outcome(envelope);
  if (!outcome) return;
  mapi::set_outcome(shown, *outcome);
  shown.copy(mapi::PR_POSTERN_ATTEMPTS, envelope, mapi::PR_POSTERN_ATTEMPTS);
  shown.copy(mapi::PR_POSTERN_REPORTED, envelope, mapi::PR_POSTERN_REPORTED);
}

/// Removes the P1 rows that `is_over`, and shows their outcomes in the rows of the same recipients.
template <class IsOver>
void remove_envelope_rows(Message& message, IsOver is_over) {
  if (std::ranges::none_of(message.recipients, is_p1)) return;
  const auto shown = display_rows(message.recipients);
  for (const auto& row : message.recipients) {
    if (!is_p1(row) || !is_over(row)) continue;
    if (const auto twin = shown.find(key_of(row)); twin != shown.end()) {
      show_outcome(*twin->second, row);
    }
  }
  std::erase_if(message.recipients,
                [&is_over](const Recipient& row) { return is_p1(row) && is_over(row); });
}

}  // namespace

std::optional<Undelivered> undelivered(const Message& message) {
  if (is_non_delivery_report(message)) return undelivered_by_report(message);
  Undelivered result{message, {}};
  std::ranges::copy_if(message.recipients, std::back_inserter(result.failed), has_failed);
  if (result.failed.empty()) return std::nullopt;
  return result;
}

Message resend(const Undelivered& undelivered, const std::vector<Recipient>& instead) {
  Message message = undelivered.original;
  message.copy(mapi::PR_ORIGINAL_ENTRYID, undelivered.original, mapi::PR_ENTRYID);
  erase_submission(message);
  erase_group(message, mapi::sender_group);
  erase_group(message, mapi::sent_representing_group);
  message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_RESEND | mapi::MSGFLAG_UNSENT);

  std::set<mapi::Binary> open;
  std::vector<Recipient> envelope;
  for (const auto& row : instead.empty() ? undelivered.failed : instead) {
    if (instead.empty() && !open.insert(key_of(row)).second) continue;
    envelope.push_back(envelope_row(row));
  }
  message.recipients.clear();
  for (const auto& row : undelivered.original.recipients) {
    if (is_p1(row)) continue;
    auto& shown = message.recipients.emplace_back(as_addressed(row));
    if (!open.contains(key_of(row))) mark_submitted(shown);
  }
  std::ranges::move(envelope, std::back_inserter(message.recipients));
  return message;
}

void prepare_resend(Message& message) {
  std::set<mapi::Binary> served;
  for (const auto& row : message.recipients) {
    require_standard_type(row);
    if (is_p1(row)) served.insert(key_of(row));
  }
  std::vector<bool> display_only;
  for (const auto& row : message.recipients) display_only.push_back(is_display_only(row, served));
  if (std::ranges::find(display_only, false) == display_only.end()) {
    throw mapi::Failure(mapi::MAPI_E_NO_RECIPIENTS,
                        "the resent message has no recipient who does not have it already");
  }
  for (std::size_t i = 0; i < display_only.size(); ++i) {
    auto& row = message.recipients[i];
    row.set(mapi::PR_RESPONSIBILITY, display_only[i]);
    if (is_marked_submitted(row)) {
      row.set(mapi::PR_RECIPIENT_TYPE, type_with_flags(row) & ~mapi::MAPI_SUBMITTED);
    }
  }
}

void undo_resend(Message& message) {
  const auto is_reached = [](const Recipient& row) { return is_settled(row) && !has_failed(row); };
  const bool is_report = is_report_class(message.get_or(mapi::PR_MESSAGE_CLASS, ""));
  for (auto& row : message.recipients) {
    const bool is_reported_on = is_report && is_settled(row);
    if (!is_p1(row) && (is_reached(row) || is_reported_on)) mark_submitted(row);
  }
  remove_envelope_rows(message, is_reached);
}

void finish_resend(Message& message) {
  remove_envelope_rows(message, [](const Recipient&) { return true; });
}

}  // namespace postern::session
