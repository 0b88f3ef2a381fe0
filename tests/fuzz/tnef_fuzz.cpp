// Fuzzes streams of TNEF. Asserted: reading one ends in a message or in a mapi::Failure; what is
// written of the message has its size and is read again; from then on writing and reading change
// nothing.
//
//   cmake --preset asan -DPOSTERN_FUZZ=ON && cmake --build --preset asan --target tnef_fuzz
//   mkdir -p corpus && build-asan/tests/fuzz/tnef_fuzz -max_len=65536 -max_total_time=600 corpus \
//     ../shared/corpus/tnef
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "mapi/error.h"
#include "msg/tnef_file.h"

using namespace postern;

namespace {

std::optional<mapi::Message> message_in(const mapi::Content& content) {
  try {
    return msg::read_tnef(content).message;
  } catch (const mapi::Failure&) {
    return std::nullopt;
  }
}

std::vector<std::byte> written(const mapi::Message& message) {
  const auto content = msg::tnef_of(message);
  auto octets = content.read_all();
  if (octets.size() != content.size()) std::abort();
  return octets;
}

std::vector<std::byte> rewritten(std::vector<std::byte> octets) {
  const auto message = message_in(mapi::Content::from_bytes(std::move(octets)));
  if (!message) std::abort();
  return written(*message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const auto message = message_in(mapi::Content::from_text(octets));
  if (!message) return 0;
  const auto settled = rewritten(written(*message));
  if (rewritten(settled) != settled) std::abort();
  return 0;
}
