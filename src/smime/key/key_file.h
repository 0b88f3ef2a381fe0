// Files of keys and certificates, which are small.
#pragma once

#include <filesystem>
#include <string>

#include "smime/key/openssl.h"

namespace postern::smime {

enum class Secrecy { open, secret };

/// The path in quotes, safe to show.
std::string quoted(const std::filesystem::path& path);

/// The octets of the file. mapi::Failure: MAPI_E_NOT_FOUND, MAPI_E_NO_ACCESS (also for a secret
/// that everybody may read), MAPI_E_TOO_BIG above 1 MiB, MAPI_E_DISK_ERROR, exhaustion.
void read_key_file(const std::filesystem::path& path, Secrecy secrecy, Secret& octets);

}  // namespace postern::smime
