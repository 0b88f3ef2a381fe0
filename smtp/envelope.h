// The envelope of a message: who it is from, whom it goes to, and what is asked of the server
// (RFC 5321 §2.3.1, RFC 3461, RFC 1870, RFC 6152, RFC 6531, RFC 8689, RFC 2852, RFC 4865, RFC
// 6710).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#pragma GCC visibility push(default)
namespace postern::smtp {

/// NOTIFY= of RFC 3461 §4.1; all false with `asked` means NEVER.
struct Notify {
  bool asked = false;  ///< false: the parameter is not sent
  bool success = false;
  bool failure = false;
  bool delay = false;
};

struct EnvelopeRecipient {
  std::string address;  ///< local@domain, UTF-8; the engine refuses what is none before any octet
  Notify notify;
  std::string original_recipient;  ///< ORCPT as address; empty: not sent
};

enum class ReturnContent { unspecified, headers, full };  ///< RET= of RFC 3461 §4.3

/// BY= of RFC 2852: what is to become of a message that cannot be delivered in time.
struct DeliverBy {
  enum class Mode { notify, give_back };
  std::chrono::seconds within{0};  ///< from now; give_back: above zero
  Mode mode = Mode::notify;
  bool trace = false;  ///< relays that do not know the extension are to be reported
};

struct Envelope {
  std::string reverse_path;  ///< empty: the null reverse path `<>`
  std::vector<EnvelopeRecipient> recipients;
  ReturnContent return_content = ReturnContent::unspecified;
  std::string envelope_id;  ///< ENVID= before xtext encoding; empty: not sent
  /// Only over verified TLS and to servers that promise the same for the rest of the way
  /// (RFC 8689); refused where that cannot be had.
  bool require_tls = false;
  /// The message's header bears `TLS-Required: No` (RFC 8689 §3; smtp/tls_required.h tells): by MX
  /// what the domain's DANE records and MTA-STS policy demand, and what is wanted of TLS where they
  /// demand nothing, holds it back no longer; TLS is used where it can be had. Means nothing beside
  /// `require_tls` (§4.1), nor towards a relay, of whose TLS the operator alone decides.
  bool tls_required_no = false;
  /// Refused where the server does not offer DELIVERBY and the message was to be given back;
  /// otherwise left out.
  std::optional<DeliverBy> deliver_by{};
  /// HOLDFOR= of RFC 4865; refused where the server does not offer FUTURERELEASE or so long.
  std::optional<std::chrono::seconds> hold_for{};
  /// MT-PRIORITY= of RFC 6710, -9 to 9; left out where it is not offered.
  std::optional<int> priority{};
};

/// One pass over the octets of a message.
class OctetReader {
 public:
  virtual ~OctetReader() = default;
  /// Fills at least one octet of `into` unless the end is reached (0). Throws std::exception when
  /// the source fails: the transaction is aborted, nothing is delivered.
  virtual std::size_t read(std::span<std::byte> into) = 0;
};

/// The message as it goes behind DATA: lines ended by CRLF (whatever is not is repaired while
/// sending), no dot-stuffing. May be opened again for a retry.
class OctetSource {
 public:
  virtual ~OctetSource() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;   ///< exactly what readers give, in octets
  [[nodiscard]] virtual bool has_8bit() const = 0;        ///< BODY=8BITMIME is needed
  [[nodiscard]] virtual bool needs_smtputf8() const = 0;  ///< headers hold UTF-8
  [[nodiscard]] virtual std::unique_ptr<OctetReader> open() const = 0;
};

/// What is to be known of a message before its octets.
struct MessageFacts {
  std::uint64_t size = 0;
  bool has_8bit = false;
  bool needs_smtputf8 = false;
};

}  // namespace postern::smtp
#pragma GCC visibility pop
