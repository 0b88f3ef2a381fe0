#include "smime/certificate.h"

#include <array>
#include <ctime>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "smime/key/key_file.h"
#include "smime/key/openssl.h"

namespace postern::smime {
namespace {

std::shared_ptr<X509> shared(X509* certificate) {
  return {certificate, [](X509* owned) { X509_free(owned); }};
}

std::vector<Certificate> read_certificates(std::string_view octets) {
  std::vector<Certificate> found;
  const auto pem = memory_bio(octets);
  while (X509* next = PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr)) {
    found.emplace_back(shared(next));
  }
  if (found.empty()) {
    const auto der = memory_bio(octets);
    if (X509* only = d2i_X509_bio(der.get(), nullptr)) found.emplace_back(shared(only));
  }
  ERR_clear_error();
  return found;
}

std::string day(const ASN1_TIME* time) {
  std::tm parts{};
  std::array<char, 16> text{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "a day that cannot be read";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
}

/// Whether the key usage, if there is one, allows it (RFC 8550 §4.4.2).
bool key_usage_allows(X509* certificate, CertificateUse use) {
  constexpr std::uint32_t to_sign = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION;
  constexpr std::uint32_t to_encrypt = KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT;
  return (X509_get_key_usage(certificate) &
          (use == CertificateUse::signing ? to_sign : to_encrypt)) != 0;
}

/// The same of the extended key usage (§4.4.4).
bool is_for_mail(X509* certificate) {
  return (X509_get_extended_key_usage(certificate) & (XKU_SMIME | XKU_ANYEKU)) != 0;
}

std::string join(const std::vector<std::string>& addresses) {
  std::string text;
  for (const auto& address : addresses) text += (text.empty() ? "'" : ", '") + address + "'";
  return text.empty() ? "nobody" : text;
}

}  // namespace

std::vector<Certificate> Certificate::from_file(const std::filesystem::path& path) {
  Secret octets;
  read_key_file(path, Secrecy::open, octets);
  auto found = read_certificates(octets.text);
  if (found.empty()) {
    throw mapi::Failure(mapi::MAPI_E_CORRUPT_DATA,
                        quoted(path) + " holds no certificate (PEM or DER is asked for)");
  }
  return found;
}

Certificate::Certificate(std::shared_ptr<x509_st> certificate)
    : certificate_(std::move(certificate)) {}

std::vector<std::string> Certificate::addresses() const {
  std::vector<std::string> found;
  auto* const listed = X509_get1_email(certificate_.get());
  const int count = sk_OPENSSL_STRING_num(listed);
  found.reserve(static_cast<std::size_t>(std::max(count, 0)));
  for (int i = 0; i < count; ++i) {
    found.push_back(printable(sk_OPENSSL_STRING_value(listed, i)));
  }
  X509_email_free(listed);
  return found;
}

std::optional<std::string> Certificate::fault(CertificateUse use, std::string_view address,
                                              std::chrono::system_clock::time_point now) const {
  X509* const certificate = certificate_.get();
  if ((X509_get_extension_flags(certificate) & EXFLAG_INVALID) != 0) return "is malformed";
  auto seconds = std::chrono::system_clock::to_time_t(now);
  const auto* const begin = X509_get0_notBefore(certificate);
  const auto* const end = X509_get0_notAfter(certificate);
  if (X509_cmp_time(begin, &seconds) > 0) return "is not valid before " + day(begin);
  if (X509_cmp_time(end, &seconds) <= 0) return "expired on " + day(end);
  if (!is_for_mail(certificate)) {
    return "is not for e-mail (its extended key usage lacks emailProtection)";
  }
  if (!key_usage_allows(certificate, use)) {
    return use == CertificateUse::signing
               ? "is not for signing (its key usage lacks digitalSignature)"
               : "is not for encryption (its key usage lacks keyEncipherment or keyAgreement)";
  }
  const auto named = addresses();
  for (const auto& each : named) {
    if (equals_ignoring_case(each, address)) return std::nullopt;
  }
  return "names " + join(named) + " and not '" + printable(address) + "'";
}

}  // namespace postern::smime
