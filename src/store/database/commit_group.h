// Group commit: concurrent writers share one durable commit.
//
// A caller passes its work and returns when the work is on disk. A caller that finds no other one
// committing becomes the leader: it has its own work and all that waits carried out as one batch.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "store/database/transaction.h"

namespace postern::store {

/// One caller's work, and what has become of it.
struct Job {
  const Work* work = nullptr;
  std::vector<StoreChange> changes;
  std::exception_ptr failure;
};

/// What is being handled has befallen all of these. Each has an exception of its own: their callers
/// are threads of which one may end what another one reads.
void fail_all(std::span<Job*> batch) noexcept;

/// A database's way to carry out work durably. Used by one thread at a time.
class BatchExecutor {
 public:
  virtual ~BatchExecutor() = default;

  /// Carries out the work of each job as if it had a transaction of its own: work that fails does
  /// not affect the others. Afterwards each is durable, or has a failure and had no effect.
  virtual void execute(std::span<Job*> batch) noexcept = 0;

  /// Called after the callers of a batch have their answers.
  virtual void tidy() noexcept {}

  /// Changes whenever something else than this executor has committed.
  virtual std::int64_t foreign_version() = 0;
};

class CommitGroup {
 public:
  /// Called after each commit, in the order of the commits.
  using Committed = std::function<void(std::vector<StoreChange>)>;

  CommitGroup(std::unique_ptr<BatchExecutor> executor, Committed committed)
      : executor_(std::move(executor)), committed_(std::move(committed)) {}

  /// Returns when `work` is durable; otherwise throws what it threw, or a mapi::Failure that says
  /// why the commit failed. Then no part of it was done.
  void commit(const Work& work);
  /// The same for several, each or none of it by itself, in their order and with one wait. Returns
  /// what each has thrown; null: it is durable.
  std::vector<std::exception_ptr> commit_all(std::span<const Work> works);

  /// The executor's.
  std::int64_t foreign_version();

 private:
  /// What the thread of a caller waits for. It outlives the wait: whoever gives it may still be at
  /// it when the caller has gone.
  class Signal {
   public:
    void wait();
    void give();

   private:
    std::mutex mutex_;
    std::condition_variable given_;
    bool is_given_ = false;
  };
  /// A caller in the queue. Without jobs: it wants the executor for itself.
  struct Entry {
    std::span<Job> jobs;
    bool is_done = false;  ///< otherwise it leads once it has the signal
    std::shared_ptr<Signal> signal;
  };
  using Batch = std::vector<Entry*>;

  void carry_out(std::span<Job> jobs);
  /// Becomes the leader, or returns false: another leader did the entry's work meanwhile.
  bool lead(Entry& entry);
  [[nodiscard]] Batch take_batch(Entry& first);
  void hand_over_leadership();
  void execute(const Batch& batch) noexcept;

  std::unique_ptr<BatchExecutor> executor_;
  Committed committed_;
  std::mutex mutex_;
  std::deque<Entry*> waiting_;
  bool has_leader_ = false;
};

}  // namespace postern::store
