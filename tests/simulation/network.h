// The simulated network: domains with their mail hosts, which are away for hours, and connections
// to them. What stands in place of the engine's connector, of its router and of its thread
// (tests/simulation/instead/) asks it.
#pragma once

#include <array>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "smtp/connect/connection.h"
#include "smtp/connect/fault.h"
#include "smtp/io/async_event.h"
#include "tests/simulation/server_session.h"
#include "tests/simulation/time/agenda.h"

namespace postern::simulation {

namespace asio = boost::asio;

/// What a look-up of a domain finds.
enum class Names { found, missing, unanswered };

/// A connection that is being opened.
struct Opening {
  std::optional<std::variant<smtp::Connection, smtp::ConnectFailure>> result;
};

/// How bad the network's world is.
struct NetworkDay {
  BadDay servers;
  std::size_t refuses_connections = 0;  ///< of a thousand
  std::size_t is_away = 0;              ///< of a thousand hosts, for a time
  std::size_t domains = 3;
};

class Network {
 public:
  Network(ServerWorld world, Agenda& agenda, const NetworkDay& day);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// The one that there is.
  static Network& current();

  /// The relays, by address: a host each.
  static constexpr std::array relays{"192.0.2.10", "192.0.2.20"};

  /// A domain that mail may be for.
  [[nodiscard]] const std::string& some_domain() const;

  // For the SMTP engine.

  [[nodiscard]] Names look_up(const std::string& domain);
  /// The names of a domain's hosts, the best first.
  [[nodiscard]] std::vector<std::string> hosts_of(const std::string& domain) const;
  /// `event` is set once there is a result.
  std::shared_ptr<Opening> open(const std::string& host, Span limit,
                                const std::shared_ptr<smtp::AsyncEvent>& event);
  /// The engine's context, which has no thread: `work` runs it.
  void attach(asio::io_context& context) { context_ = &context; }
  void detach() { context_ = nullptr; }
  /// Waits until the engine is to end.
  void wait_for_end();

  // For the world.

  /// All that the engine has to do now. Returns whether there was anything.
  bool work();
  /// The process at the client's end dies: from now on there is no connection.
  void cut_all();
  /// What waits for the end of an engine may end.
  void let_end();
  /// A process begins anew.
  void begin_anew();

 private:
  struct Host {
    std::string name;
    std::vector<std::string> without_extensions;
    std::size_t most_recipients;
    Moment away_from{};
    Moment away_until{};
  };
  struct Domain {
    std::string name;
    Names names = Names::found;
    std::vector<Host> hosts;
  };

  Domain make_domain(std::size_t number);
  Host make_host(const std::string& name);
  [[nodiscard]] const Host& host(const std::string& name) const;
  [[nodiscard]] bool is_away(const Host& host) const;
  std::optional<smtp::ConnectFailure> failure(const Host& host);
  smtp::Connection connect(const Host& host);

  ServerWorld world_;
  Agenda& agenda_;
  const NetworkDay& day_;
  std::vector<Domain> domains_;
  std::vector<Host> relays_;
  asio::io_context* context_ = nullptr;
  bool is_cut_ = false;
  std::vector<std::weak_ptr<Wire>> wires_;
  struct Pending {
    std::weak_ptr<Opening> opening;
    std::weak_ptr<smtp::AsyncEvent> event;
  };
  std::vector<Pending> pending_;

  std::mutex mutex_;
  std::condition_variable ended_;
  bool may_end_ = false;
};

}  // namespace postern::simulation
