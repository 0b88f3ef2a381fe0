// A --bounces: where mail that came back lies.
#pragma once

#include <memory>
#include <string>

#include "mapi/transport.h"

namespace postern::cli {

/// A Maildir's directory, or imap[s]://USER@HOST[:PORT][/FOLDER]?KEY=VALUE&…. Throws UsageError,
/// or mapi::Failure if the password cannot be read.
std::unique_ptr<mapi::XPProvider> bounce_source(const std::string& text);

}  // namespace postern::cli
