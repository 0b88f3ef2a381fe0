#include "msg/property/message_texts.h"

#include <string_view>

#include "msg/property/string_code_page.h"

namespace postern::msg {
namespace {

using mapi::LossKind;

template <class Visit>
void for_each_bag(const RawMessage& raw, mapi::Message& message, const Visit& visit) {
  visit(raw.message, message);
  for (std::size_t i = 0; i < raw.recipients.size(); ++i) {
    visit(raw.recipients[i], message.recipients[i]);
  }
  for (std::size_t i = 0; i < raw.attachments.size(); ++i) {
    visit(raw.attachments[i], message.attachments[i]);
  }
}

}  // namespace

DecodedTexts decode_texts(mapi::Message& message, const RawMessage& raw, std::optional<int> parent,
                          std::optional<int> declared) {
  std::vector<std::string> in_entry_ids;
  std::vector<std::string_view> texts;
  for_each_bag(raw, message, [&](const RawTexts& strings, mapi::PropertyBag& bag) {
    strings.append_to(texts, bag);
    append_one_off_texts(in_entry_ids, bag);
  });
  texts.insert(texts.end(), in_entry_ids.begin(), in_entry_ids.end());
  const auto [page, guess] = string_code_page(message, texts, parent, declared);
  DecodedTexts decoded{page, {}};
  if (!guess.empty()) decoded.losses.push_back({LossKind::guessed, guess});
  bool is_replaced = false;
  for_each_bag(raw, message, [&](const RawTexts& strings, mapi::PropertyBag& bag) {
    is_replaced = strings.decode(bag, decoded.code_page) || is_replaced;
    is_replaced = decode_one_offs(bag, decoded.code_page) || is_replaced;
  });
  if (is_replaced) {
    decoded.losses.push_back({LossKind::substituted, std::string("a text") + replaced_characters});
  }
  return decoded;
}

}  // namespace postern::msg
