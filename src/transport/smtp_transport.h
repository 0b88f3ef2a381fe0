// The SMTP transport provider: mime/ and smtp/ joined behind XPProvider and XPLogon
// (mapi-submission.md §9).
//
// For the address type SMTP. One provider serves one route; all its logons share the provider's
// connections. A message is composed, its Message-ID saved before the first attempt, sent, and each
// recipient's outcome saved before status_recips. A spooler may have several, each for domains of
// its own.
//
// With S/MIME it registers a preprocessor that signs and encrypts what asks for it
// (smime/preprocessor.h); without, such messages are not sent (5.7.4). Of several transports for
// SMTP the first one's preprocessor is called, for all their domains: give each the same options.
//
// Errors, threads and lifetimes are those of mapi/transport.h and smtp/client.h: callbacks in the
// client options are called on the engine's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mapi/transport.h"
#include "smime/preprocessor.h"
#include "smtp/client.h"
#include "smtp/dkim_settings.h"

#pragma GCC visibility push(default)
namespace postern::transport {

/// How the transport sends.
struct SmtpTransportOptions {
  smtp::ClientOptions client;
  /// As operators know it (PR_DISPLAY_NAME in the status table); empty: the relay's URL.
  std::string name{};
  /// Recipients in other domains are left to the transports behind this one. "example.com" is that
  /// domain only, ".example.com" all that lie below it, A-labels and U-labels are the same; empty:
  /// every domain.
  std::vector<std::string> domains{};
  /// The domain of Message-IDs made here, for messages without one: submission makes it in the
  /// sender's domain where the sender has one. Empty: the host's name.
  std::string message_id_domain;
  /// The From of messages without a sender.
  std::optional<std::string> default_from;
  /// Make a delivery report also if the next hop has promised one.
  bool local_delivery_reports = false;
  /// Messages are signed with each of these; empty: not signed.
  std::vector<smtp::DkimSettings> dkim;
  /// Messages that ask for it are signed and encrypted so; nullopt: they are refused, unless their
  /// own client has done it. default_from is taken from above.
  std::optional<smime::SmimeOptions> smime = std::nullopt;
};

/// Throws std::invalid_argument with one sentence if the options cannot be used (such as
/// credentials without TLS to another machine), mapi::Failure(MAPI_E_NOT_ENOUGH_…) if there are not
/// enough descriptors, threads or memory.
std::unique_ptr<mapi::XPProvider> make_smtp_transport(SmtpTransportOptions options);

}  // namespace postern::transport
#pragma GCC visibility pop
