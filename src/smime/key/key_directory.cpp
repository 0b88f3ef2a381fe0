#include "smime/key_directory.h"

#include <openssl/crypto.h>

#include "base/internationalized_domain.h"
#include "base/percent_encoding.h"
#include "base/text.h"
#include "mapi/address.h"
#include "mapi/error.h"

namespace postern::smime {
namespace {

bool stands_for_itself(char octet) {
  const bool is_letter = octet >= 'a' && octet <= 'z';
  return is_letter || is_digit(octet) ||
         std::string_view("@.-_+=").find(octet) != std::string_view::npos;
}

/// What `read` gives of the first of the files that is there.
template <typename Read>
auto read_if_there(const std::filesystem::path& path, const Read& read)
    -> std::optional<decltype(read(path))> {
  try {
    return read(path);
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_NOT_FOUND) throw;
    return std::nullopt;
  }
}

}  // namespace

std::string file_stem(std::string_view address) {
  if (!mapi::is_smtp_address(address)) return {};
  const auto at = address.rfind('@');
  const auto domain = a_labels(address.substr(at + 1));
  std::string whole(address.substr(0, at + 1));
  whole += domain ? *domain : std::string(address.substr(at + 1));
  std::string stem;
  for (const char octet : lower_case(whole)) {
    if (stands_for_itself(octet) && !(stem.empty() && octet == '.')) {
      stem += octet;
    } else {
      append_percent_encoded(stem, octet);
    }
  }
  return stem;
}

IdentityDirectory::IdentityDirectory(std::filesystem::path directory, std::string passphrase)
    : directory_(std::move(directory)), passphrase_(std::move(passphrase)) {}

IdentityDirectory::~IdentityDirectory() {
  OPENSSL_cleanse(passphrase_.data(), passphrase_.size());
}

std::optional<Identity> IdentityDirectory::identity(std::string_view address) const {
  const auto stem = file_stem(address);
  if (stem.empty()) return std::nullopt;
  const auto read = [this](const auto& path) { return Identity::from_file(path, passphrase_); };
  auto found = read_if_there(directory_ / (stem + ".p12"), read);
  return found ? std::move(found) : read_if_there(directory_ / (stem + ".pem"), read);
}

CertificateDirectory::CertificateDirectory(std::filesystem::path directory)
    : directory_(std::move(directory)) {}

std::vector<Certificate> CertificateDirectory::certificates(std::string_view address) const {
  const auto stem = file_stem(address);
  if (stem.empty()) return {};
  return read_if_there(directory_ / (stem + ".pem"), Certificate::from_file)
      .value_or(std::vector<Certificate>{});
}

}  // namespace postern::smime
