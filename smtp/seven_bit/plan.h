// The decisions of the scan, which the rewriting of the message follows (smtp/seven_bit.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/mime/header.h"
#include "smtp/envelope.h"

namespace postern::smtp {

/// The new encoding of an entity.
enum class PartEncoding : std::uint8_t {
  unchanged,
  seven_bit,  ///< another label for the same content
  quoted_printable,
  base64
};

struct SevenBitPlan {
  bool has_8bit = false;                ///< otherwise the message is unchanged
  std::uint64_t size = 0;               ///< of the result, in octets
  std::vector<PartEncoding> encodings;  ///< by the entities' order
};

/// The header block of an entity that gets this encoding.
std::string header_with(const EntityHeader& header, PartEncoding encoding);

/// The source rewritten by the plan, which was made from it; `source` must outlive it.
std::unique_ptr<OctetSource> seven_bit_source(const OctetSource& source, SevenBitPlan plan);

}  // namespace postern::smtp
