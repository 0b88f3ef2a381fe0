#include "cli/convert/conversion_list.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <system_error>

#include "mapi/error.h"

namespace postern::cli {
namespace {

namespace fs = std::filesystem;

/// What they are tells more than their names ([MS-CFB] 2.2).
bool begins_as_compound_file(const fs::path& path) {
  constexpr std::array<char, 8> signature{'\xD0', '\xCF', '\x11', '\xE0',
                                          '\xA1', '\xB1', '\x1A', '\xE1'};
  std::array<char, signature.size()> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), start.size());
  return file && start == signature;
}

class Outputs {
 public:
  explicit Outputs(fs::path directory) : directory_(std::move(directory)) {}

  /// `name`: the input's path below what was named.
  fs::path output_of(const fs::path& name) {
    auto output = directory_ / name;
    output.replace_extension(".eml");
    if (taken_.insert(output).second) return output;
    for (int number = 1;; ++number) {  // a.msg beside a.oft
      auto other = directory_ / name;
      other += number == 1 ? ".eml" : "." + std::to_string(number) + ".eml";
      if (taken_.insert(other).second) return other;
    }
  }

 private:
  fs::path directory_;
  std::set<fs::path> taken_;
};

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  try {
    const auto options = fs::directory_options::skip_permission_denied;
    for (const auto& entry : fs::recursive_directory_iterator(folder, options)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  } catch (const fs::filesystem_error& error) {
    throw mapi::Failure(mapi::MAPI_E_NOT_FOUND, "the folder '" + folder.string() +
                                                    "' cannot be read: " + error.code().message());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

ConversionList conversion_list(const std::vector<std::string>& named, const fs::path& directory) {
  ConversionList list;
  Outputs outputs(directory);
  for (const auto& name : named) {
    const fs::path path(name);
    std::error_code unknown;
    if (!fs::is_directory(path, unknown)) {
      list.conversions.push_back({path, outputs.output_of(path.filename())});
      continue;
    }
    for (const auto& file : files_below(path)) {
      if (begins_as_compound_file(file)) {
        list.conversions.push_back({file, outputs.output_of(file.lexically_relative(path))});
      } else {
        ++list.skipped;
      }
    }
  }
  return list;
}

}  // namespace postern::cli
