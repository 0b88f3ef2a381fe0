// Asks the DNS, with DNSSEC where a trust anchor is given: libunbound on an Asio io_context.
//
// libunbound works in one thread of its own and keeps the cache; the answers come through a pipe
// that Asio watches, so the context's thread never blocks. Look-ups for the same name and type
// share one question, and only so many are under way at once: the rest wait for their turn within
// their own time limit, so that no outage of the DNS becomes a storm of questions. A coroutine is
// only ever woken through the context, never resumed from inside libunbound, and may be destroyed
// or cancelled while it waits.
//
// All calls but the constructor's on the context's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "smtp/dns/dns_answer.h"

namespace postern::smtp {

struct ResolverOptions {
  /// Servers that resolve for us: "192.0.2.53", "192.0.2.53@5353", "2001:db8::53".
  std::vector<std::string> forwarders;
  /// Where the forwarders are taken from if none is given; empty: none, we ask the DNS's own
  /// servers from the root down.
  std::string resolv_conf = "/etc/resolv.conf";
  /// Addresses before the DNS's, as in /etc/hosts; empty: the DNS alone. A name that is in there
  /// has no MX records any more, which is why the system's file is not the default.
  std::string hosts_file;
  /// DNSKEY or DS records of the zones to trust, in zone file format; empty: no DNSSEC, every
  /// answer is insecure and DANE never applies. With forwarders that strip signatures every answer
  /// would be bogus, so this is to be empty then.
  std::string trust_anchor_file;
  std::chrono::milliseconds timeout{30'000};  ///< for one look-up, its waiting for a turn included
  std::size_t max_in_flight = 64;
};

class Resolver {
 public:
  /// Throws std::invalid_argument with one sentence where an option cannot be used,
  /// std::system_error where there are not the descriptors or the thread that it needs.
  Resolver(asio::io_context& context, ResolverOptions options);
  /// As `stop`.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Records are one of asio::ip::address_v4, asio::ip::address_v6, MxRecord, TextRecord and
  /// TlsaRecord. CNAMEs are followed. `name` is ASCII, the last dot may be left out. Throws
  /// std::system_error where no answer could be had because no descriptor was left.
  template <class Record>
  asio::awaitable<DnsAnswer<Record>> look_up(std::string name) {
    const DnsReply reply = co_await ask(core_, std::move(name), DnsRecordType<Record>::number);
    co_return read_records<Record>(reply);
  }

  /// Everything under way, and all that is asked later, ends at once as failed.
  void stop();

 private:
  class Core;
  static asio::awaitable<DnsReply> ask(std::shared_ptr<Core> core, std::string name, int type);

  std::shared_ptr<Core> core_;  ///< the coroutines that wait share it
};

}  // namespace postern::smtp
