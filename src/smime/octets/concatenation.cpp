#include "smime/octets/concatenation.h"

#include <utility>

namespace postern::smime {
namespace {

class Reader final : public mapi::ContentReader {
 public:
  explicit Reader(std::vector<mapi::Content> parts) : parts_(std::move(parts)) {}

  std::size_t read(std::span<std::byte> into) override {
    while (next_ < parts_.size() || reader_) {
      if (!reader_) reader_ = parts_[next_++].open();
      if (const auto count = reader_->read(into)) return count;
      reader_.reset();
    }
    return 0;
  }

 private:
  std::vector<mapi::Content> parts_;
  std::unique_ptr<mapi::ContentReader> reader_;
  std::size_t next_ = 0;
};

class Concatenation final : public mapi::ContentSource {
 public:
  explicit Concatenation(std::vector<mapi::Content> parts) : parts_(std::move(parts)) {}
  [[nodiscard]] std::uint64_t size() const override {
    std::uint64_t size = 0;
    for (const auto& part : parts_) size += part.size();
    return size;
  }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<Reader>(parts_);
  }

 private:
  std::vector<mapi::Content> parts_;
};

}  // namespace

mapi::Content concatenation(std::vector<mapi::Content> parts) {
  return mapi::Content(std::make_shared<Concatenation>(std::move(parts)));
}

}  // namespace postern::smime
