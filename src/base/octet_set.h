// A set of octets, asked in constant time for each octet of a text.
#pragma once

#include <array>
#include <string_view>

#pragma GCC visibility push(default)
namespace postern {

class OctetSet {
 public:
  constexpr explicit OctetSet(std::string_view members) {
    for (const char octet : members) add(octet);
  }
  /// With both ends.
  [[nodiscard]] constexpr OctetSet with(char first, char last) const {
    OctetSet more = *this;
    for (int value = static_cast<unsigned char>(first); value <= static_cast<unsigned char>(last);
         ++value) {
      more.add(static_cast<char>(value));
    }
    return more;
  }
  [[nodiscard]] constexpr OctetSet with_letters_and_digits() const {
    return with('a', 'z').with('A', 'Z').with('0', '9');
  }
  /// With all above 0x7F.
  [[nodiscard]] constexpr OctetSet with_high() const { return with('\x80', '\xFF'); }

  [[nodiscard]] constexpr bool contains(char octet) const {
    return members_[static_cast<unsigned char>(octet)];
  }
  /// Whether every octet of the text is in the set.
  [[nodiscard]] constexpr bool contains_all(std::string_view text) const {
    for (const char octet : text) {
      if (!contains(octet)) return false;
    }
    return true;
  }

 private:
  constexpr void add(char octet) { members_[static_cast<unsigned char>(octet)] = true; }

  std::array<bool, 256> members_{};
};

}  // namespace postern
#pragma GCC visibility pop
