// Pictures as Windows programs keep them in memory and in OLE objects (mapi-to-mime.md §6.4).
#pragma once

#include <optional>
#include <string_view>

#include "mapi/content.h"

namespace postern::mime {

struct Picture {
  std::string_view media_type;
  mapi::Content content;
};

/// The file that a bitmap (DIB) or a metafile without its file header is; nullopt if the data does
/// not begin with either.
std::optional<Picture> windows_picture(const mapi::Content& data);

}  // namespace postern::mime
