// .msg files put together stream by stream, for what no good writer writes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "msg/compound/compound_file_writer.h"
#include "msg/compound/little_endian.h"
#include "tests/msg/test_support.h"

namespace postern::msg::test {

inline void make_file(const std::filesystem::path& path,
                      const std::function<void(StorageWriter& root)>& fill) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w+b"),
                                                             &std::fclose);
  CompoundFileWriter writer(file.get(), path);
  fill(writer.root());
  writer.finish();
}

/// A property stream: a header of zeros and then entries.
class Entries {
 public:
  explicit Entries(std::size_t header_size) : octets_(header_size) {}
  Entries& add(std::uint32_t tag, std::uint64_t value = 0) {
    append(octets_, tag);
    append(octets_, std::uint32_t{6});
    append(octets_, value);
    return *this;
  }
  Entries& add_fragment(std::size_t size) {
    octets_.resize(octets_.size() + size, std::byte{0x41});
    return *this;
  }
  void write(StorageWriter& storage, const std::string& name = "__properties_version1.0") const {
    storage.stream(name, octets_);
  }

 private:
  std::vector<std::byte> octets_;
};

inline void text_stream(StorageWriter& storage, const std::string& name, std::string_view octets) {
  storage.stream(name, binary(octets));
}

}  // namespace postern::msg::test
