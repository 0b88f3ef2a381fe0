// A composed message as a source for the SMTP engine, with DKIM signatures if there are keys.
#pragma once

#include <memory>
#include <optional>

#include "smtp/dkim_signer.h"
#include "smtp/envelope.h"
#include "transport/message/composition.h"

namespace postern::transport {

/// The composition must outlive it. Signed messages are made 7-bit first, so that no server needs
/// to re-encode them and break the signature (RFC 6376 §5.3). `signer` may be null. Throws
/// smtp::ContentError with one sentence if the message cannot be signed, and what reading it
/// throws.
class OutgoingSource final : public smtp::OctetSource {
 public:
  OutgoingSource(const Composition& composition, const smtp::DkimSigner* signer);

  [[nodiscard]] std::uint64_t size() const override { return outermost_->size(); }
  [[nodiscard]] bool has_8bit() const override { return outermost_->has_8bit(); }
  [[nodiscard]] bool needs_smtputf8() const override { return outermost_->needs_smtputf8(); }
  [[nodiscard]] const OctetSource* without_smtputf8() const override { return ascii_.get(); }
  [[nodiscard]] std::unique_ptr<smtp::OctetReader> open() const override {
    return outermost_->open();
  }

 private:
  OutgoingSource(const mime::Plan& plan, const smtp::DkimSigner* signer);

  std::unique_ptr<OctetSource> ascii_;
  std::unique_ptr<smtp::OctetSource> composed_;
  std::unique_ptr<smtp::OctetSource> seven_bit_;
  std::optional<smtp::DkimSignedSource> signed_;
  const smtp::OctetSource* outermost_;
};

}  // namespace postern::transport
