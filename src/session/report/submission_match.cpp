#include <algorithm>
#include <string>

#include "mapi/property_tags.h"
#include "session/report/recipient_index.h"
#include "session/report_properties.h"
#include "session/returned_report.h"

namespace postern::session {
namespace {

using Correlator = mapi::MsgStore::Correlator;

bool is_submission(const mapi::Message& message) {
  const auto flags = message.get_or(mapi::PR_MESSAGE_FLAGS, 0);
  const bool is_draft = (flags & mapi::MSGFLAG_UNSENT) != 0 && (flags & mapi::MSGFLAG_SUBMIT) == 0;
  return message.get(mapi::PR_CLIENT_SUBMIT_TIME) && !is_draft &&
         !is_report_class(message.get_or(mapi::PR_MESSAGE_CLASS, ""));
}

bool has_recipient_of(const mapi::Message& message, const mapi::ReturnedReport& returned) {
  const RecipientIndex index(message);
  return std::ranges::any_of(returned.recipients, [&](const mapi::ReturnedRecipient& recipient) {
    return index.find(recipient).has_value();
  });
}

}  // namespace

std::optional<SubmissionMatch> match_submission(const mapi::ReturnedReport& returned,
                                                const SubmissionLookup& lookup) {
  struct Key {
    Correlator by;
    std::string_view value;
  };
  for (const auto& [by, value] : {Key{Correlator::envelope_id, returned.envelope_id},
                                  Key{Correlator::message_id, returned.original_message_id}}) {
    if (value.empty()) continue;
    for (const auto& entry : lookup.find(by, value)) {
      auto message = lookup.load(entry);
      if (!is_submission(message)) continue;
      if (by == Correlator::message_id && !has_recipient_of(message, returned)) continue;
      return SubmissionMatch{entry, std::move(message), by};
    }
  }
  return std::nullopt;
}

}  // namespace postern::session
