// Asks the DNS, with DNSSEC if a trust anchor is given: libunbound on an Asio io_context.
//
// libunbound has a thread of its own and keeps the cache; its answers come through a pipe that Asio
// watches, so the context's thread never blocks. Look-ups for the same name and type share one
// question, and the number of questions at once is limited: the rest wait within their own time
// limit, so that an outage of the DNS does not cause a flood of questions. A coroutine is resumed
// through the context only, never from inside libunbound, and may be destroyed or cancelled while
// it waits.
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
  /// Recursive resolvers: "192.0.2.53", "192.0.2.53@5353", "2001:db8::53".
  std::vector<std::string> forwarders;
  /// The file with the forwarders if none is given; it is read again when it has changed, as a
  /// machine that moves to another network has others. Empty: no forwarders, the authoritative
  /// servers are asked from the root down.
  std::string resolv_conf = "/etc/resolv.conf";
  /// A file like /etc/hosts whose addresses take precedence; empty: the DNS alone. A name in it has
  /// no MX records any more, which is why the system's file is not the default.
  std::string hosts_file;
  /// DNSKEY or DS records of the trusted zones, in zone file format; empty: no DNSSEC, every answer
  /// is insecure and DANE never applies. It must be empty with forwarders that strip signatures, as
  /// every answer would be bogus.
  std::string trust_anchor_file;
  std::chrono::milliseconds timeout{30'000};  ///< for one look-up, including its wait
  std::size_t max_in_flight = 64;
};

class Resolver {
 public:
  /// Throws std::invalid_argument with one sentence if an option cannot be used, std::system_error
  /// if there are not enough descriptors or threads.
  Resolver(asio::io_context& context, ResolverOptions options);
  /// As `stop`.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Record is one of asio::ip::address_v4, asio::ip::address_v6, MxRecord, TextRecord and
  /// TlsaRecord. CNAMEs are followed. `name` is ASCII, the last dot may be left out. Throws
  /// std::system_error if there was no answer because no descriptor was left.
  template <class Record>
  asio::awaitable<DnsAnswer<Record>> look_up(std::string name) {
    renew();
    const DnsReply reply = co_await ask(core_, std::move(name), DnsRecordType<Record>::number);
    co_return read_records<Record>(reply);
  }

  /// All look-ups, also later ones, end at once as failed.
  void stop();

 private:
  class Core;
  static asio::awaitable<DnsReply> ask(std::shared_ptr<Core> core, std::string name, int type);
  void renew();

  std::shared_ptr<Core> core_;  ///< the coroutines that wait share it
};

}  // namespace postern::smtp
