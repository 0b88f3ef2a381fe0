// Fuzzes RTF, and compressed RTF. Asserted: text and HTML are made of it, the text is UTF-8, and
// what is decompressed is no longer than its header says.
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  read_rtf(octets);
  if (const auto rtf = mapi::decompress_rtf(std::as_bytes(std::span(data, size)))) {
    read_rtf(rtf->rtf);
  }
  return 0;
}
