// Which body of a message object is sent (mapi-to-mime.md §§4.1, 4.4, [MS-OXBBODY]), and its text
// parts in their charsets (§4.5).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "mime/message/compose_context.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// Text as it was stored, to be sent unchanged.
struct StoredOctets {
  std::string octets;
  int code_page = 0;
};

struct Html {
  std::string text;                    ///< UTF-8
  std::optional<StoredOctets> stored;  ///< PR_HTML
};

/// What is sent: text, HTML, or both as alternatives. At least one: an absent body is empty text.
struct Body {
  std::optional<std::string> text;  ///< UTF-8
  std::optional<Html> html;
};

/// Chooses, and warns about what is lost.
Body choose_body(const mapi::Message& message, ComposeContext& context);

/// text/plain, text/html, or multipart/alternative of both.
std::unique_ptr<Entity> body_entity(const mapi::Message& message, const Body& body,
                                    ComposeContext& context);

/// A text part: us-ascii if possible, else `declared_code_page` if it can encode the text exactly
/// and may be sent, else UTF-8 (§4.5). `media_type` is "text/plain" and the like.
std::unique_ptr<Entity> text_entity(std::string_view media_type, std::string_view text,
                                    int declared_code_page);

}  // namespace postern::mime
