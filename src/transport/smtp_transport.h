// The SMTP transport provider: mime/ and smtp/ joined behind XPProvider and XPLogon
// (mapi-submission.md §9).
//
// For the address type SMTP. One provider serves one relay; all its logons share the provider's
// connections. A message is composed, its Message-ID saved before the first attempt, sent, and each
// recipient's outcome saved before the spooler hears of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mapi/transport.h"
#include "smtp/client.h"
#include "smtp/dkim_settings.h"

#pragma GCC visibility push(default)
namespace postern::transport {

struct SmtpTransportOptions {
  smtp::ClientOptions client;
  /// Right side of Message-IDs that have to be made; empty: the host's name.
  std::string message_id_domain;
  /// From where a message names no sender.
  std::optional<std::string> default_from;
  /// A delivery that the next hop has promised to report is reported here, too.
  bool local_delivery_reports = false;
  /// Messages are signed with each of these; empty: not at all.
  std::vector<smtp::DkimSettings> dkim;
};

/// Throws std::invalid_argument with one sentence when the options contradict themselves
/// (credentials without TLS towards another machine), mapi::Failure(MAPI_E_NOT_ENOUGH_…) when there
/// are no descriptors, threads or memory for it.
std::unique_ptr<mapi::XPProvider> make_smtp_transport(SmtpTransportOptions options);

}  // namespace postern::transport
#pragma GCC visibility pop
