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
  std::size_t skipped = 0;            ///< files of folders that are no messages
  std::vector<std::string> failures;  ///< folders that cannot be read, a sentence each
};

/// The files that are named, and those of the folders that are named, however deep, which begin as
/// messages do, or cannot be opened, or are empty with a message's extension, in the order of their
/// names. Outputs lie in `directory`: a named file's by its name, a folder's in the same tree below
/// it, with `extension` (".eml") in place of a message's, or behind another. No two are the same.
ConversionList conversion_list(const std::vector<std::string>& named,
                               const std::filesystem::path& directory,
                               const std::string& extension);

}  // namespace postern::cli
