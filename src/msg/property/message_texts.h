// The 8-bit strings of a whole message become UTF-8, all by the same code page (mapi-to-mime.md
// §1.3).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mapi/loss.h"
#include "mapi/message.h"
#include "msg/property/raw_texts.h"

namespace postern::msg {

/// What is said of a text in which something became U+FFFD.
inline constexpr auto replaced_characters =
    " holds what cannot be read as characters; U+FFFD stands in its place";

/// What the bags of a message hold as octets yet.
struct RawMessage {
  RawTexts message;
  std::vector<RawTexts> recipients;
  std::vector<RawTexts> attachments;
};

struct TextLoss {
  mapi::LossKind kind;
  std::string sentence;
};
struct DecodedTexts {
  int code_page;
  std::vector<TextLoss> losses;
};
/// `parent` and `declared`: as for string_code_page.
DecodedTexts decode_texts(mapi::Message& message, const RawMessage& raw, std::optional<int> parent,
                          std::optional<int> declared = {});

}  // namespace postern::msg
