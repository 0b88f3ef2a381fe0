#include "smtp/file_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace postern::smtp {
namespace {

class FileReader final : public OctetReader {
 public:
  explicit FileReader(const std::string& path)
      : path_(path), file_(std::fopen(path.c_str(), "re")) {
    if (!file_) fail();
  }
  std::size_t read(std::span<std::byte> into) override {
    const std::size_t count = std::fread(into.data(), 1, into.size(), file_.get());
    if (std::ferror(file_.get()) != 0) fail();
    return count;
  }

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  [[noreturn]] void fail() const {
    throw std::runtime_error("the message file \"" + path_ +
                             "\" cannot be read: " + std::strerror(errno));
  }

  std::string path_;
  std::unique_ptr<std::FILE, Closer> file_;
};

/// Finds the end of the header, an empty line, in octets that come in pieces.
class HeaderEnd {
 public:
  /// How many octets of the piece still belong to the header.
  std::size_t take(std::string_view piece) {
    std::size_t at = 0;
    for (; at < piece.size() && !ended_; ++at) {
      if (piece[at] == '\n')
        ended_ = std::exchange(line_is_empty_, true);
      else if (piece[at] != '\r')
        line_is_empty_ = false;
    }
    return at;
  }

 private:
  bool line_is_empty_ = true;
  bool ended_ = false;
};

}  // namespace

FileSource::FileSource(std::string path) : path_(std::move(path)) {
  FileReader reader(path_);
  HeaderEnd header;
  std::array<std::byte, 65536> block;
  while (const std::size_t count = reader.read(block)) {
    const std::string_view piece(reinterpret_cast<const char*>(block.data()), count);
    size_ += count;
    const std::size_t in_header = header.take(piece);
    header_has_8bit_ = header_has_8bit_ || !is_ascii(piece.substr(0, in_header));
    has_8bit_ = has_8bit_ || header_has_8bit_ || !is_ascii(piece.substr(in_header));
  }
}

std::unique_ptr<OctetReader> FileSource::open() const {
  return std::make_unique<FileReader>(path_);
}

}  // namespace postern::smtp
