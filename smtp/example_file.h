// A file as the examples read a message from it; they take it for 7-bit text.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "smtp/envelope.h"

namespace postern::smtp {

class FileSource final : public OctetSource {
 public:
  explicit FileSource(std::string path) : path_(std::move(path)) {}
  std::uint64_t size() const override { return std::filesystem::file_size(path_); }
  bool has_8bit() const override { return false; }
  bool needs_smtputf8() const override { return false; }
  std::unique_ptr<OctetReader> open() const override { return std::make_unique<Reader>(path_); }

 private:
  struct Reader final : OctetReader {
    std::ifstream file;
    explicit Reader(const std::string& path) : file(path, std::ios::binary) {}
    std::size_t read(std::span<std::byte> into) override {
      file.read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size()));
      return static_cast<std::size_t>(file.gcount());
    }
  };

  std::string path_;
};

}  // namespace postern::smtp
