// A message that lies in a file, as it was composed: RFC 5322 header and body.
//
// Read through once when it is made, to know what it asks of a server; block by block each time it
// is sent. A file that is changed meanwhile is noticed by its size only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "smtp/envelope.h"

#pragma GCC visibility push(default)
namespace postern::smtp {

class FileSource final : public OctetSource {
 public:
  /// Throws std::runtime_error with one sentence where the file cannot be read.
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
