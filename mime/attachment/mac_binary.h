// MacBinary: a file with its resource fork in one (mapi-to-mime.md §6.6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mapi/message.h"

namespace postern::mime {

struct MacFile {
  mapi::Content data_fork;
  std::uint64_t resource_fork_size = 0;
  std::string name;
};

/// The file, if the attachment is marked as MacBinary and is that.
std::optional<MacFile> mac_file(const mapi::Attachment& attachment);

}  // namespace postern::mime
