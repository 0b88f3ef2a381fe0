// Re-encodes a message to 7 bits, or says why that cannot be:
//   smtp_example_seven_bit letter.eml > letter-7bit.eml
#include <filesystem>
#include <fstream>
#include <iostream>

#include "smtp/seven_bit.h"

using namespace postern::smtp;

struct FileReader : OctetReader {
  std::ifstream file;
  explicit FileReader(const std::string& path) : file(path, std::ios::binary) {}
  std::size_t read(std::span<std::byte> into) override {
    file.read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size()));
    return static_cast<std::size_t>(file.gcount());
  }
};

struct FileSource : OctetSource {
  std::string path;
  std::uint64_t size() const override { return std::filesystem::file_size(path); }
  bool has_8bit() const override { return true; }
  bool needs_smtputf8() const override { return false; }
  std::unique_ptr<OctetReader> open() const override { return std::make_unique<FileReader>(path); }
};

int main(int argc, char** argv) try {
  FileSource message;
  message.path = argc == 2 ? argv[1] : throw std::invalid_argument("name one file");
  const SevenBit result = seven_bit(message);
  if (const auto* reason = std::get_if<std::string>(&result)) throw std::invalid_argument(*reason);
  const auto reader = std::get<std::unique_ptr<OctetSource>>(result)->open();
  char block[65536];
  while (const std::size_t count = reader->read(std::as_writable_bytes(std::span(block))))
    std::cout.write(block, static_cast<std::streamsize>(count));
} catch (const std::exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
