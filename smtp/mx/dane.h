// DANE for SMTP (RFC 7672; RFC 6698): what a host's TLSA records ask of a connection to it.
//
// Records count only where DNSSEC vouches for the MX records, the host's addresses and the TLSA
// records alike; without that there is no DANE for the host, nor is there for one behind an alias
// that is insecure. A look-up that fails is no absence:
// whoever can suppress an answer could switch TLS off otherwise (§2.1.2), so the host has to wait.
// Sans I/O.
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
    unusable,  ///< there are records, but none we may use: TLS without authentication (§2.2)
    failed,    ///< look-up failed: the host must not be used for now
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

/// What a usable finding asks of TLS: `names` are those that a certificate under a trust anchor
/// (usage 2) may bear (RFC 7672 §3.2.2): TLSA base domain, MX host and next-hop domain.
TlsRequirement dane_requirement(const DaneFinding& finding, const std::string& host,
                                const std::string& domain);
/// "3 1 1 8cb0…", as TLS reports show records (RFC 8460 §4.4).
std::string text_of(const TlsaRecord& record);

}  // namespace postern::smtp
