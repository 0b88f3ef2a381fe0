// What an object of another class than a note says in its properties, in words (mapi-to-mime.md
// §7.1, §9).
#pragma once

#include <string>
#include <string_view>

#include "mapi/message.h"

namespace postern::mime {

/// Lines that end with CRLF, by the kind of object: a list's members, a task, a journal entry.
/// Empty if there is nothing to say.
std::string list_summary(const mapi::Message& list);
std::string task_summary(const mapi::Message& task);
std::string journal_summary(const mapi::Message& entry);

/// The answers that a note asks its receivers to choose from; empty if there are none.
std::string voting_summary(const mapi::Message& note);

}  // namespace postern::mime
