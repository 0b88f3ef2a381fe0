// Connections for reading: each read sees one snapshot of the store, and neither waits for writers
// nor blocks them. May be used from any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "store/database/connection.h"

namespace postern::store {

class ReadPool {
 public:
  using Open = std::function<std::unique_ptr<Connection>()>;

  /// `open` makes a connection.
  explicit ReadPool(Open open) : open_(std::move(open)) {}

  /// Calls `work(Connection&)`, which asks one question only and needs no snapshot for that.
  template <class Work>
  auto ask(Work&& work) {
    try {
      return ask_once(work);
    } catch (const ConnectionLost&) {
      return ask_once(work);
    }
  }

  /// Calls `work(Connection&)` within one snapshot, which has everything that was durable before
  /// the call; once more if the database had ended the connection. Throws mapi::Failure.
  template <class Work>
  auto read(Work&& work) {
    try {
      return read_once(work);
    } catch (const ConnectionLost&) {
      return read_once(work);
    }
  }

 private:
  struct ConnectionLost {};

  /// A connection taken out of the pool, and returned without a transaction.
  class Lease {
   public:
    explicit Lease(ReadPool& pool) : pool_(pool) { std::tie(connection_, is_new_) = pool.take(); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.give_back(std::move(connection_)); }
    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }
    /// It had been idle, and was ended meanwhile.
    [[nodiscard]] bool was_stale() const { return !is_new_ && connection_->is_lost(); }

   private:
    ReadPool& pool_;
    std::unique_ptr<Connection> connection_;
    bool is_new_ = false;
  };

  template <class Work>
  auto read_once(Work& work) {
    return ask_once([&work](Connection& connection) {
      connection.begin_snapshot();
      auto result = work(connection);
      connection.end_snapshot();
      return result;
    });
  }

  template <class Work>
  auto ask_once(const Work& work) {
    Lease lease(*this);
    try {
      return work(*lease);
    } catch (const mapi::Failure&) {
      if (lease.was_stale()) throw ConnectionLost{};
      throw;
    }
  }

  std::pair<std::unique_ptr<Connection>, bool> take();
  void give_back(std::unique_ptr<Connection> connection) noexcept;

  Open open_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace postern::store
