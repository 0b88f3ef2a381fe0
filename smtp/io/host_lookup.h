// The addresses of a host as the system knows them (getaddrinfo(3): hosts, DNS, whatever is
// configured), without blocking the context's thread. The system's resolver looks at its
// configuration again whenever that has changed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include "smtp/io/async_event.h"

namespace postern::smtp {

/// Look-ups that can be ended. All calls on the context's thread.
class HostLookup {
 public:
  explicit HostLookup(asio::io_context& context) : context_(context) {}
  ~HostLookup() { stop(); }
  HostLookup(const HostLookup&) = delete;
  HostLookup& operator=(const HostLookup&) = delete;

  /// In the order of RFC 6724; empty if there are none or the look-up was stopped. Runs on a thread
  /// of its own, which nobody waits for. Throws std::system_error if there is none to be had.
  asio::awaitable<std::vector<asio::ip::address>> addresses(std::string host);
  /// All that are under way end at once, later ones too.
  void stop();

 private:
  struct Lookup;
  asio::io_context& context_;
  std::vector<std::weak_ptr<Lookup>> under_way_;
  bool stopped_ = false;
};

}  // namespace postern::smtp
