#include "session/preprocessing.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "mapi/error.h"
#include "mapi/file_time.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

namespace postern::session {
namespace {

/// Those that would get an open row first.
std::set<std::size_t> first_transports(const mapi::Message& message,
                                       const TransportOrder& transports) {
  std::set<std::size_t> found;
  for (const auto row : open_rows(message)) {
    const auto candidates = transports.candidates(message.recipients[row]);
    if (!candidates.empty()) found.insert(candidates.front());
  }
  return found;
}

std::vector<const mapi::Preprocessor*> preprocessors_for(const mapi::Message& message,
                                                         const TransportOrder& transports,
                                                         const Preprocessors& registered) {
  std::vector<const mapi::Preprocessor*> found;
  const auto has_none = [](const auto& preprocessors) { return preprocessors.empty(); };
  if (std::ranges::all_of(registered, has_none)) return found;
  for (const auto transport : first_transports(message, transports)) {
    for (const auto& preprocessor : registered.at(transport)) {
      if (concerns(preprocessor, message)) found.push_back(&preprocessor);
    }
  }
  return found;
}

void append(mapi::PreprocessResult& result, mapi::PreprocessResult more) {
  std::move(more.further_messages.begin(), more.further_messages.end(),
            std::back_inserter(result.further_messages));
  std::move(more.undeliverable.begin(), more.undeliverable.end(),
            std::back_inserter(result.undeliverable));
}

/// All open rows fail (RFC 3463 §3.8: security features not supported).
mapi::PreprocessResult refused(const mapi::Message& message) {
  mapi::PreprocessResult result;
  for (const auto index : open_rows(message)) {
    auto& row = result.undeliverable.emplace_back(message.recipients[index]);
    mapi::set_outcome(row, {.verdict = Verdict::failed,
                            .stage = Stage::submit,
                            .code = 0,
                            .status = {5, 7, 4},
                            .text = "the message is to be signed or encrypted, and no transport "
                                    "has been told how; configure S/MIME",
                            .host = {},
                            .time = mapi::FileTime::now().time_point(),
                            .attempted = false});
  }
  return result;
}

}  // namespace

bool is_to_be_secured(const mapi::Message& message) {
  if (message.get_or(mapi::PR_SECURITY_FLAGS, 0) == 0) return false;
  const auto message_class = lower_case(message.get_or(mapi::PR_MESSAGE_CLASS, ""));
  return !message_class.starts_with("ipm.note.smime");
}

bool needs_preprocessing(const mapi::Message& message, const TransportOrder& transports,
                         const Preprocessors& registered) {
  if (message.get_or(mapi::PR_PREPROCESS, false)) return false;
  if (message.get_or(mapi::PR_POSTERN_IS_FURTHER, false)) return false;
  return is_to_be_secured(message) || !preprocessors_for(message, transports, registered).empty();
}

mapi::PreprocessResult preprocess(mapi::Message& message, const TransportOrder& transports,
                                  const Preprocessors& registered) {
  auto changed = message;
  const bool was_asked_for = remove_preprocess_info(changed, registered);
  const auto called = preprocessors_for(changed, transports, registered);
  if (called.empty() && is_to_be_secured(changed)) return refused(changed);
  if (called.empty() && was_asked_for) {
    throw mapi::Failure(mapi::MAPI_E_UNCONFIGURED,
                        "the message is to be preprocessed before it is sent, and no transport has "
                        "a preprocessor for it");
  }
  if (called.empty()) return {};
  mapi::PreprocessResult result;
  for (const auto* preprocessor : called) append(result, preprocessor->preprocess(changed));
  for (auto& further : result.further_messages) further.set(mapi::PR_POSTERN_IS_FURTHER, true);
  changed.set(mapi::PR_PREPROCESS, true);
  message = std::move(changed);
  return result;
}

bool remove_preprocess_info(mapi::Message& message, const Preprocessors& registered) {
  if (!message.get_or(mapi::PR_PREPROCESS, false)) return false;
  for (const auto& transport : registered) {
    for (const auto& preprocessor : transport) {
      if (preprocessor.remove_info) preprocessor.remove_info(message);
    }
  }
  message.erase(mapi::PR_PREPROCESS);
  return true;
}

}  // namespace postern::session
