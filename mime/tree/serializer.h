// The octets of a MIME tree, pulled block by block.
//
// The tree becomes a list of segments: octets (headers, boundaries) and bodies that are encoded as
// they are read. So the size is known before the first octet is read, memory does not grow with the
// content, and the message can be read as often as needed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mime/tree/entity.h"

namespace postern::mime {

struct Segment {
  std::string octets;            ///< empty if there is a body
  const Entity* body = nullptr;  ///< whose content follows in its encoding
};

/// A tree that can be read. Immutable: any number of threads may read it.
class SerializedMessage {
 public:
  explicit SerializedMessage(std::unique_ptr<const Entity> root);

  [[nodiscard]] const Entity& root() const { return *root_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] bool has_8bit_header() const { return has_8bit_header_; }  ///< of the root
  [[nodiscard]] bool has_8bit_body() const { return has_8bit_body_; }
  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }

 private:
  std::unique_ptr<const Entity> root_;
  std::vector<Segment> segments_;
  std::uint64_t size_ = 0;
  bool has_8bit_header_ = false;
  bool has_8bit_body_ = false;
};

mapi::Content content_of(std::shared_ptr<const SerializedMessage> message);

}  // namespace postern::mime
