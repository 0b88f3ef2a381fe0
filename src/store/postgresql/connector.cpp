#include "store/postgresql/connector.h"

#include <algorithm>
#include <thread>

namespace postern::store {
namespace {

constexpr std::chrono::milliseconds first_pause{50};
constexpr std::chrono::milliseconds longest_pause{1'000};

/// What `make` gives, tried again until that time.
template <class Make>
auto made_before(std::chrono::steady_clock::time_point deadline, const Make& make) {
  for (auto pause = first_pause;; pause = std::min(longest_pause, 2 * pause)) {
    try {
      return make();
    } catch (const PostgresqlFailure& failure) {
      if (!may_come_back(failure.code())) throw;
      if (std::chrono::steady_clock::now() + pause > deadline) throw;
    }
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

bool may_come_back(mapi::Code code) {
  return code == mapi::MAPI_E_NETWORK_ERROR || code == mapi::MAPI_E_NOT_ENOUGH_RESOURCES;
}

std::unique_ptr<PostgresqlConnection> PostgresqlConnector::connect() {
  return connect_before(deadline());
}

std::unique_ptr<PostgresqlConnection> PostgresqlConnector::connect_before(
    std::chrono::steady_clock::time_point deadline) {
  return made_before(
      deadline, [this] { return std::make_unique<PostgresqlConnection>(location_, numbers_); });
}

ConnectionHandle PostgresqlConnector::connect_plainly() const {
  return made_before(deadline(), [this] { return store::connect(location_); });
}

}  // namespace postern::store
