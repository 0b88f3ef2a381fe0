#include "cli/convert/conversion_list.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <system_error>

#include "base/text.h"
#include "cli/input/message_file.h"

namespace postern::cli {
namespace {

namespace fs = std::filesystem;

bool has_message_extension(const fs::path& path) {
  constexpr std::array<std::string_view, 5> extensions{".msg", ".oft", ".eml", ".tnef", ".dat"};
  const auto extension = lower_case(path.extension().string());
  return std::ranges::find(extensions, extension) != extensions.end();
}

/// One that cannot be opened, or is empty, is not passed over: it may be a message.
bool may_be_message(const fs::path& path) {
  std::array<char, form_window> start{};
  std::ifstream file(path, std::ios::binary);
  if (!file) return true;
  file.read(start.data(), start.size());
  const auto count = static_cast<std::size_t>(file.gcount());
  return count == 0 ? has_message_extension(path) : form_of({start.data(), count}).has_value();
}

class Outputs {
 public:
  Outputs(fs::path directory, std::string extension)
      : directory_(std::move(directory)), extension_(std::move(extension)) {}

  /// `name`: the input's path below what was named.
  fs::path output_of(const fs::path& name) {
    auto output = directory_ / name;
    if (has_message_extension(name)) output.replace_extension();
    output += extension_;
    if (taken_.insert(output).second) return output;
    for (int number = 1;; ++number) {  // a.msg beside a.oft
      auto other = directory_ / name;
      other += number == 1 ? extension_ : "." + std::to_string(number) + extension_;
      if (taken_.insert(other).second) return other;
    }
  }

 private:
  fs::path directory_;
  std::string extension_;
  std::set<fs::path> taken_;
};

/// What cannot be read becomes a sentence.
void list_files(const fs::path& folder, std::vector<fs::path>& files,
                std::vector<std::string>& failures) {
  std::error_code error;
  std::vector<fs::path> folders;
  const fs::directory_iterator end;
  for (fs::directory_iterator entry(folder, error); !error && entry != end;
       entry.increment(error)) {
    std::error_code unknown;
    const bool is_folder = fs::is_directory(entry->path(), unknown);
    if (is_folder && !entry->is_symlink(unknown)) folders.push_back(entry->path());
    if (fs::is_regular_file(entry->path(), unknown)) files.push_back(entry->path());
  }
  if (error) {
    failures.push_back("the folder '" + folder.string() + "' cannot be read: " + error.message());
  }
  for (const auto& each : folders) list_files(each, files, failures);
}

}  // namespace

ConversionList conversion_list(const std::vector<std::string>& named, const fs::path& directory,
                               const std::string& extension) {
  ConversionList list;
  Outputs outputs(directory, extension);
  for (const auto& name : named) {
    const fs::path path(name);
    std::error_code unknown;
    if (!fs::is_directory(path, unknown)) {
      list.conversions.push_back({path, outputs.output_of(path.filename())});
      continue;
    }
    std::vector<fs::path> files;
    list_files(path, files, list.failures);
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      if (may_be_message(file)) {
        list.conversions.push_back({file, outputs.output_of(file.lexically_relative(path))});
      } else {
        ++list.skipped;
      }
    }
  }
  return list;
}

}  // namespace postern::cli
