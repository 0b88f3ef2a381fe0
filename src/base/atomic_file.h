// Files that are replaced as a whole or not at all: whoever reads, also after a crash, finds the
// old content or the new one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace postern {

/// Throws std::system_error that names the file.
void replace_file(const std::string& path, std::string_view content);
/// The content; nothing where there is no such file, or it is larger than `most`. Throws
/// std::system_error where it cannot be told because no descriptor is left.
std::optional<std::string> read_file(const std::string& path, std::size_t most);
/// Makes the directory where it is missing; throws std::invalid_argument with one sentence where it
/// cannot be written in.
void demand_directory(const std::string& path, std::string_view purpose);

}  // namespace postern
#pragma GCC visibility pop
