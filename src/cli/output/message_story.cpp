#include "cli/output/message_story.h"

#include <algorithm>
#include <utility>

#include "cli/output/queue_state.h"
#include "cli/output/time_text.h"
#include "cli/output/verdict_view.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::cli {
namespace {

std::string_view result_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::delivered:
      return "was delivered to ";
    case Verdict::failed:
      return "failed for ";
    case Verdict::unknown:
      return "may have reached ";
    case Verdict::retry:
      break;
  }
  return "was in vain for ";
}

/// "attempt 2 failed for bob@example.org: mx.example.org: 550 5.1.1 no such user".
StoryStep attempt_step(const Outcome& outcome, const RecipientView& recipient) {
  auto text = recipient.attempts > 0 ? "attempt " + std::to_string(recipient.attempts)
                                     : std::string("the message");
  text += ' ' + std::string(result_of(outcome.verdict)) + recipient.address;
  if (!recipient.host.empty()) text += ": " + recipient.host;
  const auto said = answer(recipient);
  if (!said.empty()) text += ": " + said;
  return {mapi::FileTime::from(outcome.time), text};
}

std::vector<StoryStep> attempt_steps(const mapi::Message& message) {
  std::vector<StoryStep> steps;
  const auto views = recipients_of(message);
  for (std::size_t i = 0; i < views.size(); ++i) {
    const auto outcome = mapi::outcome(message.recipients[i]);
    if (outcome) steps.push_back(attempt_step(*outcome, views[i]));
  }
  const auto first = message.get(mapi::PR_POSTERN_FIRST_ATTEMPT);
  const auto is_earlier = [&](const StoryStep& step) { return *step.time > *first; };
  if (first && std::ranges::all_of(steps, is_earlier)) {
    steps.push_back({first, "the first attempt was in vain"});
  }
  std::ranges::stable_sort(steps, {}, &StoryStep::time);
  return steps;
}

/// The address list of the recipients that a report was made about.
std::string reported(const mapi::Message& message, Verdict verdict) {
  std::string list;
  const auto views = recipients_of(message);
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (!message.recipients[i].get_or(mapi::PR_POSTERN_REPORTED, false)) continue;
    if (views[i].verdict == verdict) list += (list.empty() ? "" : ", ") + views[i].address;
  }
  return list;
}

std::string end_of(const mapi::Message& message) {
  const bool unsent = (message.get_or(mapi::PR_MESSAGE_FLAGS, 0) & mapi::MSGFLAG_UNSENT) != 0;
  if (unsent) return "it was taken out of the queue, and is a draft";
  return "every recipient has a final verdict; it left the queue";
}

std::string next_step(const mapi::OutgoingQueueRow& row, mapi::FileTime now) {
  switch (state_of(row, now, true)) {
    case QueueState::sending:
      return "it is being sent right now";
    case QueueState::on_hold:
      return "next: nothing, until `postern release` ends its hold";
    case QueueState::kept:
      return "next: it goes on when its transport asks for it";
    case QueueState::deferred:
      return "next: it is sent at the time that its sender has set, " +
             local_time(*row.deferred_send_time);
    case QueueState::held:
      return "next: it is tried again at " + local_time(*row.next_attempt);
    case QueueState::ready:
      break;
  }
  return "next: it is sent as soon as a spooler takes it";
}

}  // namespace

std::vector<StoryStep> story_of(const mapi::Message& message,
                                const std::optional<mapi::OutgoingQueueRow>& row,
                                mapi::FileTime now) {
  std::vector<StoryStep> steps;
  const auto submitted = message.get(mapi::PR_CLIENT_SUBMIT_TIME);
  if (!submitted || message.get_or(mapi::PR_MESSAGE_CLASS, "").starts_with("REPORT.")) return steps;
  steps.push_back({submitted, "submitted"});
  if (message.get_or(mapi::PR_PREPROCESS, false)) {
    const bool waits = row && (row->submit_flags & mapi::SUBMITFLAG_PREPROCESS) != 0;
    steps.push_back({std::nullopt, waits ? "it is to be preprocessed" : "preprocessed"});
  }
  std::ranges::move(attempt_steps(message), std::back_inserter(steps));
  const std::pair<Verdict, const char*> reports[] = {
      {Verdict::failed, "its sender has a report about the failure for "},
      {Verdict::delivered, "its sender has a report about the delivery to "}};
  for (const auto& [verdict, words] : reports) {
    const auto list = reported(message, verdict);
    if (!list.empty()) steps.push_back({std::nullopt, words + list});
  }
  steps.push_back({std::nullopt, row ? next_step(*row, now) : end_of(message)});
  return steps;
}

}  // namespace postern::cli
