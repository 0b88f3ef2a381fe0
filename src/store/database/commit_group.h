// Group commit: concurrent writers share one durable commit.
//
// A caller passes its work and returns when the work is on disk. While one batch is carried out,
// the next one gathers; the first caller of each leads it, and the others wait for one latch, which
// wakes all of them at once.
#pragma once

#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <latch>
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

  /// Called after each batch, before its callers have their answers.
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
  /// Callers whose work is one batch. The first of them leads: it has the batch carried out. They
  /// share it, as whoever opens a latch may still be at it when all that waited have gone.
  struct Round {
    std::vector<Job*> jobs;  ///< none: its caller wants the executor for itself
    bool is_closed = false;  ///< to further callers
    std::latch may_begin{1};
    std::latch is_done{1};
  };

  using Rounds = std::deque<std::shared_ptr<Round>>;

  void carry_out(std::span<Job> jobs);
  /// The round that has the jobs now; and whether its caller leads it.
  std::pair<std::shared_ptr<Round>, bool> join(std::span<Job> jobs);
  void add(Rounds::const_iterator before, const std::shared_ptr<Round>& round);
  /// Returns when the round has the executor.
  void begin(Round& round);
  /// Gives the executor to the next round.
  void end();
  void execute(Round& round) noexcept;

  std::unique_ptr<BatchExecutor> executor_;
  Committed committed_;
  std::mutex mutex_;
  Rounds rounds_;  ///< the first one has the executor
};

}  // namespace postern::store
