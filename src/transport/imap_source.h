// A transport provider that only brings mail in: from a folder of an IMAP server to which what
// comes back is delivered (mapi-submission.md §8.5; IMAP4rev1, RFC 3501).
//
// A mail that is not marked as seen is taken, without marking it; it is marked (\Seen) when the
// store has it, so that a crash loses none; one that comes again is known by its Message-ID and not
// stored again. So nobody else should read mail in that folder. A mail that is empty or too long,
// or that the store does not take, is left as it is and named to the operator once; the others go
// on.
//
// Errors, threads and lifetimes are those of mapi/transport.h. A thread of the logon's own is
// connected to the server while there is something to take.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "mapi/transport.h"

#pragma GCC visibility push(default)
namespace postern::transport {

struct ImapSourceOptions {
  std::string user{};
  std::string password{};
  std::string host{};  ///< a name or an address, without brackets
  std::uint16_t port = 993;
  bool implicit_tls = true;         ///< TLS from the start (RFC 8314 §3.2), else STARTTLS
  bool tls = true;                  ///< false: neither; the password goes in the clear
  std::filesystem::path ca_file{};  ///< certificates to trust instead of the system's (PEM)
  std::string folder = "INBOX";     ///< in UTF-8, with the server's separators
  std::chrono::milliseconds interval{30000};  ///< how often it is looked at
  std::chrono::seconds timeout{60};           ///< how long the server may be silent

  /// imaps://USER@HOST[:PORT][/FOLDER] or imap://… (STARTTLS; port 143), percent-encoded
  /// (RFC 5092). Throws std::invalid_argument with one sentence, without a password in it.
  static ImapSourceOptions parse(std::string_view url);
};

/// Nothing is asked of the server before the spooler logs on. Throws std::invalid_argument with one
/// sentence if there is no host, user or password, or a control character in one of them.
std::unique_ptr<mapi::XPProvider> make_imap_source(ImapSourceOptions options);

}  // namespace postern::transport
#pragma GCC visibility pop
