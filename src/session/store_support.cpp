#include "session/store_support.h"

#include <exception>
#include <utility>

#include "mapi/address.h"
#include "mapi/property_tags.h"
#include "session/own_delivery.h"
#include "session/preprocessing.h"
#include "session/recipient_identity.h"
#include "session/recipient_resolution.h"
#include "session/resend.h"

namespace postern::session {
namespace {

bool is_without_address(const mapi::Recipient& row) {
  return row.get_or(mapi::PR_EMAIL_ADDRESS, "").empty();
}

/// The row of the party that the resolver knows it to be.
void take_address(mapi::Recipient& row, const mapi::Recipient& found) {
  row.copy(mapi::PR_ADDRTYPE, found, mapi::PR_ADDRTYPE);
  row.copy(mapi::PR_EMAIL_ADDRESS, found, mapi::PR_EMAIL_ADDRESS);
  row.copy(mapi::PR_SMTP_ADDRESS, found, mapi::PR_SMTP_ADDRESS);
  row.copy(mapi::PR_ENTRYID, found, mapi::PR_ENTRYID);
  if (row.get_or(mapi::PR_DISPLAY_NAME, "").empty()) {
    row.copy(mapi::PR_DISPLAY_NAME, found, mapi::PR_DISPLAY_NAME);
  }
}

/// Of Exchange users whose SMTP address stands elsewhere in the message.
void take_known_addresses(mapi::Message& message) {
  const mapi::ExchangeAddresses known(message);
  for (auto& row : message.recipients) {
    if (mapi::smtp_address(row, mapi::recipient_group)) continue;
    if (auto address = known.smtp_address(row, mapi::recipient_group)) {
      row.set(mapi::PR_SMTP_ADDRESS, *std::move(address));
    }
  }
}

}  // namespace

DefaultStoreSupport::DefaultStoreSupport(SupportOptions options) : options_(std::move(options)) {}

void DefaultStoreSupport::prepare_submit(mapi::Message& message) {
  const auto flags = message.get_or(mapi::PR_MESSAGE_FLAGS, 0);
  if ((flags & mapi::MSGFLAG_RESEND) != 0) prepare_resend(message);
}

DefaultStoreSupport::ExpandResult DefaultStoreSupport::expand_recips(
    mapi::Message& message, const mapi::OwnRecipients* own) {
  message.recipients = expand_lists(std::move(message.recipients), options_.resolver);
  take_known_addresses(message);
  for (auto& row : message.recipients) resolve(row);
  warn_of_duplicates(remove_duplicates(message.recipients));
  const auto own_count = own != nullptr ? own_rows(message, *own).size() : 0;
  return {// What was preprocessed for a submission that was cancelled has to be so anew.
          .needs_preprocessing =
              is_to_be_secured(message) || message.get_or(mapi::PR_PREPROCESS, false),
          .needs_spooler = own_count < open_rows(message).size()};
}

void DefaultStoreSupport::resolve(mapi::Recipient& row) const {
  if (is_personal_list(row)) return;
  auto warning = resolve_recipient(row, options_.directory_types);
  if (is_without_address(row) && options_.resolver) {
    const auto found = options_.resolver(row);
    if (found && found->size() == 1) {
      take_address(row, found->front());
      warning = resolve_recipient(row, options_.directory_types);
    }
  }
  if (!warning.empty()) warn(warning);
}

void DefaultStoreSupport::warn_of_duplicates(const std::vector<mapi::Recipient>& removed) const {
  if (removed.empty()) return;
  const auto first = removed.front().get_or(
      mapi::PR_EMAIL_ADDRESS, removed.front().get_or(mapi::PR_DISPLAY_NAME, "a recipient"));
  auto sentence = "'" + std::string(first) + "' is named more than once and gets the message once";
  if (removed.size() > 1) {
    sentence += "; " + std::to_string(removed.size()) + " such rows were left out";
  }
  warn(sentence);
}

DefaultStoreSupport::SentMail DefaultStoreSupport::do_sent_mail(mapi::Message& message) {
  for (const auto& hook : options_.sent_mail_hooks) {
    if (const auto decision = ask(hook, message)) return *decision;
  }
  if (message.get_or(mapi::PR_DELETE_AFTER_SUBMIT, false)) return SentMail::remove;
  return message.get(mapi::PR_SENTMAIL_ENTRYID) != nullptr ? SentMail::move : SentMail::keep;
}

std::optional<DefaultStoreSupport::SentMail> DefaultStoreSupport::ask(
    const SentMailHook& hook, mapi::Message& message) const {
  auto changed = message;
  try {
    const auto decision = hook(changed);
    message = std::move(changed);
    return decision;
  } catch (const std::exception& failure) {
    warn("a hook has failed for the sent message '" +
         std::string(message.get_or(mapi::PR_SUBJECT, "")) + "': " + failure.what());
    return std::nullopt;
  }
}

void DefaultStoreSupport::warn(const std::string& sentence) const {
  if (options_.warn) options_.warn(sentence);
}

}  // namespace postern::session
