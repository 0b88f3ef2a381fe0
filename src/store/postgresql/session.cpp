#include "store/postgresql/session.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "store/postgresql/advisory_lock.h"

namespace postern::store {
namespace {

constexpr std::chrono::milliseconds between_notifications{20};
constexpr std::chrono::milliseconds between_connections{500};
/// News may get lost with a connection, or with a process that dies between its commit and its
/// notification: it is looked now and then all the same.
constexpr std::chrono::milliseconds between_looks{2'000};

std::int64_t first_integer(const Result& result) {
  const std::string_view text = PQgetvalue(result.get(), 0, 0);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

PostgresqlSession::PostgresqlSession(std::shared_ptr<PostgresqlConnector> connector,
                                     std::function<void()> changed)
    : connector_(std::move(connector)), changed_(std::move(changed)) {
  const auto& location = connector_->location();
  connection_ = connector_->connect_plainly();
  number_ = first_integer(execute(connection_.get(), location, "SELECT nextval('session_number')"));
  log_on();
  wake_descriptor_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_descriptor_ < 0) {
    throw mapi::system_failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES,
                               "nobody can be told of changes in the store", errno);
  }
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    ::close(wake_descriptor_);
    throw mapi::system_failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES,
                               "nobody can be told of changes in the store", error.code().value());
  }
}

PostgresqlSession::~PostgresqlSession() {
  ending_ = true;
  wake();
  thread_.join();
  ::close(wake_descriptor_);
}

/// The lock may still be held by the connection that has broken, until the server finds that out.
void PostgresqlSession::log_on() {
  execute(connection_.get(), connector_->location(), "LISTEN postern");
  holds_lock_ = try_lock();
}

bool PostgresqlSession::try_lock() {
  const auto answer = execute(connection_.get(), connector_->location(),
                              "SELECT CAST(pg_try_advisory_lock(" POSTERN_LOCK_CLASS ", " +
                                  std::to_string(number_) + ") AS integer)");
  return first_integer(answer) == 1;
}

/// Who gets it shares it with others that ask, and has it until the transaction ends.
bool PostgresqlSession::is_alive(Connection& connection, std::int64_t number) {
  auto row = connection.query("SELECT CAST(pg_try_advisory_xact_lock_shared(" POSTERN_LOCK_CLASS
                              ", CAST(? AS integer)) AS integer)",
                              number);
  return row.next() && row.integer(0) == 0;
}

void PostgresqlSession::notify() {
  if (!is_to_notify_.exchange(true)) wake();
}

void PostgresqlSession::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto ignored = ::write(wake_descriptor_, &one, sizeof one);
}

void PostgresqlSession::run() {
  while (!ending_) {
    bool was_lost = false;
    try {
      if (!connection_) connect_again();
      look();
    } catch (const std::exception&) {
      holds_lock_ = false;
      was_lost = std::exchange(connection_, nullptr) != nullptr;
    }
    if (was_lost) say_changed();  // who looks finds out what it is
    wait();
  }
  try {
    if (connection_ && is_to_notify_) tell();
  } catch (const std::exception&) {
    return;  // who misses it looks by himself after a while
  }
}

void PostgresqlSession::say_changed() noexcept {
  try {
    changed_();
  } catch (const std::exception&) {
    return;  // out of memory: it is looked again in two seconds
  }
}

void PostgresqlSession::connect_again() {
  connection_ = connect(connector_->location());
  log_on();
  say_changed();
}

void PostgresqlSession::look() {
  if (!holds_lock_) holds_lock_ = try_lock();
  if (is_to_notify_.exchange(false)) tell();
  if (take_news()) say_changed();
}

/// It must not make the disk wait: who misses it looks by himself after a while.
void PostgresqlSession::tell() {
  execute(connection_.get(), connector_->location(),
          "BEGIN; SET LOCAL synchronous_commit = off; NOTIFY postern; COMMIT");
}

/// Whether others have told something.
bool PostgresqlSession::take_news() {
  if (PQconsumeInput(connection_.get()) == 0) {
    throw postgresql_failure(connector_->location().name(), "", PQerrorMessage(connection_.get()));
  }
  bool found = false;
  while (auto* news = PQnotifies(connection_.get())) {
    found = found || news->be_pid != PQbackendPID(connection_.get());
    PQfreemem(news);
  }
  return found;
}

/// Until there is something to do; then a little longer, so that more comes together.
void PostgresqlSession::wait() {
  std::array watched{
      pollfd{.fd = wake_descriptor_, .events = POLLIN, .revents = 0},
      pollfd{.fd = connection_ ? PQsocket(connection_.get()) : -1, .events = POLLIN, .revents = 0}};
  const auto longest = connection_ ? between_looks : between_connections;
  const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(longest.count()));
  std::uint64_t wakes = 0;
  if (::read(wake_descriptor_, &wakes, sizeof wakes) > 0 && !ending_) {
    std::this_thread::sleep_for(between_notifications);
  }
  if (ready == 0 && connection_) say_changed();
}

}  // namespace postern::store
