#include "smtp/io/host_lookup.h"

#include <algorithm>
#include <mutex>
#include <netdb.h>
#include <thread>

#include "base/thread_signals.h"
#include "smtp/io/socket_address.h"

namespace postern::smtp {
namespace {

std::vector<asio::ip::address> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* first = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &first) != 0) return {};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(first, &::freeaddrinfo);
  std::vector<asio::ip::address> addresses;
  for (const addrinfo* one = first; one != nullptr; one = one->ai_next) {
    const auto address = address_of(*one->ai_addr);
    if (address && std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) {
      addresses.push_back(*address);
    }
  }
  return addresses;
}

}  // namespace

/// Shared by the waiting coroutine and the thread, which may outlive the context.
struct HostLookup::Lookup {
  std::mutex mutex;
  asio::io_context* context = nullptr;  ///< null: nobody waits any more
  std::shared_ptr<AsyncEvent> event;
  std::vector<asio::ip::address> found;

  void close() {
    const std::scoped_lock lock(mutex);
    context = nullptr;
    event.reset();  // it belongs to the context, which the thread may outlive
  }
};

asio::awaitable<std::vector<asio::ip::address>> HostLookup::addresses(std::string host) {
  const auto lookup = std::make_shared<Lookup>();
  if (stopped_) co_return std::vector<asio::ip::address>{};
  lookup->context = &context_;
  lookup->event = std::make_shared<AsyncEvent>(context_);
  struct Closing {
    Lookup& lookup;
    ~Closing() { lookup.close(); }
  };
  const Closing closing{*lookup};
  {
    const SignalsBlocked blocked;
    std::thread([lookup, host = std::move(host)] {
      auto found = look_up(host);
      const std::scoped_lock lock(lookup->mutex);
      if (lookup->context == nullptr) return;
      lookup->found = std::move(found);
      asio::post(*lookup->context, [lookup] {
        if (lookup->event) lookup->event->set();
      });
    }).detach();
  }
  std::erase_if(under_way_, [](const auto& one) { return one.expired(); });
  under_way_.push_back(lookup);
  const auto event = lookup->event;
  co_await event->wait(std::nullopt);
  const std::scoped_lock lock(lookup->mutex);
  co_return lookup->found;
}

void HostLookup::stop() {
  stopped_ = true;
  for (const auto& weak : under_way_) {
    const auto lookup = weak.lock();
    if (lookup && lookup->event) lookup->event->set();
  }
}

}  // namespace postern::smtp
