// The 8-bit strings of a bag, which stay octets until the object's code page is known
// (mapi-to-mime.md §1.3), and those in its one-off entry ids (§2.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mapi/property_bag.h"

namespace postern::msg {

class RawTexts {
 public:
  /// The property of the bag, a string or a list of them, holds octets.
  void add(std::uint16_t id) { ids_.push_back(id); }
  void add(mapi::PropertyName name) { names_.push_back(std::move(name)); }

  /// Appends what tells of the code page; the views last as long as the bag is not changed.
  void append_to(std::vector<std::string_view>& texts, const mapi::PropertyBag& bag) const;
  /// Makes them UTF-8. Returns whether something became U+FFFD.
  bool decode(mapi::PropertyBag& bag, int code_page) const;

 private:
  std::vector<std::uint16_t> ids_;
  std::vector<mapi::PropertyName> names_;
};

/// Appends the 8-bit strings of the one-off entry ids in the bag.
void append_one_off_texts(std::vector<std::string>& texts, const mapi::PropertyBag& bag);
/// Makes one-off entry ids with 8-bit strings such with UTF-16 ones. Returns whether something
/// became U+FFFD.
bool decode_one_offs(mapi::PropertyBag& bag, int code_page);

}  // namespace postern::msg
