#include "transport/smtp/outgoing_source.h"

#include <utility>
#include <variant>

#include "smtp/seven_bit.h"

namespace postern::transport {
namespace {

/// A composed message as the SMTP engine reads it.
class ComposedSource final : public smtp::OctetSource {
 public:
  explicit ComposedSource(const mime::Plan& plan)
      : content_(plan.content()),
        has_8bit_(plan.has_8bit()),
        needs_smtputf8_(plan.needs_smtputf8()) {}
  [[nodiscard]] std::uint64_t size() const override { return content_.size(); }
  [[nodiscard]] bool has_8bit() const override { return has_8bit_; }
  [[nodiscard]] bool needs_smtputf8() const override { return needs_smtputf8_; }
  [[nodiscard]] std::unique_ptr<smtp::OctetReader> open() const override { return content_.open(); }

 private:
  mapi::Content content_;
  bool has_8bit_;
  bool needs_smtputf8_;
};

}  // namespace

OutgoingSource::OutgoingSource(const Composition& composition, const smtp::DkimSigner* signer)
    : OutgoingSource(composition.plan, signer) {
  if (composition.ascii) ascii_.reset(new OutgoingSource(*composition.ascii, signer));
}

OutgoingSource::OutgoingSource(const mime::Plan& plan, const smtp::DkimSigner* signer)
    : composed_(std::make_unique<ComposedSource>(plan)), outermost_(composed_.get()) {
  if (signer == nullptr) return;
  // A server that takes UTF-8 in headers takes 8-bit text too.
  if (composed_->has_8bit() && !composed_->needs_smtputf8()) {
    // What cannot be re-encoded is signed as it is.
    smtp::SevenBit again = smtp::seven_bit(*composed_);
    if (auto* source = std::get_if<std::unique_ptr<smtp::OctetSource>>(&again)) {
      seven_bit_ = std::move(*source);
      outermost_ = seven_bit_.get();
    }
  }
  signed_.emplace(signer->sign(*outermost_));
  outermost_ = &*signed_;
}

}  // namespace postern::transport
