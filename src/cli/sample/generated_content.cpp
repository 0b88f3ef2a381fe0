#include "cli/sample/generated_content.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace postern::cli {

namespace {

/// The n-th word of the sequence: Sebastiano Vigna's SplitMix64.
std::uint64_t word(std::uint64_t n) {
  std::uint64_t z = (n + 1) * 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

class GeneratedReader final : public mapi::ContentReader {
 public:
  explicit GeneratedReader(std::uint64_t size) : size_(size) {}

  std::size_t read(std::span<std::byte> into) override {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - position_));
    for (std::size_t done = 0; done < count;) {
      const std::uint64_t octets = word(position_ / sizeof(std::uint64_t));
      const std::size_t offset = position_ % sizeof octets;
      const std::size_t step = std::min(sizeof octets - offset, count - done);
      std::memcpy(into.data() + done, reinterpret_cast<const std::byte*>(&octets) + offset, step);
      done += step;
      position_ += step;
    }
    return count;
  }

 private:
  const std::uint64_t size_;
  std::uint64_t position_ = 0;
};

class GeneratedSource final : public mapi::ContentSource {
 public:
  explicit GeneratedSource(std::uint64_t size) : size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<GeneratedReader>(size_);
  }

 private:
  const std::uint64_t size_;
};

}  // namespace

mapi::Content generated_content(std::uint64_t size) {
  return mapi::Content(std::make_shared<const GeneratedSource>(size));
}

}  // namespace postern::cli
