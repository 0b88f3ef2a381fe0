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
      : content_(plan.content()), has_8bit_(plan.has_8bit()) {}
  [[nodiscard]] std::uint64_t size() const override { return content_.size(); }
  [[nodiscard]] bool has_8bit() const override { return has_8bit_; }
  [[nodiscard]] bool needs_smtputf8() const override { return false; }  // headers stay ASCII
  [[nodiscard]] std::unique_ptr<smtp::OctetReader> open() const override { return content_.open(); }

 private:
  mapi::Content content_;
  bool has_8bit_;
};

}  // namespace

OutgoingSource::OutgoingSource(const mime::Plan& plan, const smtp::DkimSigner* signer)
    : composed_(std::make_unique<ComposedSource>(plan)), outermost_(composed_.get()) {
  if (signer == nullptr) return;
  if (composed_->has_8bit()) {
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
