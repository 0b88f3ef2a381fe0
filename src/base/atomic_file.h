// Files that are replaced as a whole: a reader, also after a crash, finds the old content or the
// new one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace postern {

/// Writes a temporary file and renames it. Throws std::system_error that names the file.
void replace_file(const std::string& path, std::string_view content);
/// The content; nullopt if there is no such file, or it is larger than `most`. Throws
/// std::system_error if that is unknown because no descriptor is left.
std::optional<std::string> read_file(const std::string& path, std::size_t most);
/// Makes the directory if it is missing. Throws std::invalid_argument with one sentence if it
/// cannot be written to.
void demand_directory(const std::string& path, std::string_view purpose);

}  // namespace postern
#pragma GCC visibility pop
