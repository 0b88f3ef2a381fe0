// A reader of content that applies a transform.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/octet_transform.h"
#include "mapi/content.h"

namespace postern::mime {

/// The octets of another reader, transformed.
class TransformReader final : public mapi::ContentReader {
 public:
  TransformReader(std::unique_ptr<mapi::ContentReader> source,
                  std::unique_ptr<OctetTransform> transform);
  std::size_t read(std::span<std::byte> into) override;

 private:
  void refill();

  std::unique_ptr<mapi::ContentReader> source_;
  std::unique_ptr<OctetTransform> transform_;
  std::unique_ptr<std::byte[]> block_;
  std::string pending_;
  std::size_t position_ = 0;
  bool finished_ = false;
};

}  // namespace postern::mime
