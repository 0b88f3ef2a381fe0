// The SMTP transport provider: mime/ and smtp/ joined behind XPProvider and XPLogon
// (mapi-submission.md §9).
//
// For the address type SMTP. One provider serves one route; all its logons share the provider's
// connections. A message is composed, its Message-ID saved before the first attempt, sent, and each
// recipient's outcome saved before status_recips. With S/MIME it registers a preprocessor that
// signs and encrypts what asks for it (smime/preprocessor.h); without, such messages are not sent
// (5.7.4).
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
  /// The domain of new Message-IDs; empty: the host's name.
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
