#include "smtp/mx/mail_hosts.h"

#include <algorithm>
#include <memory>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "smtp/dialogue/verdict.h"
#include "smtp/dns/domain_name.h"

namespace postern::smtp {
namespace {

using Time = std::chrono::system_clock::time_point;

template <class Value>
void shuffle(std::vector<Value>& values, const RandomBelow& random_below) {
  for (std::size_t left = values.size(); left > 1; --left) {
    std::swap(values[left - 1], values[random_below(left)]);
  }
}

bool is_null_mx(const DnsAnswer<MxRecord>& answer) {
  return answer.records.size() == 1 && answer.records.front().exchange.empty();
}

/// Those that can be looked up, each once, shuffled, then by preference.
std::vector<MailHost> ordered(const std::vector<MxRecord>& records,
                              const RandomBelow& random_below) {
  std::vector<MailHost> hosts;
  for (const MxRecord& record : records) {
    const auto name = dns_name(record.exchange);
    if (!name) continue;
    const auto same = std::find_if(hosts.begin(), hosts.end(),
                                   [&](const auto& host) { return host.name == *name; });
    if (same == hosts.end()) {
      hosts.push_back({*name, record.preference});
    } else {
      same->preference = std::min<int>(same->preference, record.preference);
    }
  }
  shuffle(hosts, random_below);
  std::stable_sort(hosts.begin(), hosts.end(), [](const MailHost& a, const MailHost& b) {
    return a.preference < b.preference;
  });
  return hosts;
}

/// Leaves us out and all who are no better: they would send the mail to us.
bool remove_ourselves(std::vector<MailHost>& hosts, const OwnHost& own) {
  const auto us = std::find_if(hosts.begin(), hosts.end(),
                               [&](const MailHost& host) { return own.is_named(host.name); });
  if (us == hosts.end()) return false;
  std::erase_if(
      hosts, [least = us->preference](const MailHost& host) { return host.preference >= least; });
  return true;
}

std::optional<Outcome> refusal(const std::string& domain, const DnsAnswer<MxRecord>& answer,
                               Time now) {
  switch (answer.status) {
    case DnsStatus::no_such_name:
      return no_route(Verdict::failed, {5, 1, 2},
                      fmt::format("the domain {} does not exist", domain), now);
    case DnsStatus::failed:
      return no_route(Verdict::retry, {4, 4, 3},
                      fmt::format("the mail hosts of {} cannot be looked up for now: {}", domain,
                                  answer.reason),
                      now);
    case DnsStatus::bogus:
      return no_route(Verdict::retry, {4, 7, 5},
                      fmt::format("DNSSEC validation of the mail hosts of {} failed: {}", domain,
                                  answer.reason),
                      now);
    case DnsStatus::ok:
    case DnsStatus::no_data:
      break;
  }
  if (!is_null_mx(answer)) return std::nullopt;
  return no_route(Verdict::failed, {5, 1, 10},
                  fmt::format("the domain {} accepts no mail (null MX)", domain), now);
}

}  // namespace

RandomBelow system_random() {
  const auto generator = std::make_shared<std::mt19937_64>(std::random_device{}());
  return [generator](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(*generator);
  };
}

std::variant<MailHosts, Outcome> mail_hosts(const std::string& domain,
                                            const DnsAnswer<MxRecord>& answer, const OwnHost& own,
                                            std::size_t most, const RandomBelow& random_below,
                                            Time now) {
  if (auto outcome = refusal(domain, answer, now)) return *std::move(outcome);
  MailHosts found;
  found.secure = answer.secure;
  found.implicit = answer.status == DnsStatus::no_data;
  found.hosts =
      found.implicit ? std::vector<MailHost>{{domain, 0}} : ordered(answer.records, random_below);
  if (found.hosts.empty()) {
    return no_route(Verdict::failed, {5, 4, 4},
                    fmt::format("the MX records of {} name no host", domain), now);
  }
  found.ours = remove_ourselves(found.hosts, own);
  if (found.hosts.empty()) return loops_back(domain, now);
  if (found.hosts.size() > most) found.hosts.resize(most);
  return found;
}

std::vector<asio::ip::address> in_turn(const std::vector<asio::ip::address>& first,
                                       const std::vector<asio::ip::address>& second) {
  std::vector<asio::ip::address> all;
  for (std::size_t index = 0; index < std::max(first.size(), second.size()); ++index) {
    if (index < first.size()) all.push_back(first[index]);
    if (index < second.size()) all.push_back(second[index]);
  }
  return all;
}

std::vector<asio::ip::address> interleaved(std::vector<asio::ip::address_v6> v6,
                                           std::vector<asio::ip::address_v4> v4, std::size_t most,
                                           const RandomBelow& random_below) {
  shuffle(v6, random_below);
  shuffle(v4, random_below);
  std::vector<asio::ip::address> first;
  first.reserve(v6.size());
  for (const auto& address : v6) first.push_back(unmapped(address));
  std::vector<asio::ip::address> addresses = in_turn(first, {v4.begin(), v4.end()});
  if (addresses.size() > most) addresses.resize(most);
  return addresses;
}

}  // namespace postern::smtp
