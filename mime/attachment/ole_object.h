// The file in an OLE object, or else the picture it shows (mapi-to-mime.md §6.4, [MS-OLEDS]).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mapi/content.h"

namespace postern::mime {

struct OleFile {
  mapi::Content content;
  std::string media_type;  ///< empty: not known
  std::string name;        ///< empty: not known
  bool is_only_picture = false;
};

/// What is sent of an OLE object that is a compound file: the file that lies in it, else a picture
/// that its program has left; nullopt if neither is found. All sizes in it are doubted.
std::optional<OleFile> file_in_ole_object(const mapi::Content& object);

}  // namespace postern::mime
