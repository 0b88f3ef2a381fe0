// A message in a file: RFC 5322 header and body.
//
// The file is read once by the constructor, to know which extensions the message needs, and block
// by block each time it is sent. A change of the file meanwhile is noticed by its size only.
//
// Errors: std::runtime_error with one sentence that names the file, from the constructor, open and
// read. Threads: immutable; any number of threads may open it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "smtp/envelope.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

/// An OctetSource that reads a file.
class FileSource final : public OctetSource {
 public:
  /// Throws std::runtime_error with one sentence if the file cannot be read.
  explicit FileSource(std::string path);

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] bool has_8bit() const override { return has_8bit_; }
  [[nodiscard]] bool needs_smtputf8() const override { return header_has_8bit_; }
  [[nodiscard]] std::unique_ptr<OctetReader> open() const override;

 private:
  std::string path_;
  std::uint64_t size_ = 0;
  bool has_8bit_ = false;
  bool header_has_8bit_ = false;
};

}  // namespace postern::smtp
#pragma GCC visibility pop
