#include "smtp/mx/dane.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace postern::smtp {

std::string tlsa_name(const std::string& base, int port) {
  return fmt::format("_{}._tcp.{}", port, base);
}

bool is_usable(const TlsaRecord& record) {
  if (record.usage != 2 && record.usage != 3) return false;
  if (record.selector > 1) return false;
  const std::size_t size = record.association.size();
  switch (record.matching_type) {
    case 0:
      return size > 0;
    case 1:
      return size == 32;  // SHA-256
    case 2:
      return size == 64;  // SHA-512
    default:
      return false;
  }
}

DaneFinding dane_finding(std::string base, const DnsAnswer<TlsaRecord>& answer) {
  using State = DaneFinding::State;
  DaneFinding finding{State::none, std::move(base), {}, answer.reason};
  if (answer.temporary()) {
    finding.state = answer.status == DnsStatus::bogus ? State::bogus : State::failed;
  } else if (answer.status == DnsStatus::ok && answer.secure) {
    std::copy_if(answer.records.begin(), answer.records.end(), std::back_inserter(finding.records),
                 &is_usable);
    finding.state = finding.records.empty() ? State::unusable : State::usable;
  }
  return finding;
}

TlsRequirement dane_requirement(const DaneFinding& finding, const std::string& host,
                                const std::string& domain) {
  TlsRequirement requirement{TlsPolicy::dane, {}, finding.records, {}};
  for (const std::string& name : {finding.base, host, domain}) {
    auto& names = requirement.names;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return requirement;
}

std::string text_of(const TlsaRecord& record) {
  std::string text = fmt::format("{} {} {} ", record.usage, record.selector, record.matching_type);
  for (const std::byte octet : record.association) {
    text += fmt::format("{:02x}", std::to_integer<unsigned>(octet));
  }
  return text;
}

}  // namespace postern::smtp
