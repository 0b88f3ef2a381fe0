#include "msg/property/property_encoder.h"

#include <bit>
#include <string>
#include <string_view>
#include <type_traits>

#include "mapi/code_page.h"
#include "mapi/utf.h"
#include "msg/compound/little_endian.h"

namespace postern::msg {
namespace {

// The octets of a fixed-size value, as an unsigned number of its size.
std::uint16_t raw(std::int16_t value) {
  return static_cast<std::uint16_t>(value);
}
std::uint32_t raw(std::int32_t value) {
  return static_cast<std::uint32_t>(value);
}
std::uint64_t raw(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}
std::uint32_t raw(float value) {
  return std::bit_cast<std::uint32_t>(value);
}
std::uint64_t raw(double value) {
  return std::bit_cast<std::uint64_t>(value);
}
std::uint64_t raw(mapi::Currency value) {
  return raw(value.ten_thousandths);
}
std::uint64_t raw(mapi::ApplicationTime value) {
  return raw(value.days);
}
std::uint64_t raw(mapi::FileTime value) {
  return value.ticks;
}
std::uint32_t raw(mapi::PropertyError value) {
  return value.code;
}
std::uint8_t raw(bool value) {
  return value ? 1 : 0;
}

void append_value(mapi::Binary& octets, const mapi::Guid& guid) {
  for (const auto octet : guid.bytes) append(octets, octet);
}

template <class Value>
void append_value(mapi::Binary& octets, const Value& value) {
  append(octets, raw(value));
}

std::size_t length_of_character(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80) {
    ++length;
  }
  return length;
}

/// In windows-1252; what does not fit becomes '?'.
std::string to_string8(std::string_view text) {
  if (auto whole = mapi::encode(text, mapi::code_page_windows_1252)) return std::move(*whole);
  std::string result;
  while (!text.empty()) {
    const auto length = length_of_character(text);
    result += mapi::encode(text.substr(0, length), mapi::code_page_windows_1252).value_or("?");
    text.remove_prefix(length);
  }
  return result;
}

mapi::Binary to_octets(std::string_view text) {
  const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

class Encoder {
 public:
  Encoder(std::uint16_t type, StringType strings) : strings_(strings) {
    encoded_.type = type;
    const auto unicode = static_cast<std::uint16_t>(mapi::PropertyType::unicode);
    const auto string8 = static_cast<std::uint16_t>(mapi::PropertyType::string8);
    const bool is_text = (type & ~mapi::multi_valued_flag) == unicode;
    if (is_text && strings == StringType::string8) encoded_.type ^= unicode ^ string8;
  }

  EncodedProperty take() { return std::move(encoded_); }

  template <class Value>
  void operator()(const Value& value) {
    encoded_.value = raw(value);
  }
  void operator()(const mapi::Guid& guid) {
    append_value(encoded_.stream.emplace(), guid);
    encoded_.value = guid.bytes.size();
  }
  void operator()(const std::string& text) {
    encoded_.stream = text_octets(text);
    encoded_.value = encoded_.stream->size() + terminator_size();
  }
  void operator()(const mapi::Binary& binary) {
    encoded_.stream = binary;
    encoded_.value = binary.size();
  }

  template <class Value>
  void operator()(const std::vector<Value>& values) {
    auto& octets = encoded_.stream.emplace();
    for (const auto& value : values) append_value(octets, value);
    encoded_.value = octets.size();
  }
  void operator()(const std::vector<std::string>& texts) {
    auto& lengths = encoded_.stream.emplace();
    for (const auto& text : texts) {
      auto octets = text_octets(text);
      octets.resize(octets.size() + terminator_size());
      append(lengths, static_cast<std::uint32_t>(octets.size()));
      encoded_.elements.push_back(std::move(octets));
    }
    encoded_.value = lengths.size();
  }
  void operator()(const std::vector<mapi::Binary>& binaries) {
    auto& lengths = encoded_.stream.emplace();
    for (const auto& binary : binaries) {
      append(lengths, std::uint64_t{static_cast<std::uint32_t>(binary.size())});
      encoded_.elements.push_back(binary);
    }
    encoded_.value = lengths.size();
  }

 private:
  [[nodiscard]] mapi::Binary text_octets(std::string_view text) const {
    return strings_ == StringType::unicode ? mapi::to_utf16le(text) : to_octets(to_string8(text));
  }
  [[nodiscard]] std::size_t terminator_size() const {
    return strings_ == StringType::unicode ? 2 : 1;
  }

  EncodedProperty encoded_;
  StringType strings_;
};

}  // namespace

EncodedProperty encode_property(const mapi::PropertyValue& value, StringType strings) {
  Encoder encoder(mapi::type_of(value), strings);
  std::visit(encoder, value);
  return encoder.take();
}

}  // namespace postern::msg
