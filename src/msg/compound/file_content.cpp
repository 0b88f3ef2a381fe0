#include "msg/compound/file_content.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "mapi/error.h"

namespace postern::msg {
namespace {

class ExtentReader final : public mapi::ContentReader {
 public:
  ExtentReader(InputFile file, std::vector<Extent> extents)
      : file_(std::move(file)), extents_(std::move(extents)) {}

  std::size_t read(std::span<std::byte> into) override {
    std::size_t filled = 0;
    while (filled < into.size() && next_ < extents_.size()) {
      auto& extent = extents_[next_];
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>(extent.size, into.size() - filled));
      if (!file_.read_at(extent.offset, into.subspan(filled, count))) file_ended();
      filled += count;
      extent.offset += count;
      extent.size -= count;
      if (extent.size == 0) ++next_;
    }
    // A change in the middle of a pass would mix two versions: say so before the pass ends well.
    if (next_ == extents_.size()) file_.require_unchanged();
    return filled;
  }

 private:
  [[noreturn]] void file_ended() const {
    file_.require_unchanged();
    throw mapi::Failure(mapi::MAPI_E_DISK_ERROR,
                        "'" + file_.path().string() + "' ends before the data in it does");
  }

  InputFile file_;
  std::vector<Extent> extents_;
  std::size_t next_ = 0;
};

std::vector<Extent> without_front(const std::vector<Extent>& extents, std::uint64_t size) {
  std::vector<Extent> rest;
  for (const auto& extent : extents) {
    const auto skipped = std::min(extent.size, size);
    size -= skipped;
    if (skipped < extent.size) rest.push_back({extent.offset + skipped, extent.size - skipped});
  }
  return rest;
}

class FileContent final : public mapi::ContentSource {
 public:
  FileContent(const InputFile& file, std::vector<Extent> extents)
      : path_(file.path()),
        identity_(file.identity()),
        extents_(std::move(extents)),
        size_(total_size(extents_)) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override { return open_at(0); }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open_at(std::uint64_t offset) const override {
    return read_extents(InputFile::open_again(path_, identity_), without_front(extents_, offset));
  }

 private:
  std::filesystem::path path_;
  FileIdentity identity_;
  std::vector<Extent> extents_;
  std::uint64_t size_;
};

}  // namespace

std::uint64_t total_size(const std::vector<Extent>& extents) {
  return std::accumulate(extents.begin(), extents.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Extent& extent) { return sum + extent.size; });
}

void append_extent(std::vector<Extent>& extents, Extent extent) {
  if (!extents.empty() && extents.back().offset + extents.back().size == extent.offset) {
    extents.back().size += extent.size;
  } else {
    extents.push_back(extent);
  }
}

std::unique_ptr<mapi::ContentReader> read_extents(InputFile file, std::vector<Extent> extents) {
  return std::make_unique<ExtentReader>(std::move(file), std::move(extents));
}

mapi::Content file_content(const InputFile& file, std::vector<Extent> extents) {
  return mapi::Content(std::make_shared<FileContent>(file, std::move(extents)));
}

}  // namespace postern::msg
