#include "transport/inbound_mail.h"

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include <openssl/evp.h>

#include "base/octet_reader.h"
#include "base/text.h"
#include "mime/read_mail.h"
#include "mime/read_report.h"

namespace postern::transport {
namespace {

/// What tells one mail from another where it has no Message-ID.
std::string digest_id(const mapi::Content& mail) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  const auto reader = mail.open();
  std::array<std::byte, 65536> block{};
  while (const auto count = reader->read(block)) {
    EVP_DigestUpdate(context.get(), block.data(), count);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) append_hex(hex, static_cast<char>(digest.at(i)));
  return "<" + lower_case(hex) + "@returned.invalid>";
}

}  // namespace

const char* why_kept(const mapi::ReturnedReport& returned) {
  return returned.kind == mapi::ReturnedKind::none ? "no report that can be read for certain"
                                                   : "a report about no message of this store";
}

mapi::InboundMessage read_inbound_mail(const mapi::Content& mail, mapi::FileTime now) {
  mapi::InboundMessage inbound;
  inbound.returned = mime::read_report(mail.open());
  if (inbound.returned.message_id.empty()) inbound.returned.message_id = digest_id(mail);
  const std::string why = why_kept(inbound.returned);
  inbound.message = mime::enclose_mail(mail, "This mail came back and is " + why + ".\n", now);
  return inbound;
}

}  // namespace postern::transport
