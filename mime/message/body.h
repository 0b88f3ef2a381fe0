// Which body of a message object is sent (mapi-to-mime.md §§4.1, 4.4, [MS-OXBBODY]).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mime/context/compose_context.h"
#include "mime/rtf/body.h"
#include "mime/text/shared_text.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// What is sent: text, HTML, or both as alternatives. At least one: an absent body is empty text.
struct Body {
  std::optional<SharedText> text = {};  ///< UTF-8
  std::optional<SharedText> html = {};
  std::vector<InlinePicture> pictures = {};  ///< shown by the HTML, parts of their own
  bool is_true_rtf = false;                  ///< the HTML was made of RTF
};

/// Chooses, and tells what is lost.
Body choose_body(const mapi::Message& message, ComposeContext& context);

/// text/plain, text/html, or multipart/alternative of both.
std::unique_ptr<Entity> body_entity(const Body& body, ComposeContext& context);

}  // namespace postern::mime
