// Sends a file that holds a 7-bit message to one recipient:
//   smtp_example_send smtp://localhost:1025 sender@example.org recipient@example.org letter.eml
#include <filesystem>
#include <fstream>
#include <iostream>

#include "smtp/client.h"

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
  bool has_8bit() const override { return false; }
  bool needs_smtputf8() const override { return false; }
  std::unique_ptr<OctetReader> open() const override { return std::make_unique<FileReader>(path); }
};

int main(int argc, char** argv) try {
  if (argc != 5) throw std::invalid_argument("usage: smtp_example_send URL FROM TO FILE");
  ClientOptions options;
  options.relay = Relay::parse(argv[1]);
  FileSource message;
  message.path = argv[4];
  const Outcome outcome =
      Client(options).deliver({argv[2], {{argv[3], {}, {}}}, {}, {}}, message).recipients.at(0);
  std::cout << name(outcome.verdict) << ": " << outcome.code << ' ' << outcome.text << '\n';
  return outcome.verdict == Verdict::delivered ? 0 : 1;
} catch (const std::exception& failure) {
  std::cerr << failure.what() << '\n';
  return 2;
}
