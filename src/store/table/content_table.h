// Attachment data in the store: content rows and their chunks, and reading them block by block.
//
// Content ids are never reused, so that a reader of content that was removed cannot get other
// content. The functions run within the caller's transaction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "mapi/content.h"
#include "store/database/connection.h"
#include "store/database/read_pool.h"
#include "store/table/entry_ids.h"

namespace postern::store {

using ContentId = std::int64_t;

inline constexpr std::size_t chunk_size = std::size_t{256} << 10;

/// The store that content is read from.
struct ContentOrigin {
  StoreUid store;
  std::shared_ptr<ReadPool> reads;
};

/// A Content in the store, which is read when it is opened.
mapi::Content stored_content(const ContentOrigin& origin, ContentId id, std::uint64_t size);

/// The id of content that is in the given store already; nullopt for any other.
std::optional<ContentId> id_in_store(const mapi::Content& content, const StoreUid& store);

/// Inserts content that fits into one chunk, for an attachment made in this transaction.
ContentId insert_content(Connection& connection, std::span<const std::byte> octets);

/// Inserts content whose chunks follow; it has no owner until `assign_content`.
ContentId begin_content(Connection& connection, std::int64_t writer);
void append_chunk(Connection& connection, ContentId id, std::int64_t number,
                  std::span<const std::byte> octets);

/// Staged content gets its first attachment in this transaction.
void assign_content(Connection& connection, ContentId id);

/// Throws mapi::Failure(MAPI_E_OBJECT_DELETED) unless attachments have the content now. It keeps it
/// from losing them before this transaction has ended.
void require_owned_content(Connection& connection, ContentId id);

/// An attachment that had the content is no more: if it was the last, a small content is removed
/// with it, and a big one becomes garbage.
void drop_if_disowned(Connection& connection, ContentId id);

void make_garbage(Connection& connection, ContentId id);

/// What the writer was staging is garbage: nobody will give it an owner.
void disown_writer(Connection& connection, std::int64_t writer);

/// Removes a few megabytes of garbage at most; returns false if none is left.
bool sweep_some_garbage(Connection& connection);

}  // namespace postern::store
