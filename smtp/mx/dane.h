// DANE for SMTP (RFC 7672; RFC 6698): the TLS that a host's TLSA records require.
//
// Records apply only if DNSSEC has validated the MX records, the host's addresses and the TLSA
// records; otherwise, and for a host with an insecure alias, there is no DANE. A look-up that fails
// does not mean that there are no records: an attacker who suppresses an answer could switch TLS
// off (§2.1.2), so the host is not used for now. Sans I/O.
#pragma once

#include <string>
#include <vector>

#include "smtp/dns/dns_answer.h"
#include "smtp/tls_requirement.h"

namespace postern::smtp {

struct DaneFinding {
  enum class State {
    none,      ///< no DANE for this host
    usable,    ///< the certificate has to match `records`
    unusable,  ///< no record is usable: TLS without authentication (§2.2)
    failed,    ///< the look-up failed: the host must not be used for now
    bogus,     ///< likewise, because DNSSEC validation failed
  };
  State state = State::none;
  std::string base;  ///< the TLSA base domain (§2.2.3): records lie at _25._tcp.<base>
  std::vector<TlsaRecord> records;
  std::string reason;  ///< failed, bogus
};

/// "_25._tcp.mx.example".
std::string tlsa_name(const std::string& base, int port);
/// Usages 2 and 3, selectors 0 and 1, matching types 0, 1 and 2 with digests of the right size
/// (RFC 7672 §3.1).
bool is_usable(const TlsaRecord& record);
DaneFinding dane_finding(std::string base, const DnsAnswer<TlsaRecord>& answer);

/// The requirement of a usable finding: `names` are those that a certificate under a trust anchor
/// (usage 2) may have (RFC 7672 §3.2.2): TLSA base domain, MX host and next-hop domain.
TlsRequirement dane_requirement(const DaneFinding& finding, const std::string& host,
                                const std::string& domain);
/// "3 1 1 8cb0…", as TLS reports show records (RFC 8460 §4.4).
std::string text_of(const TlsaRecord& record);

}  // namespace postern::smtp
