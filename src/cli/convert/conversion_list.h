// Which files are converted, and what becomes of them where.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace postern::cli {

struct Conversion {
  std::filesystem::path input;
  std::filesystem::path output;
};

struct ConversionList {
  std::vector<Conversion> conversions;
  std::size_t skipped = 0;            ///< files of folders that are no compound files
  std::vector<std::string> failures;  ///< folders that cannot be read, a sentence each
};

/// The files that are named, and those of the folders that are named, however deep, which begin as
/// compound files do, or cannot be opened, or are empty .msg files, in the order of their names.
/// Outputs lie in `directory`: a named file's by its name, a folder's in the same tree below it,
/// with the extension .eml in place of .msg or .oft, or behind another. No two are the same.
ConversionList conversion_list(const std::vector<std::string>& named,
                               const std::filesystem::path& directory);

}  // namespace postern::cli
