#include "msg/property/raw_texts.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/code_page.h"
#include "mapi/property_tags.h"

namespace postern::msg {
namespace {

using mapi::Binary;
using mapi::PropertyValue;
using Decode = std::function<std::string(std::string_view)>;

void append_texts(std::vector<std::string_view>& texts, const PropertyValue* value) {
  if (value == nullptr) return;
  if (const auto* text = std::get_if<std::string>(value)) texts.emplace_back(*text);
  if (const auto* list = std::get_if<std::vector<std::string>>(value)) {
    texts.insert(texts.end(), list->begin(), list->end());
  }
}

/// Decodes in one page and remembers whether that went well.
class PageDecoder {
 public:
  explicit PageDecoder(int page) : page_(page) {}
  std::string operator()(std::string_view octets) {
    auto decoded = mapi::decode(octets, page_);
    is_clean_ = is_clean_ && decoded.clean;
    return std::move(decoded.text);
  }
  [[nodiscard]] bool is_clean() const { return is_clean_; }

 private:
  int page_;
  bool is_clean_ = true;
};

std::optional<PropertyValue> decoded(const PropertyValue* value, PageDecoder& decode) {
  if (value == nullptr) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(value)) return decode(*text);
  if (const auto* list = std::get_if<std::vector<std::string>>(value)) {
    std::vector<std::string> texts;
    texts.reserve(list->size());
    for (const auto& text : *list) texts.push_back(decode(text));
    return texts;
  }
  return std::nullopt;
}

std::optional<Binary> unicode_one_off(const Binary& entry_id, const Decode& decode) {
  if (!mapi::is_8bit_one_off(entry_id)) return std::nullopt;
  const auto address = mapi::parse_one_off(entry_id, decode);
  return address ? std::optional(mapi::make_one_off(*address).bytes) : std::nullopt;
}

std::optional<Binary> unicode_list(const Binary& list, const Decode& decode) {
  auto entries = mapi::parse_flat_entry_list(list);
  bool is_changed = false;
  for (auto& entry : entries) {
    auto changed = unicode_one_off(entry.bytes, decode);
    if (!changed) continue;
    entry.bytes = *std::move(changed);
    is_changed = true;
  }
  return is_changed ? std::optional(mapi::make_flat_entry_list(entries)) : std::nullopt;
}

std::optional<PropertyValue> unicode_value(const PropertyValue& value, bool is_flat_list,
                                           const Decode& decode) {
  if (const auto* octets = std::get_if<Binary>(&value)) {
    auto changed = is_flat_list ? unicode_list(*octets, decode) : unicode_one_off(*octets, decode);
    if (changed) return *std::move(changed);
  }
  if (const auto* list = std::get_if<std::vector<Binary>>(&value)) {
    auto entries = *list;
    for (auto& entry : entries) {
      if (auto changed = unicode_one_off(entry, decode)) entry = *std::move(changed);
    }
    if (entries != *list) return entries;
  }
  return std::nullopt;
}

/// What the one-off entry ids of the bag become, by `decode`.
template <class Change>
void for_each_one_off(const mapi::PropertyBag& bag, const Decode& decode, const Change& change) {
  for (const auto& [id, value] : bag.properties()) {
    const bool is_flat_list = id == mapi::PR_REPLY_RECIPIENT_ENTRIES.id;
    if (auto changed = unicode_value(value, is_flat_list, decode)) change(id, *std::move(changed));
  }
  for (const auto& [name, value] : bag.named_properties()) {
    if (auto changed = unicode_value(value, false, decode)) change(name, *std::move(changed));
  }
}

}  // namespace

/// PR_TRANSPORT_MESSAGE_HEADERS may be in any page; it is for display alone.
void RawTexts::append_to(std::vector<std::string_view>& texts, const mapi::PropertyBag& bag) const {
  for (const auto id : ids_) {
    if (id != mapi::PR_TRANSPORT_MESSAGE_HEADERS.id) append_texts(texts, bag.find(id));
  }
  for (const auto& name : names_) append_texts(texts, bag.find(name));
}

bool RawTexts::decode(mapi::PropertyBag& bag, int code_page) const {
  PageDecoder decoder(code_page);
  for (const auto id : ids_) {
    const auto* value = bag.find(id);
    if (id == mapi::PR_TRANSPORT_MESSAGE_HEADERS.id) {
      const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
      if (text != nullptr && !is_utf8(*text)) bag.set(id, mapi::decode(*text, code_page).text);
    } else if (auto text = decoded(value, decoder)) {
      bag.set(id, *std::move(text));
    }
  }
  for (const auto& name : names_) {
    if (auto text = decoded(bag.find(name), decoder)) bag.set(name, *std::move(text));
  }
  return !decoder.is_clean();
}

void append_one_off_texts(std::vector<std::string>& texts, const mapi::PropertyBag& bag) {
  const auto keep = [&texts](std::string_view octets) {
    texts.emplace_back(octets);
    return std::string();
  };
  for_each_one_off(bag, keep, [](const auto&, const PropertyValue&) {});
}

bool decode_one_offs(mapi::PropertyBag& bag, int code_page) {
  PageDecoder decoder(code_page);
  mapi::PropertyBag changed;
  for_each_one_off(bag, std::ref(decoder), [&changed](const auto& key, PropertyValue value) {
    changed.set(key, std::move(value));
  });
  bag.copy_all(changed);
  return !decoder.is_clean();
}

}  // namespace postern::msg
