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

  /// Calls `work(Connection&)`, which asks one question only and needs no snapshot for that; again
  /// if the database had ended the connection. Throws mapi::Failure.
  template <class Work>
  auto ask(Work&& work) {
    for (int attempt = 1;; ++attempt) {
      Lease lease(*this);
      try {
        return work(*lease);
      } catch (const mapi::Failure&) {
        if (!lease->is_lost() || attempt == most_attempts) throw;
      }
    }
  }

  /// Calls `work(Connection&)` within one snapshot, which has everything that was durable before
  /// the call; the same otherwise.
  template <class Work>
  auto read(Work&& work) {
    return ask([&work](Connection& connection) {
      connection.begin_snapshot();
      auto result = work(connection);
      connection.end_snapshot();
      return result;
    });
  }

 private:
  /// The idle ones all go with the first that is found to be lost.
  static constexpr int most_attempts = 5;

  /// A connection taken out of the pool, and returned without a transaction.
  class Lease {
   public:
    explicit Lease(ReadPool& pool) : pool_(pool), connection_(pool.take()) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.give_back(std::move(connection_)); }
    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }

   private:
    ReadPool& pool_;
    std::unique_ptr<Connection> connection_;
  };

  std::unique_ptr<Connection> take();
  void give_back(std::unique_ptr<Connection> connection) noexcept;

  Open open_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace postern::store
