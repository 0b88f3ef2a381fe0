// Fuzzes the re-encoding of messages to 7 bits (smtp/seven_bit.h). The first octet of an input says
// how its blocks are cut, the rest is the message. Asserted of every result: it is 7-bit, has the
// size that was said, does not depend on the cuts, means what the message meant, and is left as it
// is when re-encoded once more.
//
//   cmake --preset asan -DPOSTERN_FUZZ=ON && cmake --build --preset asan --target seven_bit_fuzz
//   mkdir -p corpus && build-asan/tests/fuzz/seven_bit_fuzz -dict=tests/fuzz/seven_bit.dict \
//     -max_len=8192 -max_total_time=600 corpus
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/text.h"
#include "tests/smtp/seven_bit/seven_bit_meaning.h"
#include "tests/smtp/seven_bit/seven_bit_support.h"

using namespace postern::smtp;
using test::all_of;
using test::CutSource;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check(const std::string& text, const OctetSource& message) {
  const std::string octets = all_of(message);
  demand(postern::is_ascii(octets));
  demand(octets.size() == message.size());
  const CutSource again(octets);
  demand(test::meaning(again) == test::meaning(CutSource(text)));
  const SevenBit second = seven_bit(again);
  demand(second.index() == 0 && all_of(*std::get<0>(second)) == octets);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t cut = 1U + data[0];
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const CutSource whole_source(text);
  const CutSource cut_source(text, [cut] { return cut; });
  const SevenBit whole = seven_bit(whole_source);
  const SevenBit in_cuts = seven_bit(cut_source);
  demand(whole.index() == in_cuts.index());
  if (const auto* reason = std::get_if<std::string>(&whole)) {
    demand(*reason == std::get<std::string>(in_cuts));
    return 0;
  }
  check(text, *std::get<0>(whole));
  demand(all_of(*std::get<0>(in_cuts), cut) == all_of(*std::get<0>(whole)));
  return 0;
}
