#include "mime/octets/transform_reader.h"

#include <algorithm>
#include <cstring>

namespace postern::mime {
namespace {

/// Whole base64 lines (57 octets each), and small enough to stay in the cache.
constexpr std::size_t block_size = std::size_t{57} * 512;

}  // namespace

TransformReader::TransformReader(std::unique_ptr<mapi::ContentReader> source,
                                 std::unique_ptr<OctetTransform> transform)
    : source_(std::move(source)),
      transform_(std::move(transform)),
      block_(std::make_unique_for_overwrite<std::byte[]>(block_size)) {}

std::size_t TransformReader::read(std::span<std::byte> into) {
  while (position_ == pending_.size() && !finished_) refill();
  const auto count = std::min(into.size(), pending_.size() - position_);
  std::memcpy(into.data(), pending_.data() + position_, count);
  position_ += count;
  return count;
}

void TransformReader::refill() {
  pending_.clear();
  position_ = 0;
  std::size_t filled = 0;
  while (filled < block_size) {
    const auto count = source_->read({block_.get() + filled, block_size - filled});
    if (count == 0) break;
    filled += count;
  }
  transform_->feed({reinterpret_cast<const char*>(block_.get()), filled}, pending_);
  if (filled < block_size) {
    transform_->finish(pending_);
    finished_ = true;
  }
}

}  // namespace postern::mime
