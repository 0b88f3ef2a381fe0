// Group commit: concurrent writers share one durable commit.
//
// A caller passes its work and returns when the work is on disk. Callers join a batch while its
// work is carried out; while it is committed, the next one gathers. One caller leads: it has its
// own batch carried out and for a while those behind it, then the first caller of the next one
// leads. The others of a batch wait for one latch, which wakes all of them at once.
#pragma once

#include <cstddef>
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

/// The jobs of one commit. Others join while those before them are carried out, so that the wait
/// for the disk is shared by as many as can be.
class Batch {
 public:
  /// The next one to be carried out; null: there is none, and none joins any more.
  Job* next();
  /// All of them; none joins any more. To be asked first by those whose transactions do not see
  /// what others have committed since they began.
  std::span<Job*> all();

 private:
  friend class CommitGroup;
  /// Returns false if none can join.
  bool add(std::span<Job> jobs);

  std::mutex mutex_;
  std::vector<Job*> jobs_;
  std::size_t begun_ = 0;
  bool is_closed_ = false;
};

/// A database's way to carry out work durably. Used by one thread at a time.
class BatchExecutor {
 public:
  virtual ~BatchExecutor() = default;

  /// Carries out the work of each job as if it had a transaction of its own: work that fails does
  /// not affect the others. Takes jobs until there are no more. Afterwards each is durable, or has
  /// a failure and had no effect.
  virtual void execute(Batch& batch) noexcept = 0;

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
  /// Callers whose work is one batch. They share it, as whoever opens a latch may still be at it
  /// when all that waited have gone.
  struct Round {
    Batch batch;
    bool has_jobs = true;         ///< otherwise its caller wants the executor for itself
    std::latch may_begin{1};      ///< the first caller waits for it
    bool is_carried_out = false;  ///< by another leader, before `may_begin`
    std::latch is_done{1};        ///< the other callers wait for it
  };

  using Rounds = std::deque<std::shared_ptr<Round>>;

  void carry_out(std::span<Job> jobs);
  /// Has the caller's own round carried out, and perhaps those behind it.
  void lead(const std::shared_ptr<Round>& own);
  /// The round that has the jobs now; and whether its caller is the first.
  std::pair<std::shared_ptr<Round>, bool> join(std::span<Job> jobs);
  void add(Rounds::const_iterator before, const std::shared_ptr<Round>& round);
  /// Returns the next round, if the caller goes on with it; otherwise gives the executor to it.
  std::shared_ptr<Round> end(bool goes_on);
  void execute(Round& round) noexcept;

  std::unique_ptr<BatchExecutor> executor_;
  Committed committed_;
  std::mutex mutex_;
  Rounds rounds_;  ///< the first one has the executor
};

}  // namespace postern::store
