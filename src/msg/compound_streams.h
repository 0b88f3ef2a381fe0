// Looks into content that is a compound file ([MS-CFB]), as the data of an OLE object is.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "mapi/content.h"

#pragma GCC visibility push(default)
namespace postern::msg {

/// The streams of these names at the top of the compound file, as far as they are there and sound;
/// none if it is no compound file. Nothing is held of them: each is read when it is opened. Throws
/// what reading the content throws, and mapi::Failure (MAPI_E_DISK_ERROR) if a temporary file
/// cannot be written.
std::map<std::string, mapi::Content> compound_streams(const mapi::Content& file,
                                                      std::span<const std::string_view> names);

}  // namespace postern::msg
#pragma GCC visibility pop
