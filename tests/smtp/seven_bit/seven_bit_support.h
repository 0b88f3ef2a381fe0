// Messages for the tests of the re-encoding to 7 bits.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "smtp/seven_bit.h"

namespace postern::smtp::test {

/// A text that gives so many octets with each read as it is told; all it can by default.
class CutSource final : public OctetSource {
 public:
  using Cut = std::function<std::size_t()>;

  explicit CutSource(std::string text, Cut cut = {})
      : text_(std::move(text)), cut_(std::move(cut)) {}

  [[nodiscard]] std::uint64_t size() const override { return text_.size(); }
  [[nodiscard]] bool has_8bit() const override { return true; }
  [[nodiscard]] bool needs_smtputf8() const override { return false; }
  [[nodiscard]] std::unique_ptr<OctetReader> open() const override {
    return std::make_unique<Reader>(text_, cut_);
  }
  /// From now on it gives something else.
  void replace(std::string text) { text_ = std::move(text); }

 private:
  struct Reader final : OctetReader {
    Reader(const std::string& text, const Cut& next_cut) : rest(text), cut(next_cut) {}
    std::size_t read(std::span<std::byte> into) override {
      std::size_t count = std::min(rest.size(), into.size());
      if (cut && count > 0) count = std::clamp<std::size_t>(cut(), 1, count);
      if (count > 0) std::memcpy(into.data(), rest.data(), count);
      rest.remove_prefix(count);
      return count;
    }
    std::string_view rest;
    const Cut& cut;
  };

  std::string text_;
  Cut cut_;
};

/// Everything a source gives, read in blocks of this size.
inline std::string all_of(const OctetSource& source, std::size_t block_size = 5000) {
  std::string text;
  std::string block(block_size, '\0');
  const auto reader = source.open();
  while (const std::size_t count = reader->read(std::as_writable_bytes(std::span(block)))) {
    text.append(block, 0, count);
  }
  return text;
}

/// The message in 7 bits, or "refused: " and why.
inline std::string in_seven_bits(std::string_view message) {
  const CutSource source{std::string(message)};
  const SevenBit result = seven_bit(source);
  if (const auto* reason = std::get_if<std::string>(&result)) return "refused: " + *reason;
  return all_of(*std::get<0>(result));
}

}  // namespace postern::smtp::test
