// A process's session with a database: a number that nobody else has, locked for as long as the
// session lives, and news of what others write.
//
// The lock is an advisory one of the session's own connection, so it ends with the connection or
// the process, and everybody can see whether it is held. When the connection breaks, the session
// connects again and takes the same lock, if it can still be had. News come by LISTEN; what this
// process writes is made known by NOTIFY, some milliseconds later, so that a hundred commits are
// one notification, and none of them waits for it.
//
// Threads: any; it has one of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "store/postgresql/connector.h"

namespace postern::store {

class PostgresqlSession {
 public:
  /// `changed`: is called on the session's thread when others may have written. Throws
  /// PostgresqlFailure.
  PostgresqlSession(std::shared_ptr<PostgresqlConnector> connector, std::function<void()> changed);
  PostgresqlSession(const PostgresqlSession&) = delete;
  PostgresqlSession& operator=(const PostgresqlSession&) = delete;
  ~PostgresqlSession();

  [[nodiscard]] std::int64_t number() const { return number_; }
  /// Whether the lock is held now, as far as is known.
  [[nodiscard]] bool holds_lock() const { return holds_lock_; }
  /// Others are to be told that something was written.
  void notify();

  /// Whether the session of that number lives, asked within a transaction of anybody.
  [[nodiscard]] static bool is_alive(Connection& connection, std::int64_t number);

 private:
  void log_on();
  bool try_lock();
  void run();
  void say_changed() noexcept;
  void connect_again();
  void look();
  bool take_news();
  void tell();
  void wait();
  void wake();

  std::shared_ptr<PostgresqlConnector> connector_;
  std::function<void()> changed_;
  ConnectionHandle connection_;  ///< the thread's own, once that runs
  std::int64_t number_ = 0;
  std::atomic<bool> holds_lock_ = false;
  std::atomic<bool> is_to_notify_ = false;
  std::atomic<bool> ending_ = false;
  int wake_descriptor_ = -1;  ///< an eventfd
  std::thread thread_;
};

}  // namespace postern::store
