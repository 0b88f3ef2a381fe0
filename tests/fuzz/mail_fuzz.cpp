// Fuzzes mails (RFC 5322, MIME). Asserted: reading one ends in a message or in a mapi::Failure; it
// is composed, within the rules for every mail; and what is composed is read and composed again as
// the same.
//
//   cmake --preset asan -DPOSTERN_FUZZ=ON && cmake --build --preset asan --target mail_fuzz
//   mkdir -p corpus && build-asan/tests/fuzz/mail_fuzz -dict=tests/fuzz/mail.dict \
//     -max_len=16384 -max_total_time=1200 corpus ../shared/corpus/dsn
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "mapi/error.h"
#include "mime/compose.h"
#include "mime/read_message.h"

using namespace postern;

namespace {

std::optional<mapi::Message> message_in(std::string_view mail) {
  try {
    return mime::read_message(mapi::Content::from_text(mail)).message;
  } catch (const mapi::Failure&) {
    return std::nullopt;
  }
}

std::optional<std::string> composed(const mapi::Message& message) {
  mime::ComposeOptions options;
  options.is_file = true;
  std::uint8_t next = 0;
  options.random = [&next](std::span<std::byte> octets) {
    for (auto& octet : octets) octet = std::byte{next++};
  };
  try {
    const auto plan = mime::compose(message, options);
    const auto octets = plan.content().read_all();
    if (octets.size() != plan.size()) std::abort();
    return std::string(reinterpret_cast<const char*>(octets.data()), octets.size());
  } catch (const mapi::Failure&) {
    return std::nullopt;
  }
}

/// Of the header; of the body only what is not kept as it came.
void check_header(std::string_view mail) {
  constexpr std::size_t longest_line = 998;
  while (!mail.starts_with("\r\n")) {
    const auto end = mail.find("\r\n");
    if (end == std::string_view::npos || end > longest_line) std::abort();
    for (const char octet : mail.substr(0, end)) {
      if (octet == '\0' || octet == '\r' || octet == '\n' || (octet & 0x80) != 0) std::abort();
    }
    mail.remove_prefix(end + 2);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = message_in({reinterpret_cast<const char*>(data), size});
  if (!message) return 0;
  auto mail = composed(*message);
  if (!mail) return 0;
  check_header(*mail);
  const auto again = message_in(*mail);
  if (!again) std::abort();
  check_header(composed(*again).value());
  return 0;
}
