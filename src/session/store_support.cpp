#include "session/store_support.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "session/preprocessing.h"

namespace postern::session {
namespace {

using mapi::RecipientType;

bool is_p1(const mapi::Recipient& row) {
  return mapi::recipient_type(row) == RecipientType::p1;
}

bool is_submitted(const mapi::Recipient& row) {
  return (row.get_or(mapi::PR_RECIPIENT_TYPE, 0) & mapi::MAPI_SUBMITTED) != 0;
}

/// The key by which rows are the same: the SMTP address if there is one, else type and address.
std::string row_key(const mapi::Recipient& row) {
  if (const auto address = mapi::smtp_address(row, mapi::recipient_group)) {
    return "SMTP:" + upper_case(*address);
  }
  return upper_case(std::string(row.get_or(mapi::PR_ADDRTYPE, "")) + ':' +
                    std::string(row.get_or(mapi::PR_EMAIL_ADDRESS, "")));
}

/// A row without an address cannot be a duplicate.
bool has_identity(const std::string& key) {
  return key != ":";
}

void resolve_one_off(mapi::Recipient& row) {
  const auto* entry_id = row.get(mapi::PR_ENTRYID);
  if (entry_id == nullptr) return;
  const auto one_off = mapi::parse_one_off(*entry_id);
  if (!one_off) return;
  if (!row.get(mapi::PR_ADDRTYPE)) row.set(mapi::PR_ADDRTYPE, one_off->type);
  if (!row.get(mapi::PR_EMAIL_ADDRESS)) row.set(mapi::PR_EMAIL_ADDRESS, one_off->address);
  if (!row.get(mapi::PR_DISPLAY_NAME)) row.set(mapi::PR_DISPLAY_NAME, one_off->display_name);
}

/// The smaller, the more public. MAPI numbers To, Cc and Bcc in that order.
int privacy(const mapi::Recipient& row) {
  const auto type = mapi::recipient_type(row);
  return type ? static_cast<int>(*type) : static_cast<int>(RecipientType::bcc) + 1;
}

void remove_duplicates(std::vector<mapi::Recipient>& rows) {
  std::map<std::pair<std::string, bool>, int> most_public;
  for (const auto& row : rows) {
    const auto key = std::pair(row_key(row), is_p1(row));
    const auto [found, is_new] = most_public.emplace(key, privacy(row));
    if (!is_new) found->second = std::min(found->second, privacy(row));
  }
  std::set<std::pair<std::string, bool>> kept;
  std::erase_if(rows, [&](const mapi::Recipient& row) {
    const auto key = std::pair(row_key(row), is_p1(row));
    if (!has_identity(key.first)) return false;
    return privacy(row) != most_public.at(key) || !kept.insert(key).second;
  });
}

}  // namespace

void DefaultStoreSupport::prepare_submit(mapi::Message& message) {
  if ((message.get_or(mapi::PR_MESSAGE_FLAGS, 0) & mapi::MSGFLAG_RESEND) == 0) return;
  std::set<std::string> p1_keys;
  for (const auto& row : message.recipients) {
    if (!is_p1(row)) continue;
    if (is_submitted(row)) {
      throw mapi::Failure(mapi::MAPI_E_NON_STANDARD,
                          "a recipient of a resent message is marked as served and as to be "
                          "served (MAPI_SUBMITTED with MAPI_P1)");
    }
    p1_keys.insert(row_key(row));
  }
  bool anybody = false;
  for (auto& row : message.recipients) {
    const bool served = is_submitted(row);
    if (served) {
      row.set(mapi::PR_RECIPIENT_TYPE,
              row.get_or(mapi::PR_RECIPIENT_TYPE, 0) & ~mapi::MAPI_SUBMITTED);
    }
    const bool display_only = served || (!is_p1(row) && p1_keys.contains(row_key(row)));
    row.set(mapi::PR_RESPONSIBILITY, display_only);
    anybody = anybody || !display_only;
  }
  if (!anybody) {
    throw mapi::Failure(mapi::MAPI_E_NO_RECIPIENTS,
                        "the resent message has no recipient who does not have it already");
  }
}

DefaultStoreSupport::ExpandResult DefaultStoreSupport::expand_recips(mapi::Message& message) {
  for (auto& row : message.recipients) resolve_one_off(row);
  remove_duplicates(message.recipients);
  // What was preprocessed for a submission that was cancelled has to be so anew.
  return {is_to_be_secured(message) || message.get_or(mapi::PR_PREPROCESS, false)};
}

DefaultStoreSupport::SentMail DefaultStoreSupport::do_sent_mail(const mapi::Message& message) {
  if (message.get_or(mapi::PR_DELETE_AFTER_SUBMIT, false)) return SentMail::remove;
  return message.get(mapi::PR_SENTMAIL_ENTRYID) != nullptr ? SentMail::move : SentMail::keep;
}

}  // namespace postern::session
