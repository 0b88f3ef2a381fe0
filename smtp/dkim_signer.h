// DKIM signing (RFC 6376): makes of a message the same message with signatures in front.
//
// A signature precedes the body it covers, so signing reads the source once, block by block, and
// keeps the result: opening the signed source again, for a retry, costs no further signing and
// gives the same octets. Only the message's header is held in memory, up to 1 MiB.
//
// What is signed is what is sent: lines ended by CRLF whatever the source had. Any later change of
// the message, such as encoding 8-bit text anew, breaks the signatures: sign last.
//
// Errors: std::invalid_argument for unusable settings, std::runtime_error for a message that cannot
// be signed. Threads: a signer is immutable; any number of threads may sign with it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "smtp/dkim_settings.h"
#include "smtp/envelope.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

/// A message with signatures in front. The message it was made of must outlive it and give the same
/// octets each time it is opened.
class DkimSignedSource final : public OctetSource {
 public:
  /// `signatures`: the DKIM-Signature fields, each ended by CRLF.
  DkimSignedSource(std::string signatures, const OctetSource& message);

  [[nodiscard]] std::uint64_t size() const override;
  [[nodiscard]] bool has_8bit() const override { return message_.has_8bit(); }
  [[nodiscard]] bool needs_smtputf8() const override { return message_.needs_smtputf8(); }
  [[nodiscard]] std::unique_ptr<OctetReader> open() const override;

  /// The DKIM-Signature fields, each ended by CRLF.
  [[nodiscard]] const std::string& signatures() const { return signatures_; }

 private:
  std::string signatures_;
  const OctetSource& message_;
};

/// Signs messages with one or several keys.
class DkimSigner {
 public:
  /// One signature for each of the settings (RSA and Ed25519, say), in their order. Throws
  /// std::invalid_argument with one sentence if there are no settings or one cannot be used.
  explicit DkimSigner(std::vector<DkimSettings> signatures);

  /// Reads the message once, and `message` must outlive the result. Throws ContentError with one
  /// sentence if it cannot be signed (malformed or too large a header, not exactly one From),
  /// std::runtime_error if a key fails, and whatever the source throws.
  [[nodiscard]] DkimSignedSource sign(
      const OctetSource& message,
      std::chrono::system_clock::time_point now = std::chrono::system_clock::now()) const;

 private:
  std::vector<DkimSettings> signatures_;
};

}  // namespace postern::smtp
#pragma GCC visibility pop
