// The commands of a mail transaction as octets: MAIL and RCPT with their parameters (RFC 5321
// §4.1.1, RFC 1870, RFC 2852, RFC 3461, RFC 4865, RFC 6152, RFC 6531, RFC 6533, RFC 6710, RFC
// 8689).
//
// No text of an envelope can become a command of its own: the *_fault functions refuse controls,
// angle brackets and anything else that is no address, and the formatting functions may only be
// called with what passed them.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/enhanced_status.h"
#include "smtp/dialogue/capabilities.h"
#include "smtp/dialogue/reply.h"
#include "smtp/envelope.h"

namespace postern::smtp {

/// The parameters that are dropped if a server refuses them although it offered them. SMTPUTF8,
/// BODY, REQUIRETLS and HOLDFOR are not among them: the message needs them.
enum class Parameter { size, ret, envid, notify, orcpt, by, mt_priority };
class ParameterSet {
 public:
  ParameterSet() = default;
  [[nodiscard]] bool has(Parameter parameter) const { return bits_.test(index(parameter)); }
  void add(Parameter parameter) { bits_.set(index(parameter)); }
  [[nodiscard]] bool empty() const { return bits_.none(); }
  ParameterSet& operator|=(const ParameterSet& other) {
    bits_ |= other.bits_;
    return *this;
  }

 private:
  static std::size_t index(Parameter parameter) { return static_cast<std::size_t>(parameter); }
  std::bitset<7> bits_;
};
/// As they stand in the commands.
std::vector<std::string_view> names(const ParameterSet& parameters);

/// Why the text cannot be an envelope id, as one sentence; nullopt if it can: printable ASCII, at
/// most 100 octets (RFC 3461 §4.4).
std::optional<std::string> envelope_id_fault(std::string_view envelope_id);
/// The same for BY=, HOLDFOR= and MT-PRIORITY= out of their ranges.
std::optional<std::string> envelope_limits_fault(const Envelope& envelope);

/// An extension that the message requires and the server does not offer.
struct MissingPromise {
  EnhancedStatus status;
  std::string text;  ///< a sentence without its subject, which is the server
};
std::optional<MissingPromise> missing_promise(const Envelope& envelope, const Capabilities& server);

/// xtext of RFC 3461 §4.
std::string xtext(std::string_view text);

/// A command and the droppable parameters in it.
struct CommandLine {
  std::string octets;  ///< with CRLF
  ParameterSet parameters;
};

/// MAIL with the parameters that the server offers and the message needs, except those in
/// `without`.
CommandLine mail_command(const Envelope& envelope, const MessageFacts& message, bool smtputf8,
                         const Capabilities& server, const ParameterSet& without);
CommandLine rcpt_command(const EnvelopeRecipient& recipient, const Capabilities& server,
                         const ParameterSet& without);

/// Those of `used` that a refusal (501, 504 or 555) names in its text.
ParameterSet refused_parameters(const Reply& reply, const ParameterSet& used);

}  // namespace postern::smtp
