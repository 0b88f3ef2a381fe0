#include "smime/message/audience.h"

#include <set>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"

namespace postern::smime {
namespace {

/// What is found for one address: a certificate or a sentence.
struct Search {
  std::optional<Certificate> certificate;
  std::string why;
};

Search search(const std::string& address, const CertificateSource* source,
              std::chrono::system_clock::time_point now) {
  const std::string whose = "the message is to be encrypted, and ";
  if (source == nullptr) return {std::nullopt, whose + "no certificates are configured"};
  std::vector<Certificate> found;
  try {
    found = source->certificates(address);
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_CORRUPT_DATA) throw;
    return {std::nullopt, whose + "what is kept as the certificate of '" + printable(address) +
                              "' is none; ask the recipient for it"};
  }
  std::string first_fault;
  for (const auto& each : found) {
    auto fault = each.fault(CertificateUse::encryption, address, now);
    if (!fault) return {each, {}};
    if (first_fault.empty()) first_fault = std::move(*fault);
  }
  if (found.empty()) {
    return {std::nullopt, whose + "there is no certificate of '" + printable(address) +
                              "'; ask the recipient for one"};
  }
  return {std::nullopt, whose + "the certificate of '" + printable(address) + "' " + first_fault};
}

std::set<std::string> shown_addresses(const mapi::Message& message) {
  std::set<std::string> shown;
  for (const auto& row : message.recipients) {
    const auto type = mapi::recipient_type(row);
    if (type != mapi::RecipientType::to && type != mapi::RecipientType::cc) continue;
    if (const auto address = mapi::smtp_address(row, mapi::recipient_group)) {
      shown.insert(lower_case(*address));
    }
  }
  return shown;
}

}  // namespace

Audiences audiences(const mapi::Message& message, const CertificateSource* certificates,
                    std::chrono::system_clock::time_point now) {
  Audiences result;
  Audience common;
  const auto shown = shown_addresses(message);
  std::int32_t number = 0;
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    const auto& row = message.recipients[i];
    if (row.get_or(mapi::PR_RESPONSIBILITY, false)) continue;
    const auto address = mapi::smtp_address(row, mapi::recipient_group);
    if (!address) {
      result.unserved.push_back({i, "the message is to be encrypted, and '" +
                                        printable(mapi::address_text(row)) +
                                        "' has no e-mail address that a certificate could name"});
      continue;
    }
    auto found = search(*address, certificates, now);
    if (!found.certificate) {
      result.unserved.push_back({i, std::move(found.why)});
    } else if (shown.contains(lower_case(*address))) {
      common.rows.push_back(i);
      common.certificates.push_back(std::move(*found.certificate));
    } else {
      result.served.push_back({++number, {i}, {std::move(*found.certificate)}});
    }
  }
  if (!common.rows.empty()) result.served.insert(result.served.begin(), std::move(common));
  return result;
}

}  // namespace postern::smime
