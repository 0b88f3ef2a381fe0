#include "mime/octets/transfer_decoding.h"

#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "mime/octets/transform_reader.h"

namespace postern::mime {
namespace {

constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> base64_values = [] {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

std::uint8_t base64_value(char character) {
  return base64_values[static_cast<unsigned char>(character)];
}

/// Octets in so many digits; a lone digit holds none.
std::uint64_t octets_in(std::uint64_t digits) {
  return digits / 4 * 3 + (digits % 4 == 0 ? 0 : digits % 4 - 1);
}

std::optional<int> hex_value(char digit) {
  if (is_digit(digit)) return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return std::nullopt;
}

/// A line without the blanks at its end, which transport has added (RFC 2045 §6.7 (3)).
void append_decoded_line(std::string& out, std::string_view line) {
  line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
  const bool goes_on = line.ends_with('=');
  if (goes_on) line.remove_suffix(1);
  while (!line.empty()) {
    const auto plain = line.substr(0, line.find('='));
    out += plain;
    line.remove_prefix(plain.size());
    if (line.empty()) break;
    const auto high = line.size() > 2 ? hex_value(line[1]) : std::nullopt;
    const auto low = high ? hex_value(line[2]) : std::nullopt;
    out += low ? static_cast<char>(*high * 16 + *low) : line.front();
    line.remove_prefix(low ? 3 : 1);
  }
  if (!goes_on) out += "\r\n";
}

std::unique_ptr<OctetTransform> decoding(ContentTransferEncoding encoding) {
  if (encoding == ContentTransferEncoding::base64) return std::make_unique<Base64Decoding>();
  if (encoding == ContentTransferEncoding::quoted_printable) {
    return std::make_unique<QuotedPrintableDecoding>();
  }
  return nullptr;
}

class DecodedSource final : public mapi::ContentSource {
 public:
  DecodedSource(mapi::Content encoded, ContentTransferEncoding encoding,
                std::optional<std::uint64_t> size)
      : encoded_(std::move(encoded)), encoding_(encoding), size_(size ? *size : counted()) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<TransformReader>(encoded_.open(), decoding(encoding_));
  }

 private:
  [[nodiscard]] std::uint64_t counted() const {
    std::array<std::byte, 65536> block{};
    std::uint64_t octets = 0;
    const auto reader = open();
    while (const auto count = reader->read(block)) octets += count;
    return octets;
  }

  mapi::Content encoded_;
  ContentTransferEncoding encoding_;
  std::uint64_t size_;
};

}  // namespace

void Base64Count::feed(std::string_view text) {
  std::uint64_t digits = 0;
  for (const char character : text) {
    if (character == '=') {
      digits_ += std::exchange(digits, 0);
      end_run();
    } else {
      digits += base64_value(character) == no_digit ? 0 : 1;
    }
  }
  digits_ += digits;
}

std::uint64_t Base64Count::octets() const {
  return octets_ + octets_in(digits_);
}

void Base64Count::end_run() {
  octets_ += octets_in(std::exchange(digits_, 0));
}

void Base64Decoding::feed(std::string_view text, std::string& out) {
  // Room for all of it, so that whole groups need no check.
  const auto before = out.size();
  out.resize(before + text.size() / 4 * 3 + 3);
  char* place = out.data() + before;
  std::size_t at = 0;
  const auto write_groups = [&] {
    while (at + 4 <= text.size()) {
      const std::uint32_t a = base64_value(text[at]);
      const std::uint32_t b = base64_value(text[at + 1]);
      const std::uint32_t c = base64_value(text[at + 2]);
      const std::uint32_t d = base64_value(text[at + 3]);
      if ((a | b | c | d) == no_digit) return;
      const std::uint32_t group = a << 18U | b << 12U | c << 6U | d;
      *place++ = static_cast<char>(group >> 16U);
      *place++ = static_cast<char>(group >> 8U);
      *place++ = static_cast<char>(group);
      at += 4;
    }
  };
  std::string slow;
  while (at < text.size()) {
    if (digits_ == 0) write_groups();
    if (at == text.size()) break;
    slow.clear();
    take(text[at++], slow);
    for (const char octet : slow) *place++ = octet;
  }
  out.resize(static_cast<std::size_t>(place - out.data()));
}

void Base64Decoding::finish(std::string& out) {
  end_run(out);
}

void Base64Decoding::take(char character, std::string& out) {
  if (character == '=') return end_run(out);
  const auto value = base64_value(character);
  if (value == no_digit) return;
  bits_ = bits_ << 6U | value;
  if (++digits_ < 4) return;
  for (const unsigned shift : {16U, 8U, 0U}) out += static_cast<char>(bits_ >> shift);
  digits_ = 0;
}

void Base64Decoding::end_run(std::string& out) {
  if (digits_ >= 2) out += static_cast<char>(bits_ >> (digits_ == 2 ? 4U : 10U));
  if (digits_ == 3) out += static_cast<char>(bits_ >> 2U);
  digits_ = 0;
}

void QuotedPrintableDecoding::feed(std::string_view text, std::string& out) {
  for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    if (line_.empty()) {
      append_decoded_line(out, text.substr(0, end));
    } else {
      line_ += text.substr(0, end);
      append_decoded_line(out, line_);
      line_.clear();
    }
    text.remove_prefix(end + 1);
  }
  line_ += text;
}

void QuotedPrintableDecoding::finish(std::string& out) {
  if (line_.empty()) return;
  append_decoded_line(out, line_);
  out.resize(out.ends_with("\r\n") ? out.size() - 2 : out.size());
}

std::string decoded(std::string_view octets, ContentTransferEncoding encoding) {
  const auto transform = decoding(encoding);
  if (!transform) return std::string(octets);
  std::string text;
  transform->feed(octets, text);
  transform->finish(text);
  return text;
}

mapi::Content decoded(mapi::Content content, ContentTransferEncoding encoding,
                      std::optional<std::uint64_t> size) {
  if (!decoding(encoding)) return content;
  return mapi::Content(std::make_shared<DecodedSource>(std::move(content), encoding, size));
}

}  // namespace postern::mime
