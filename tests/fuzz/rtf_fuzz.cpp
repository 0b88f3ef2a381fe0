// Fuzzes RTF, containers of compressed RTF, and LZFu streams in containers that fit them. Asserted:
// text and HTML are made of it, the text is UTF-8, and what is decompressed is no longer than its
// header says.
//
//   cmake --preset asan -DPOSTERN_FUZZ=ON && cmake --build --preset asan --target rtf_fuzz
//   mkdir -p corpus && build-asan/tests/fuzz/rtf_fuzz -max_len=16384 -max_total_time=1200 corpus \
//     ../shared/corpus/rtf
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "mapi/compressed_rtf.h"
#include "mime/rtf/body.h"

using namespace postern;

namespace {

void read_rtf(std::string_view rtf) {
  mime::RtfHtmlOptions options;
  options.content_id = [](std::string_view) { return std::string("picture@a.example"); };
  if (!is_utf8(mime::text_from_rtf(rtf)) || !is_utf8(mime::html_from_rtf(rtf))) std::abort();
  const auto formatted = mime::formatted_rtf(rtf, options);
  if (formatted && !is_utf8(formatted->html)) std::abort();
}

constexpr std::size_t raw_size = std::size_t{64} << 10U;

std::vector<std::byte> container_of(std::span<const std::byte> stream) {
  constexpr std::uint32_t lzfu = 0x75465A4C;
  constexpr std::size_t counted_header = 12;
  std::vector<std::byte> container;
  for (const auto value : {static_cast<std::uint32_t>(stream.size() + counted_header),
                           static_cast<std::uint32_t>(raw_size), lzfu, mapi::rtf_crc(stream)}) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      container.push_back(static_cast<std::byte>(value >> shift & 0xFFU));
    }
  }
  container.insert(container.end(), stream.begin(), stream.end());
  return container;
}

void read_container(std::span<const std::byte> octets, std::size_t most) {
  const auto rtf = mapi::decompress_rtf(octets);
  if (!rtf) return;
  if (rtf->rtf.size() > most) std::abort();
  read_rtf(rtf->rtf);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const auto bytes = std::as_bytes(std::span(data, size));
  constexpr std::size_t most_by_an_octet = 8;
  read_rtf(octets);
  read_container(bytes, size * most_by_an_octet);
  read_container(container_of(bytes), raw_size);
  return 0;
}
