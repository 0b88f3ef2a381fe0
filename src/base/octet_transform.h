// Resumable transforms of octets: line ends, base64, quoted-printable.
//
// A transform takes blocks of any length; its output does not depend on where the blocks were cut.
// It keeps a few octets of state, never the content. One thread at a time per object.
#pragma once

#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace postern {

/// One transform in progress.
class OctetTransform {
 public:
  virtual ~OctetTransform() = default;
  /// Appends to `out` the output that these octets complete.
  virtual void feed(std::string_view octets, std::string& out) = 0;
  /// Appends the rest. Nothing may be fed afterwards.
  virtual void finish(std::string& out) = 0;
};

}  // namespace postern
#pragma GCC visibility pop
