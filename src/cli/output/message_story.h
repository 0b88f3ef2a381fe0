// What became of a message, in order: submitted, tried, reported, and what comes next.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mapi/message.h"
#include "mapi/msg_store.h"

namespace postern::cli {

/// One step of it; the text is one line.
struct StoryStep {
  std::optional<mapi::FileTime> time;  ///< nullopt: the store does not say when
  std::string text;
};

/// The steps that the store knows of: of the attempts for a recipient that is the last one, with
/// its number. `row`: of a message that is queued. Empty for a message that was never submitted.
std::vector<StoryStep> story_of(const mapi::Message& message,
                                const std::optional<mapi::OutgoingQueueRow>& row,
                                mapi::FileTime now);

}  // namespace postern::cli
