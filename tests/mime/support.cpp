#include "tests/mime/support.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace postern::mime {
namespace {

void append_utf8(std::string& text, unsigned character) {
  const auto trail = [character](unsigned shift) {
    return static_cast<char>(0x80U | (character >> shift & 0x3FU));
  };
  if (character < 0x80) {
    text += static_cast<char>(character);
  } else if (character < 0x800) {
    text += {static_cast<char>(0xC0U | character >> 6U), trail(0)};
  } else if (character < 0x10000) {
    text += {static_cast<char>(0xE0U | character >> 12U), trail(6), trail(0)};
  } else {
    text += {static_cast<char>(0xF0U | character >> 18U), trail(12), trail(6), trail(0)};
  }
}

/// A file that is gone when the object is.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view octets) {
    std::string name = std::filesystem::temp_directory_path() / "postern-mime-XXXXXX";
    const int descriptor = mkstemp(name.data());
    if (descriptor < 0) throw std::runtime_error("no temporary file");
    close(descriptor);
    path_ = name;
    std::ofstream(path_, std::ios::binary) << octets;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::filesystem::remove(path_); }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

std::string octets_of(mapi::ContentReader& reader, std::size_t block_size) {
  std::string octets;
  std::vector<std::byte> block(block_size);
  while (const auto count = reader.read(block)) {
    octets.append(reinterpret_cast<const char*>(block.data()), count);
  }
  return octets;
}

std::string octets_of(const mapi::Content& content, std::size_t block_size) {
  return octets_of(*content.open(), block_size);
}

nlohmann::json python(std::string_view program, std::string_view input) {
  const TemporaryFile program_file(program);
  const TemporaryFile input_file(input);
  const std::string command = "python3 " + program_file.path() + " < " + input_file.path();
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("python3 does not start");
  std::string output;
  std::array<char, 4096> block{};
  while (const auto count = fread(block.data(), 1, block.size(), pipe)) {
    output.append(block.data(), count);
  }
  if (pclose(pipe) != 0) throw std::runtime_error("python3 failed: " + output);
  return nlohmann::json::parse(output);
}

std::string random_text(std::mt19937& generator, std::size_t longest) {
  struct Range {
    unsigned first;
    unsigned last;
  };
  constexpr std::array<Range, 8> ranges{{{0x20, 0x7E},
                                         {0x61, 0x7A},
                                         {0x20, 0x20},
                                         {0xC0, 0xFF},
                                         {0x410, 0x44F},
                                         {0x4E00, 0x4FFF},
                                         {0xAC00, 0xADFF},
                                         {0x1F600, 0x1F64F}}};
  // A text keeps to a few ranges, as real ones do.
  const std::size_t used = 1 + generator() % ranges.size();
  std::string text;
  for (std::size_t left = generator() % (longest + 1); left > 0; --left) {
    const auto& range = ranges[generator() % used];
    append_utf8(text,
                range.first + static_cast<unsigned>(generator() % (range.last - range.first + 1)));
  }
  return text;
}

std::string random_octets(std::uint32_t seed, std::size_t size) {
  std::mt19937 generator(seed);
  std::string octets(size, '\0');
  for (auto& octet : octets) octet = static_cast<char>(generator());
  return octets;
}

}  // namespace postern::mime
