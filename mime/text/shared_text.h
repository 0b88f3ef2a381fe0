// Text that several hold and nobody changes: a big body is not copied on its way out of a message.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "mapi/content.h"
#include "mapi/property_bag.h"

namespace postern::mime {

class SharedText {
 public:
  SharedText() = default;  ///< empty
  SharedText(std::string text);
  /// A property as it lies in the bag, which may be changed or destroyed meanwhile; empty if the
  /// bag has it not.
  SharedText(const mapi::PropertyBag& bag, mapi::Tag<mapi::PropertyType::unicode> tag);

  operator std::string_view() const { return text_; }
  [[nodiscard]] std::string_view view() const { return text_; }
  [[nodiscard]] mapi::Content content() const;

 private:
  std::shared_ptr<const void> owner_;
  std::string_view text_;
};

}  // namespace postern::mime
