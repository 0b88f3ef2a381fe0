#include "session/submission.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <span>
#include <string>

#include "base/host_name.h"
#include "base/text.h"
#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"
#include "session/report_properties.h"
#include "session/resend.h"

namespace postern::session {
namespace {

constexpr std::int32_t set_by_submission = mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_UNSENT;
constexpr std::int32_t fixed_at_creation = mapi::MSGFLAG_RESEND | mapi::MSGFLAG_ASSOCIATED;

constexpr std::int32_t max_units_deferred = 999;
/// The unit of PR_DEFERRED_SEND_NUMBER by PR_DEFERRED_SEND_UNITS (§3.10).
constexpr std::array<std::chrono::minutes, 4> deferred_send_units{
    std::chrono::minutes{1}, std::chrono::hours{1}, std::chrono::days{1}, std::chrono::weeks{1}};

std::int32_t has_attachments_flag(const mapi::Message& message) {
  return message.attachments.empty() ? 0 : mapi::MSGFLAG_HASATTACH;
}

void set_text(mapi::Message& message, mapi::Tag<mapi::PropertyType::unicode> tag,
              std::string text) {
  if (message.get(tag) != text) message.set(tag, std::move(text));
}

/// PR_DISPLAY_TO, PR_DISPLAY_CC and PR_DISPLAY_BCC.
void set_display_lists(mapi::Message& message) {
  std::map<mapi::RecipientType, std::string> lists;
  for (const auto& recipient : message.recipients) {
    const auto type = mapi::recipient_type(recipient);
    if (!type) continue;
    auto& list = lists[*type];
    if (!list.empty()) list += "; ";
    list += recipient.get_or(mapi::PR_DISPLAY_NAME, recipient.get_or(mapi::PR_EMAIL_ADDRESS, ""));
  }
  set_text(message, mapi::PR_DISPLAY_TO, std::move(lists[mapi::RecipientType::to]));
  set_text(message, mapi::PR_DISPLAY_CC, std::move(lists[mapi::RecipientType::cc]));
  set_text(message, mapi::PR_DISPLAY_BCC, std::move(lists[mapi::RecipientType::bcc]));
}

/// As they are once each row has one of its own.
bool has_ascending_row_ids(const mapi::Message& message) {
  std::int64_t last = -1;
  return std::ranges::all_of(message.recipients, [&last](const mapi::Recipient& recipient) {
    const std::int64_t id = recipient.get_or(mapi::PR_ROWID, -1);
    return id > std::exchange(last, id);
  });
}

void set_row_ids(mapi::Message& message) {
  if (has_ascending_row_ids(message)) return;
  std::set<std::int32_t> used;
  std::vector<mapi::Recipient*> without;
  for (auto& recipient : message.recipients) {
    const auto id = recipient.get(mapi::PR_ROWID);
    if (!id || !used.insert(*id).second) without.push_back(&recipient);
  }
  std::int32_t next = 0;
  for (auto* recipient : without) {
    while (!used.insert(next).second) ++next;
    recipient->set(mapi::PR_ROWID, next);
  }
}

mapi::Binary unique_key() {
  static thread_local std::random_device random;
  std::array<std::random_device::result_type, 4> numbers{};
  std::ranges::generate(numbers, std::ref(random));
  const auto octets = std::as_bytes(std::span(numbers));
  return {octets.begin(), octets.end()};
}

/// Of hexadecimal digits, which need no encoding in ENVID (RFC 3461 §4.4), so that reports repeat
/// it as it is. As ENVID the message's search key would not do: a message that is submitted again
/// keeps it. Begins with the time (as RFC 9562 §5.7 has it), so that what a store finds messages by
/// grows at its end, and not a page here and there for each message.
std::string new_id(mapi::FileTime now) {
  constexpr unsigned time_octets = 6;  // milliseconds
  constexpr std::uint64_t ticks_in_millisecond = 10'000;
  auto key = unique_key();
  auto milliseconds = now.ticks / ticks_in_millisecond;
  for (unsigned i = time_octets; i > 0; --i, milliseconds >>= 8U) {
    key[i - 1] = static_cast<std::byte>(milliseconds & 0xFFU);
  }
  std::string id;
  for (const auto octet : key) append_hex(id, static_cast<char>(octet));
  return id;
}

/// The message's commit keeps it, so that no attempt has to before it sends. It is in the sender's
/// domain; of a sender who has none that a Message-ID can name, the transport makes it.
void set_message_id(mapi::Message& message, mapi::FileTime now) {
  if (!message.get_or(mapi::PR_INTERNET_MESSAGE_ID, "").empty()) return;
  const auto sender = mapi::smtp_address(message, mapi::sender_group);
  if (!sender) return;
  const auto domain = domain_or_localhost(sender->substr(sender->rfind('@') + 1));
  if (domain == "localhost") return;
  message.set(mapi::PR_INTERNET_MESSAGE_ID, '<' + new_id(now) + '@' + domain + '>');
}

/// Marked as served in a message that is resent (§10).
bool is_shown_only(const mapi::Recipient& row) {
  return (row.get_or(mapi::PR_RECIPIENT_TYPE, 0) & mapi::MAPI_SUBMITTED) != 0;
}

void require_recipients(const mapi::Message& message) {
  if (message.recipients.empty()) {
    throw mapi::Failure(mapi::MAPI_E_NO_RECIPIENTS,
                        "the message '" + std::string(message.get_or(mapi::PR_SUBJECT, "")) +
                            "' has no recipients; add one");
  }
}

/// Removes the outcomes that an earlier submission has left (A6; PrepareSubmit comes
/// afterwards and may set rows TRUE again).
void clear_earlier_submission(mapi::Message& message) {
  std::erase_if(message.recipients, [](const mapi::Recipient& row) {  // NULL rows do not count (A2)
    return row == mapi::Recipient{};
  });
  const bool is_report = is_report_class(message.get_or(mapi::PR_MESSAGE_CLASS, ""));
  for (auto& recipient : message.recipients) {
    if (is_report && is_shown_only(recipient)) continue;  // their outcome is what it reports
    mapi::clear_outcome(recipient);
    recipient.erase(mapi::PR_POSTERN_REPORTED);
    recipient.set(mapi::PR_RESPONSIBILITY, false);
  }
  message.erase(mapi::PR_POSTERN_NEXT_ATTEMPT);
  message.erase(mapi::PR_POSTERN_RETRIES);
  message.erase(mapi::PR_POSTERN_FIRST_ATTEMPT);
  message.erase(mapi::PR_POSTERN_DELAY_REPORTED);
  message.erase(mapi::PR_POSTERN_TRANSCRIPT);
  // What was lost before the first submission, when a file was read, is as lost now.
  if (message.get(mapi::PR_POSTERN_ENVELOPE_ID)) message.erase(mapi::PR_POSTERN_LOSSES);
}

/// A7: number and units win over an older time.
void set_deferred_send_time(mapi::Message& message, mapi::FileTime now) {
  const auto number = message.get(mapi::PR_DEFERRED_SEND_NUMBER);
  const auto units = message.get(mapi::PR_DEFERRED_SEND_UNITS);
  if (!number || !units) return;
  if (*number < 0 || *number > max_units_deferred || *units < 0 ||
      static_cast<std::size_t>(*units) >= deferred_send_units.size()) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                        "the message cannot be deferred by " + std::to_string(*number) +
                            " of unit " + std::to_string(*units) +
                            "; the number is 0 to 999, the unit 0 (minutes) to 3 (weeks)");
  }
  const auto unit = deferred_send_units.at(static_cast<std::size_t>(*units));
  const auto seconds = std::chrono::seconds(unit).count() * *number;
  message.set(mapi::PR_DEFERRED_SEND_TIME,
              mapi::FileTime{now.ticks + static_cast<std::uint64_t>(
                                             seconds * mapi::FileTime::ticks_per_second)});
}

/// Deferred delivery is each transport's, but the store delivers when the message is sent.
void defer_for_own_delivery(mapi::Message& message, const mapi::OwnRecipients& own,
                            mapi::FileTime now) {
  const auto delivery = message.get_or(mapi::PR_DEFERRED_DELIVERY_TIME, {});
  const auto send = message.get_or(mapi::PR_DEFERRED_SEND_TIME, {});
  const bool is_later =
      !delivery.is_none() && now < delivery && (send.is_none() || send < delivery);
  if (is_later && !own_rows(message, own).empty()) {
    message.set(mapi::PR_DEFERRED_SEND_TIME, delivery);
  }
}

}  // namespace

void set_computed_properties(mapi::Message& message) {
  set_row_ids(message);
  set_display_lists(message);
  message.set(mapi::PR_HASATTACH, !message.attachments.empty());
  if (message.get(mapi::PR_SEARCH_KEY) == nullptr) {
    message.set(mapi::PR_SEARCH_KEY, unique_key());
  }
}

std::int32_t new_message_flags(const mapi::Message& message) {
  const auto given = message.get_or(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT);
  return (given & ~(mapi::MSGFLAG_SUBMIT | mapi::MSGFLAG_HASATTACH)) |
         has_attachments_flag(message);
}

std::int32_t saved_message_flags(std::int32_t stored, const mapi::Message& message) {
  constexpr auto kept = set_by_submission | fixed_at_creation;
  const auto given = message.get_or(mapi::PR_MESSAGE_FLAGS, stored);
  return (stored & kept) | (given & ~(kept | mapi::MSGFLAG_HASATTACH)) |
         has_attachments_flag(message);
}

Submission prepare_submission(mapi::Message& message, mapi::StoreSupport& support,
                              mapi::FileTime now, const mapi::OwnRecipients* own) {
  const auto flags = message.get_or(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT);
  if ((flags & mapi::MSGFLAG_ASSOCIATED) != 0) {
    throw mapi::Failure(mapi::MAPI_E_NO_ACCESS, "an associated message cannot be submitted");
  }
  clear_earlier_submission(message);
  require_recipients(message);
  support.prepare_submit(message);
  message.set(mapi::PR_MESSAGE_FLAGS, flags | set_by_submission);
  message.set(mapi::PR_CLIENT_SUBMIT_TIME, now);
  message.set(mapi::PR_POSTERN_ENVELOPE_ID, new_id(now));
  set_message_id(message, now);
  set_deferred_send_time(message, now);
  const auto expanded = support.expand_recips(message, own);
  require_recipients(message);
  for (auto& recipient : message.recipients) {  // those that came from lists
    if (!recipient.get(mapi::PR_RESPONSIBILITY)) recipient.set(mapi::PR_RESPONSIBILITY, false);
  }
  set_computed_properties(message);
  if (own != nullptr) defer_for_own_delivery(message, *own, now);
  if (expanded.needs_preprocessing) {
    message.set(mapi::PR_PREPROCESS, true);
    return {mapi::SUBMITFLAG_PREPROCESS, {}};
  }
  if (own != nullptr && waits_for_own_delivery(message, *own, now)) {
    return {mapi::SUBMITFLAG_PREPROCESS, {}};
  }
  return {0, own != nullptr ? deliver_own(message, *own, now) : std::vector<OwnDelivery>{}};
}

Submission resume_submission(mapi::Message& message, mapi::FileTime now,
                             const mapi::OwnRecipients* own) {
  set_computed_properties(message);
  return {0, own != nullptr ? deliver_own(message, *own, now) : std::vector<OwnDelivery>{}};
}

void undo_submission(mapi::Message& message, std::int32_t submit_flags) {
  message.erase(mapi::PR_POSTERN_NEXT_ATTEMPT);
  if ((submit_flags & mapi::SUBMITFLAG_PREPROCESS) != 0) message.erase(mapi::PR_PREPROCESS);
  const auto flags = message.get_or(mapi::PR_MESSAGE_FLAGS, 0);
  if ((flags & mapi::MSGFLAG_RESEND) != 0) undo_resend(message);
}

void finish_submission(mapi::Message& message) {
  finish_resend(message);
  message.erase(mapi::PR_POSTERN_NEXT_ATTEMPT);
}

}  // namespace postern::session
