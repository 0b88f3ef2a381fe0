// DKIM signing (RFC 6376): a message in, the same message with its signatures in front out.
//
// A signature stands before the body it covers, so signing reads the source once, block by block,
// and what comes out remembers the result: opening it again, for a retry, costs nothing more and
// gives the same octets. The message is never held; only its header is, up to 1 MiB.
//
// What is signed is what goes over the wire: lines ended by CRLF whatever the source had
// (dkim_wire_lines.h). Whoever changes the message behind the signer, by encoding 8-bit text anew,
// say, breaks the signatures: sign last.
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

/// A message with signatures in front. The message it was made of outlives it and gives the same
/// octets each time it is opened.
class DkimSignedSource final : public OctetSource {
 public:
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

/// Immutable; any number of threads may sign with it.
class DkimSigner {
 public:
  /// One signature for each of the settings (RSA and Ed25519, say), in their order. Throws
  /// std::invalid_argument with one sentence where there is none, or one cannot be used.
  explicit DkimSigner(std::vector<DkimSettings> signatures);

  /// Reads the message once. Throws ContentError with one sentence when it is none that can be
  /// signed (dkim_message.h), std::runtime_error where a key fails, and whatever the source throws.
  [[nodiscard]] DkimSignedSource sign(
      const OctetSource& message,
      std::chrono::system_clock::time_point now = std::chrono::system_clock::now()) const;

 private:
  std::vector<DkimSettings> signatures_;
};

}  // namespace postern::smtp
#pragma GCC visibility pop
