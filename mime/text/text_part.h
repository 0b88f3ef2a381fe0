// Text parts and their charsets (mapi-to-mime.md §4.5): us-ascii, else UTF-8.
#pragma once

#include <memory>
#include <string_view>

#include "mime/text/shared_text.h"
#include "mime/tree/entity.h"

namespace postern::mime {

/// `media_type` is "text/plain" and the like; what is no UTF-8 in the text becomes U+FFFD.
std::unique_ptr<Entity> text_entity(std::string_view media_type, SharedText text);

/// text/html, with its meta element's charset put right.
std::unique_ptr<Entity> html_entity(std::string_view html);

}  // namespace postern::mime
