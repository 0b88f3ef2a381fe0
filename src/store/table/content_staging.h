// Bringing attachment data into the store before the commit that needs it.
//
// A commit is shared and must not wait for a slow file, nor make the write-ahead log as long as a
// gigabyte. So what is foreign to the store is read beforehand, on the caller's thread: a little of
// it is kept in memory for the commit; the rest is written in batches of its own and belongs to
// nobody until then. If the commit does not come, the batches are removed; if the process dies,
// whoever opens the store next removes them: a writer holds a lock on its octet of the lock file
// (lock_file.h) as long as it lives, so that no other process takes its unfinished content away.
#pragma once

#include <cstdint>
#include <map>
#include <variant>
#include <vector>

#include "mapi/message.h"
#include "store/sqlite/commit_group.h"
#include "store/sqlite/lock_file.h"
#include "store/table/content_table.h"

namespace postern::store {

/// Deeper nesting of embedded messages is refused with MAPI_E_TOO_COMPLEX.
inline constexpr int nesting_limit = 64;

/// The one who brings in content, by a number that no other live writer of the store has.
class ContentWriter {
 public:
  explicit ContentWriter(LockFile& locks);
  [[nodiscard]] std::int64_t number() const { return number_; }

 private:
  std::int64_t number_ = 0;
};

/// Turns what dead writers left unfinished into garbage, and removes all garbage. What cannot be
/// removed now (a full disk) is left for the next time: no call fails because of it.
void sweep_contents(CommitGroup& commits, const LockFile& locks,
                    const ContentWriter& self) noexcept;
/// Removes the garbage a deletion has left, in the same way.
void sweep_garbage(CommitGroup& commits) noexcept;

class StagedContents {
 public:
  /// Brings in the data of those attachments of `message`, embedded ones included, that are not
  /// in the store, except embedded messages that `base` has too. Throws what the sources throw;
  /// MAPI_E_CORRUPT_DATA for a source that is longer or shorter than it said.
  StagedContents(const mapi::Message& message, const mapi::Message& base, const StoreUid& store,
                 CommitGroup& commits, const ContentWriter& writer);
  StagedContents(const StagedContents&) = delete;
  StagedContents& operator=(const StagedContents&) = delete;
  /// Removes what `keep` was not called for.
  ~StagedContents();

  /// The commit that gives the contents their owners is durable.
  void keep() { written_.clear(); }

 private:
  friend class ContentPlacement;
  using Source = const mapi::ContentSource*;
  using Staged = std::variant<std::vector<std::byte>, ContentId>;

  StagedContents(const StoreUid& store, CommitGroup& commits, const ContentWriter& writer)
      : store_(store), commits_(commits), writer_(writer.number()) {}

  void stage(const mapi::Message& message, const mapi::Message& base, int depth);
  void stage(const mapi::Content& content);
  std::vector<std::byte> read_small(const mapi::Content& content);
  ContentId write_big(const mapi::Content& content);

  StoreUid store_;
  CommitGroup& commits_;
  std::int64_t writer_;
  std::size_t in_memory_ = 0;
  std::map<Source, Staged> staged_;
  std::vector<ContentId> written_;
};

/// The contents of one transaction: each staged one gets its place in the store once.
class ContentPlacement {
 public:
  ContentPlacement(SqliteConnection& connection, const StagedContents& staged)
      : connection_(connection), staged_(staged) {}

  /// The id under which an attachment made in this transaction refers to the content; nothing for
  /// empty content. Throws MAPI_E_OBJECT_DELETED for stored content that is gone.
  std::optional<ContentId> id_of(const mapi::Content& content);

 private:
  SqliteConnection& connection_;
  const StagedContents& staged_;
  std::map<StagedContents::Source, ContentId> placed_;
};

}  // namespace postern::store
