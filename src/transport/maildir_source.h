// A transport provider that only brings mail in: from a Maildir into which somebody delivers what
// comes back (mapi-submission.md §8.5; https://cr.yp.to/proto/maildir.html).
//
// A mail lies in new until the store has it, and in cur from then on, so that a crash loses none;
// one that comes again is known by its Message-ID and not stored again. A file that cannot be read,
// is empty or too long, or that the store does not take, stays in new and is named to the operator
// once; the others go on.
//
// Errors, threads and lifetimes are those of mapi/transport.h. A thread of the logon's own looks
// into new.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "mapi/transport.h"

#pragma GCC visibility push(default)
namespace postern::transport {

struct MaildirSourceOptions {
  std::filesystem::path directory;           ///< with new and cur in it
  std::chrono::milliseconds interval{2000};  ///< how often it is looked at
};

/// Throws std::invalid_argument with one sentence if the directory is no Maildir.
std::unique_ptr<mapi::XPProvider> make_maildir_source(MaildirSourceOptions options);

}  // namespace postern::transport
#pragma GCC visibility pop
