// The envelope of a message: who it is from, whom it goes to, and what is asked of the server
// (RFC 5321 §2.3.1, RFC 3461, RFC 1870, RFC 6152, RFC 6531).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

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

struct Envelope {
  std::string reverse_path;  ///< empty: the null reverse path `<>`
  std::vector<EnvelopeRecipient> recipients;
  ReturnContent return_content = ReturnContent::unspecified;
  std::string envelope_id;  ///< ENVID= before xtext encoding; empty: not sent
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

}  // namespace postern::smtp
