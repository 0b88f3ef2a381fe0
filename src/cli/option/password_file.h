// Passwords that options name a file for.
#pragma once

#include <string>

namespace postern::cli {

/// The first line of the file, without its line end. Throws mapi::Failure if there is none.
std::string password_from(const std::string& path);

}  // namespace postern::cli
