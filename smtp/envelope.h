// The envelope of a message: sender, recipients, and the parameters of MAIL and RCPT (RFC 5321
// §2.3.1, RFC 3461, RFC 1870, RFC 6152, RFC 6531, RFC 8689, RFC 2852, RFC 4865, RFC 6710); and the
// source of the message's octets.
//
// An envelope is a value and checks nothing: what the engine cannot send, it refuses with an
// Outcome for each recipient.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/octet_reader.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

/// NOTIFY= of RFC 3461 §4.1; `asked` with all others false means NEVER.
struct Notify {
  bool asked = false;  ///< false: the parameter is not sent
  bool success = false;
  bool failure = false;
  bool delay = false;
};

/// The forward path of one RCPT (RFC 5321 §3.3) and its parameters.
struct EnvelopeRecipient {
  std::string address;  ///< local@domain, UTF-8; anything else is refused before it is sent
  Notify notify;
  std::string original_recipient;  ///< ORCPT as address; empty: not sent
};

enum class ReturnContent { unspecified, headers, full };  ///< RET= of RFC 3461 §4.3

/// BY= of RFC 2852 §4: what a server does with a message that it cannot deliver in time.
struct DeliverBy {
  enum class Mode {
    notify,    ///< by-mode N: reports the delay and goes on
    give_back  ///< by-mode R: returns the message
  };
  std::chrono::seconds within{0};  ///< from now; give_back: above zero
  Mode mode = Mode::notify;
  bool trace = false;  ///< by-trace T: report relays that do not know the extension
};

struct Envelope {
  std::string reverse_path;                   ///< empty: the null reverse path `<>`
  std::vector<EnvelopeRecipient> recipients;  ///< each with an outcome of its own
  ReturnContent return_content = ReturnContent::unspecified;
  std::string envelope_id;  ///< ENVID= before xtext encoding; empty: not sent
  /// REQUIRETLS (RFC 8689): the message is sent over verified TLS only, to servers that offer
  /// REQUIRETLS; it is refused if there is none.
  bool require_tls = false;
  /// The message's header has `TLS-Required: No` (RFC 8689 §3; see smtp/tls_required.h): by MX,
  /// neither DANE and MTA-STS nor ClientOptions::tls hold the message back; TLS is used if it is
  /// available. Ignored beside `require_tls` (§4.1) and for relays, whose TLS the operator decides.
  bool tls_required_no = false;
  /// If the server does not offer DELIVERBY: refused with give_back (5.3.3, 5.4.7), left out with
  /// notify.
  std::optional<DeliverBy> deliver_by{};
  /// HOLDFOR= of RFC 4865; refused (5.3.3) if the server does not offer FUTURERELEASE or not for so
  /// long.
  std::optional<std::chrono::seconds> hold_for{};
  /// MT-PRIORITY= of RFC 6710, -9 to 9; left out if it is not offered.
  std::optional<int> priority{};
};

/// One pass over the octets of a message. If it throws, the transaction is aborted, nothing is
/// delivered.
using postern::OctetReader;

/// The message as it follows DATA: lines ended by CRLF (other line ends become CRLF while it is
/// sent), no dot-stuffing. It is opened again for each retry; several readers may be open at once.
class OctetSource {
 public:
  virtual ~OctetSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;   ///< exactly what readers give, in octets
  [[nodiscard]] virtual bool has_8bit() const = 0;        ///< BODY=8BITMIME is needed
  [[nodiscard]] virtual bool needs_smtputf8() const = 0;  ///< headers hold UTF-8
  /// The same message with headers in ASCII, for servers without SMTPUTF8 (RFC 6531); it exists as
  /// long as this source. nullptr: there is none, and such servers do not get the message.
  [[nodiscard]] virtual const OctetSource* without_smtputf8() const { return nullptr; }
  [[nodiscard]] virtual std::unique_ptr<OctetReader> open() const = 0;
};

/// What MAIL says of a message before its octets are sent.
struct MessageFacts {
  std::uint64_t size = 0;
  bool has_8bit = false;
  bool needs_smtputf8 = false;
};

}  // namespace postern::smtp
#pragma GCC visibility pop
