// Fuzzes Outlook files. Asserted: reading one ends in a message or in a mapi::Failure, and a
// message is composed to as many octets as were announced, or refused.
//
//   cmake --preset asan -DPOSTERN_FUZZ=ON && cmake --build --preset asan --target msg_fuzz
//   mkdir -p corpus && build-asan/tests/fuzz/msg_fuzz -max_len=65536 -max_total_time=1200 corpus \
//     ../shared/corpus/cases
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include "mapi/error.h"
#include "mime/compose.h"
#include "msg/msg_file.h"

using namespace postern;

namespace {

/// In memory, if the system has a place for such files.
std::filesystem::path input_file() {
  const std::filesystem::path memory("/dev/shm");
  const auto directory =
      std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
  return directory / ("postern-msg-fuzz-" + std::to_string(::getpid()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto path = input_file();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  try {
    mime::ComposeOptions options;
    options.is_file = true;
    const auto plan = mime::compose(msg::read(path).message, options);
    if (plan.content().read_all().size() != plan.size()) std::abort();
  } catch (const mapi::Failure&) {
    // It is damaged, or nests too deeply.
  }
  return 0;
}
