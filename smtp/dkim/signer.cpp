#include <algorithm>
#include <cstring>
#include <set>
#include <stdexcept>
#include <utility>

#include "smtp/dkim/message.h"
#include "smtp/dkim/signature.h"
#include "smtp/dkim_signer.h"

namespace postern::smtp {
namespace {

class SignedReader final : public OctetReader {
 public:
  SignedReader(std::string signatures, std::unique_ptr<OctetReader> message)
      : signatures_(std::move(signatures)), message_(std::move(message)) {}

  std::size_t read(std::span<std::byte> into) override {
    const std::size_t count = std::min(into.size(), signatures_.size() - given_);
    if (count == 0) return message_->read(into);
    std::memcpy(into.data(), signatures_.data() + given_, count);
    given_ += count;
    return count;
  }

 private:
  std::string signatures_;
  std::size_t given_ = 0;
  std::unique_ptr<OctetReader> message_;
};

}  // namespace

DkimSignedSource::DkimSignedSource(std::string signatures, const OctetSource& message)
    : signatures_(std::move(signatures)), message_(message) {}

std::uint64_t DkimSignedSource::size() const {
  return signatures_.size() + message_.size();
}

std::unique_ptr<OctetReader> DkimSignedSource::open() const {
  return std::make_unique<SignedReader>(signatures_, message_.open());
}

DkimSigner::DkimSigner(std::vector<DkimSettings> signatures) {
  if (signatures.empty()) throw std::invalid_argument("there is no DKIM key to sign with");
  for (DkimSettings& settings : signatures) signatures_.push_back(checked(std::move(settings)));
}

DkimSignedSource DkimSigner::sign(const OctetSource& message,
                                  std::chrono::system_clock::time_point now) const {
  std::set<Canonicalization> bodies;
  for (const DkimSettings& settings : signatures_) bodies.insert(settings.body);
  const DkimMessage read = read_dkim_message(message, bodies);
  const std::vector<DkimHeaderField> header = header_fields(read.header);
  std::string fields;
  for (const DkimSettings& settings : signatures_) {
    fields += signature_field(settings, header, read.body_hashes.at(settings.body), now);
  }
  return {std::move(fields), message};
}

}  // namespace postern::smtp
