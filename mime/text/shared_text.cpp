#include "mime/text/shared_text.h"

#include <span>
#include <utility>

namespace postern::mime {

SharedText::SharedText(std::string text) {
  const auto owner = std::make_shared<const std::string>(std::move(text));
  text_ = *owner;
  owner_ = owner;
}

SharedText::SharedText(const mapi::PropertyBag& bag, mapi::Tag<mapi::PropertyType::unicode> tag) {
  const auto text = bag.get(tag);
  if (!text) return;
  text_ = *text;
  owner_ = std::make_shared<const mapi::PropertyMap<std::uint16_t>>(bag.properties());
}

mapi::Content SharedText::content() const {
  return mapi::Content::from_memory(owner_, std::as_bytes(std::span(text_)));
}

}  // namespace postern::mime
