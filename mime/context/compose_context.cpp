#include "mime/context/compose_context.h"

#include <array>
#include <span>

#include <openssl/rand.h>

#include "mapi/address.h"
#include "mapi/error.h"

namespace postern::mime {
namespace {

constexpr unsigned max_parts = 10'000;

void fill_from_openssl(std::span<std::byte> octets) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(octets.data()),
                 static_cast<int>(octets.size())) != 1) {
    throw mapi::Failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES,
                        "OpenSSL has no random octets for a boundary or message id");
  }
}

std::string random_text(const ComposeOptions& options) {
  constexpr char digits[] = "0123456789abcdef";
  std::array<std::byte, 16> octets{};
  options.random ? options.random(octets) : fill_from_openssl(octets);
  std::string text;
  text.reserve(2 * octets.size());
  for (const auto octet : octets) {
    text += digits[std::to_integer<unsigned>(octet) >> 4U];
    text += digits[std::to_integer<unsigned>(octet) & 0xFU];
  }
  return text;
}

}  // namespace

unsigned ComposeContext::count_part() {
  if (++parts_ > max_parts) {
    throw mapi::Failure(mapi::MAPI_E_TOO_COMPLEX, "the message has more than " +
                                                      std::to_string(max_parts) +
                                                      " attachments, embedded ones included");
  }
  return parts_;
}

std::string make_boundary(const ComposeOptions& options) {
  return "=_" + random_text(options);
}

std::string make_message_id(const ComposeOptions& options) {
  auto id = random_text(options) + '@' + options.message_id_domain;
  if (!mapi::is_smtp_address(id)) {
    throw mapi::Failure(mapi::MAPI_E_INVALID_PARAMETER,
                        "'" + options.message_id_domain +
                            "' is configured as the domain of message ids and is no domain name");
  }
  return '<' + id + '>';
}

}  // namespace postern::mime
