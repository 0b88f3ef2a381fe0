// A stream of TNEF that is going to be written: octets, contents, and the places where sums of what
// lies between are written. Contents are read when the stream is, so its size costs no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "mapi/content.h"
#include "mapi/property_type.h"
#include "msg/compound/little_endian.h"
#include "msg/tnef/attributes.h"

namespace postern::msg {

class Pieces {
 public:
  template <std::unsigned_integral Number>
  void number(Number value) {
    append(octets_at_end(), value);
    size_ += sizeof(Number);
  }
  void octets(const mapi::Binary& octets);
  void guid(const mapi::Guid& guid);
  void content(const mapi::Content& content);
  void pieces(Pieces more);
  /// NULs up to the next multiple of 4, `size` octets behind the last one.
  void pad(std::uint64_t size);

  /// The length of the data, and the data. Throws mapi::Failure(MAPI_E_TOO_BIG) for 4 GiB.
  void counted(Pieces data);
  void attribute(AttributeLevel level, Attribute id, Pieces data);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Throws MAPI_E_CORRUPT_DATA, when it is read, if a content does not have its size().
  [[nodiscard]] mapi::Content stream() const;

  struct SumBegins {};
  struct SumEnds {};
  using Piece = std::variant<mapi::Binary, mapi::Content, SumBegins, SumEnds>;

 private:
  mapi::Binary& octets_at_end();

  std::vector<Piece> pieces_;
  std::uint64_t size_ = 0;
};

}  // namespace postern::msg
