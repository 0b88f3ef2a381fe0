// The names of files that are given on the command line and in a list, which may be a pipe that
// somebody is still writing into.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/octet_reader.h"

namespace postern::cli {

class FileNames {
 public:
  /// The names of `given` come first, then those of the list, a file with one name a line; "-" is
  /// standard input. Throws mapi::Failure, one sentence, if the list cannot be opened.
  FileNames(std::vector<std::string> given, const std::optional<std::string>& list);

  /// Waits for a name; nullopt: there is no further one. Throws mapi::Failure if the list cannot be
  /// read.
  [[nodiscard]] std::optional<std::string> next();
  /// Whether `next` would not have to wait for whoever writes the list.
  [[nodiscard]] bool is_ready() const;

 private:
  [[nodiscard]] std::optional<std::string> next_line();
  bool read_more();

  std::vector<std::string> given_;
  std::size_t next_given_ = 0;
  int descriptor_ = -1;
  std::unique_ptr<OctetReader> list_;  ///< of `descriptor_`; null: there is none, or it has ended
  std::string read_;
};

}  // namespace postern::cli
