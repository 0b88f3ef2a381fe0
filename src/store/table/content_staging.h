// Bringing attachment data into the store before the commit that needs it.
//
// A commit is shared and must not wait for a slow file, nor make the write-ahead log a gigabyte
// long. So content from outside the store is read beforehand, on the caller's thread: a little of
// it is kept in memory for the commit; the rest is written in separate batches and has no owner
// until then. If there is no commit, the batches are removed; if the process dies, the next process
// that opens the store removes them: a writer has a number, and the others see whether it lives.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <variant>
#include <vector>

#include "mapi/message.h"
#include "store/database/commit_group.h"
#include "store/table/content_table.h"

namespace postern::store {

/// Deeper nesting of embedded messages is refused with MAPI_E_TOO_COMPLEX.
inline constexpr int nesting_limit = 64;

/// Who writes content into the store: processes, which may die.
class ContentWriters {
 public:
  virtual ~ContentWriters() = default;
  /// This process's number, greater than 0, which no other live one has.
  [[nodiscard]] virtual std::int64_t own_number() = 0;
};

/// Marks the unfinished content of dead writers as garbage, and removes all garbage. What cannot be
/// removed now (a full disk) is left for the next time: no call fails because of it.
void sweep_contents(CommitGroup& commits,
                    const std::function<bool(std::int64_t writer)>& is_alive) noexcept;
/// Removes the garbage of a deletion in the same way.
void sweep_garbage(CommitGroup& commits) noexcept;

class StagedContents {
 public:
  /// Stages the data of those attachments of `message`, embedded ones included, that are not in the
  /// store, except embedded messages that `base` has too. Throws what the sources throw;
  /// MAPI_E_CORRUPT_DATA for a source whose octets do not match its size().
  StagedContents(const mapi::Message& message, const mapi::Message& base, const StoreUid& store,
                 CommitGroup& commits, ContentWriters& writers);
  StagedContents(const StagedContents&) = delete;
  StagedContents& operator=(const StagedContents&) = delete;
  /// Removes the contents unless `keep` was called.
  ~StagedContents();

  /// To be called when the commit that gives the contents their owners is durable.
  void keep() { written_.clear(); }

 private:
  friend class ContentPlacement;
  using Source = const mapi::ContentSource*;
  using Staged = std::variant<std::vector<std::byte>, ContentId>;

  StagedContents(const StoreUid& store, CommitGroup& commits, ContentWriters& writers)
      : store_(store), commits_(commits), writers_(writers) {}

  void stage(const mapi::Message& message, const mapi::Message& base, int depth);
  void stage(const mapi::Content& content);
  std::vector<std::byte> read_small(const mapi::Content& content);
  ContentId write_big(const mapi::Content& content);

  StoreUid store_;
  CommitGroup& commits_;
  ContentWriters& writers_;
  std::size_t in_memory_ = 0;
  std::map<Source, Staged> staged_;
  std::vector<ContentId> written_;
};

/// The contents of one transaction: each staged one is inserted once.
class ContentPlacement {
 public:
  ContentPlacement(Connection& connection, const StagedContents& staged)
      : connection_(connection), staged_(staged) {}

  /// The id by which an attachment made in this transaction refers to the content; nullopt for
  /// empty content. Throws MAPI_E_OBJECT_DELETED for stored content that is gone.
  std::optional<ContentId> id_of(const mapi::Content& content);

 private:
  Connection& connection_;
  const StagedContents& staged_;
  std::map<StagedContents::Source, ContentId> placed_;
};

}  // namespace postern::store
