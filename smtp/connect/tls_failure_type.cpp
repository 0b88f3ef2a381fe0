#include "smtp/connect/tls_failure_type.h"

#include <algorithm>
#include <array>

#include <openssl/x509_vfy.h>

namespace postern::smtp {
namespace {

using Kind = ConnectFailure::Kind;

struct KindMeaning {
  Kind kind;
  TlsFailureType type;
};
constexpr std::array kinds{
    KindMeaning{Kind::starttls_not_offered, TlsFailureType::starttls_not_supported},
    KindMeaning{Kind::handshake, TlsFailureType::validation_failure},
    KindMeaning{Kind::certificate, TlsFailureType::certificate_not_trusted},
    KindMeaning{Kind::tlsa, TlsFailureType::tlsa_invalid},
};

/// Failures that are failures of TLS only if they occurred while it was begun.
constexpr std::array kinds_in_starttls{
    KindMeaning{Kind::refused, TlsFailureType::starttls_not_supported},
    KindMeaning{Kind::lost, TlsFailureType::validation_failure},
    KindMeaning{Kind::timed_out, TlsFailureType::validation_failure},
    KindMeaning{Kind::not_smtp, TlsFailureType::validation_failure},
};

struct VerifyMeaning {
  long error;
  TlsFailureType type;
};
constexpr std::array verify_errors{
    VerifyMeaning{X509_V_ERR_CERT_HAS_EXPIRED, TlsFailureType::certificate_expired},
    VerifyMeaning{X509_V_ERR_HOSTNAME_MISMATCH, TlsFailureType::certificate_host_mismatch},
    VerifyMeaning{X509_V_ERR_IP_ADDRESS_MISMATCH, TlsFailureType::certificate_host_mismatch},
};

template <std::size_t size>
std::optional<TlsFailureType> meaning(const std::array<KindMeaning, size>& table, Kind kind) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [kind](const KindMeaning& known) { return known.kind == kind; });
  if (found == table.end()) return std::nullopt;
  return found->type;
}

}  // namespace

std::optional<TlsFailureType> tls_failure_type(const ConnectFailure& failure) {
  if (failure.kind == Kind::certificate || failure.kind == Kind::tlsa) {
    for (const auto& [error, type] : verify_errors) {
      if (error == failure.verify_error) return type;
    }
  }
  if (const auto type = meaning(kinds, failure.kind)) return type;
  if (failure.stage != Stage::starttls) return std::nullopt;
  return meaning(kinds_in_starttls, failure.kind);
}

}  // namespace postern::smtp
