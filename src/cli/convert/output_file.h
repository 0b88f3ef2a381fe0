// A file that is there whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace postern::cli {

class OutputFile {
 public:
  enum class Existing { keep, replace };

  /// Makes the directories and a file without a name in them. Throws mapi::Failure with one
  /// sentence that names the file: if it exists and is to be kept (MAPI_E_COLLISION), or cannot be
  /// made.
  OutputFile(std::filesystem::path path, Existing existing);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Throws as the constructor.
  void write(std::span<const std::byte> octets);
  /// The file that gets the name, for what writes it by itself.
  [[nodiscard]] const std::filesystem::path& part() const { return temporary_; }
  /// Gives the file its name. Throws as the constructor.
  void finish();

 private:
  [[noreturn]] void fail(int error) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  Existing existing_;
  int descriptor_ = -1;
};

}  // namespace postern::cli
