// Resumable transforms of octets (line ends, base64, quoted-printable), and a reader that applies
// one.
//
// A transform takes blocks of any length; its output does not depend on where the blocks were cut.
// It keeps a few octets of state, never the content.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mapi/content.h"

namespace postern::mime {

class OctetTransform {
 public:
  virtual ~OctetTransform() = default;
  /// Appends to `out` the output that these octets complete.
  virtual void feed(std::string_view octets, std::string& out) = 0;
  /// Appends the rest. Nothing may be fed afterwards.
  virtual void finish(std::string& out) = 0;
};

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
  std::vector<std::byte> block_;
  std::string pending_;
  std::size_t position_ = 0;
  bool finished_ = false;
};

}  // namespace postern::mime
