// Connections for reading: each read sees one snapshot of the store, and neither waits for writers
// nor blocks them. May be used from any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "store/sqlite/connection.h"

namespace postern::store {

class ReadPool {
 public:
  explicit ReadPool(std::filesystem::path path) : path_(std::move(path)) {}

  /// Calls `work(SqliteConnection&)` within one snapshot, which has everything that was durable
  /// before the call. Throws mapi::Failure for errors of SQLite.
  template <class Work>
  auto read(Work&& work) {
    Lease lease(*this);
    try {
      lease->execute("BEGIN");
      auto result = work(*lease);
      lease->execute("COMMIT");
      return result;
    } catch (const SQLite::Exception& error) {
      throw lease->failure(error);
    }
  }

 private:
  /// A connection taken out of the pool, and returned without a transaction.
  class Lease {
   public:
    explicit Lease(ReadPool& pool) : pool_(pool), connection_(pool.take()) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.give_back(std::move(connection_)); }
    SqliteConnection& operator*() { return *connection_; }
    SqliteConnection* operator->() { return connection_.get(); }

   private:
    ReadPool& pool_;
    std::unique_ptr<SqliteConnection> connection_;
  };

  std::unique_ptr<SqliteConnection> take();
  void give_back(std::unique_ptr<SqliteConnection> connection) noexcept;

  std::filesystem::path path_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_;
};

}  // namespace postern::store
