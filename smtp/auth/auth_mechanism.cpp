#include "smtp/auth/auth_mechanism.h"

#include <algorithm>
#include <array>

#include <curl/curl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace postern::smtp {
namespace {

struct Mechanism {
  std::string_view name;
  bool CredentialKinds::*credentials;  ///< nullptr: what the system holds (Kerberos)
  int by_default;                      ///< the number of its set; 0: only if allowed by name
  int feature;                         ///< of libcurl's; 0: always there
};
constexpr int sets_by_default = 2;
constexpr std::array mechanisms{
    Mechanism{"OAUTHBEARER", &CredentialKinds::token, 1, 0},
    Mechanism{"XOAUTH2", &CredentialKinds::token, 1, 0},
    Mechanism{"EXTERNAL", &CredentialKinds::certificate, 1, 0},
    Mechanism{"PLAIN", &CredentialKinds::password, 1, 0},
    Mechanism{"LOGIN", &CredentialKinds::password, 1, 0},
    Mechanism{"SCRAM-SHA-256", &CredentialKinds::password, 2, CURL_VERSION_GSASL},
    Mechanism{"SCRAM-SHA-1", &CredentialKinds::password, 2, CURL_VERSION_GSASL},
    Mechanism{"DIGEST-MD5", &CredentialKinds::password, 2, 0},
    Mechanism{"CRAM-MD5", &CredentialKinds::password, 2, 0},
    Mechanism{"GSSAPI", nullptr, 0, CURL_VERSION_GSSAPI}};

bool built_in(const Mechanism& mechanism) {
  const int features = curl_version_info(CURLVERSION_NOW)->features;
  return mechanism.feature == 0 || (features & mechanism.feature) != 0;
}

bool usable(const Mechanism& mechanism, const CredentialKinds& credentials) {
  return built_in(mechanism) &&
         (mechanism.credentials == nullptr || credentials.*mechanism.credentials);
}

bool is_among(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& known) {
    return lower_case(known) == lower_case(name);
  });
}

}  // namespace

std::vector<MechanismSet> mechanism_sets(const std::vector<std::string>& allowed,
                                         CredentialKinds credentials) {
  std::vector<MechanismSet> sets;
  const int count = allowed.empty() ? sets_by_default : 1;
  for (int number = 1; number <= count; ++number) {
    MechanismSet set;
    for (const Mechanism& mechanism : mechanisms) {
      const bool chosen =
          allowed.empty() ? mechanism.by_default == number : is_among(allowed, mechanism.name);
      if (chosen && usable(mechanism, credentials)) set.push_back(mechanism.name);
    }
    if (!set.empty()) sets.push_back(std::move(set));
  }
  return sets;
}

std::optional<std::string> mechanism_fault(std::string_view name) {
  for (const Mechanism& mechanism : mechanisms) {
    if (!is_among({std::string(name)}, mechanism.name)) continue;
    if (built_in(mechanism)) return std::nullopt;
    return fmt::format("the libcurl installed here cannot do the AUTH mechanism {}",
                       mechanism.name);
  }
  std::vector<std::string_view> known;
  for (const Mechanism& mechanism : mechanisms) {
    if (built_in(mechanism)) known.push_back(mechanism.name);
  }
  return fmt::format("\"{}\" is no AUTH mechanism that is known here; there are {}",
                     printable(name), fmt::join(known, ", "));
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace postern::smtp
