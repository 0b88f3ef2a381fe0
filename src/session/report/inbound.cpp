#include "session/inbound.h"

#include <utility>

#include "mapi/property_tags.h"

namespace postern::session {
namespace {

using Correlator = mapi::MsgStore::Correlator;

/// What was received before with this Message-ID; a submission has no delivery time.
std::optional<InboundDecision> find_received(const SubmissionLookup& lookup,
                                             const std::string& message_id) {
  if (message_id.empty()) return std::nullopt;
  for (const auto& entry : lookup.find(Correlator::message_id, message_id)) {
    auto message = lookup.load(entry);
    if (!message.get(mapi::PR_MESSAGE_DELIVERY_TIME)) continue;
    return InboundDecision{.known = entry, .original = {}, .message = std::move(message)};
  }
  return std::nullopt;
}

}  // namespace

SubmissionLookup lookup_in(mapi::MsgStore& store) {
  return {.find = [&store](Correlator by,
                           std::string_view value) { return store.find_messages(by, value); },
          .load =
              [&store](const mapi::EntryId& entry) {
                return store.open_entry(entry, mapi::Access::read_only)->message();
              }};
}

InboundDecision decide_inbound(const mapi::InboundMessage& inbound, const SubmissionLookup& lookup,
                               const Reporter& fallback, mapi::FileTime now) {
  const auto& returned = inbound.returned;
  if (auto received = find_received(lookup, returned.message_id)) return std::move(*received);
  InboundDecision decision;
  if (const auto kind = report_kind(returned)) {
    decision.original = match_submission(returned, lookup);
    if (decision.original) {
      decision.message = make_report(*kind, decision.original->message, returned, fallback, now);
      return decision;
    }
  }
  decision.message = inbound.message;
  if (!returned.message_id.empty()) {
    decision.message.set(mapi::PR_INTERNET_MESSAGE_ID, returned.message_id);
  }
  return decision;
}

mapi::NewMail store_inbound(mapi::MsgStore& store, InboundDecision decision,
                            const mapi::ReturnedReport& returned, mapi::FileTime now) {
  if (!decision.original) return store.receive(std::move(decision.message));
  return store.receive_report(
      decision.original->entry,
      [&](mapi::Message& original) { record_report(original, returned, now); },
      std::move(decision.message));
}

}  // namespace postern::session
