// Makes the MIME message of an offered one, for any transport that sends MIME.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/outcome.h"
#include "mapi/msg_store.h"
#include "mapi/support.h"
#include "mime/compose.h"
#include "smime/preprocessor.h"

namespace postern::transport {

struct CompositionSettings {
  /// The domain of new Message-IDs; empty: the host's name.
  std::string message_id_domain;
  /// The From of messages without a sender.
  std::optional<std::string> default_from;
};

/// What an offered message is sent as.
struct Composition {
  mime::Plan plan;
  /// The same with headers in ASCII, where `plan` needs SMTPUTF8 and can do without: what is not
  /// ASCII are recipients' addresses, whose names stand there alone.
  std::optional<mime::Plan> ascii;
};

/// The plan, with its Message-ID saved so that every attempt, by whatever transport, carries the
/// same, and what it loses kept with the message; or, for a message that its sender has to correct,
/// and for one that asks for more security than the entity has (5.7.4, RFC 3463 §3.8), the outcome
/// of every recipient. `secured_entity` is that of OfferedRecipient. What the store and the
/// message's contents throw passes through.
std::variant<Composition, Outcome> compose_offered(mapi::MessageHandle& view,
                                                   const CompositionSettings& settings,
                                                   std::int32_t secured_entity);

/// Registers the S/MIME preprocessor, if there are options for it.
void register_smime(mapi::TransportSupport& support, std::optional<smime::SmimeOptions> options,
                    const CompositionSettings& settings);

/// The outcome of every recipient where the message cannot be made into what is sent (5.6.0,
/// RFC 3463 §3.7).
Outcome conversion_failure(const std::string& sentence);

}  // namespace postern::transport
