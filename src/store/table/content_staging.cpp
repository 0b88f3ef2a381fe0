#include "store/table/content_staging.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>

namespace postern::store {
namespace {

constexpr std::size_t memory_limit = std::size_t{1} << 20;  ///< octets of one message
constexpr std::size_t chunks_at_once = 16;                  ///< 4 MiB a commit

mapi::Failure wrong_length(const mapi::Content& content, std::uint64_t found) {
  return {mapi::MAPI_E_CORRUPT_DATA, "attachment data of " + std::to_string(content.size()) +
                                         " octets gave " +
                                         (found > content.size() ? "more" : std::to_string(found)) +
                                         "; it was changed while it was read"};
}

/// Fills `into` unless the end comes first. Returns the count.
std::size_t fill(mapi::ContentReader& reader, std::span<std::byte> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const auto count = reader.read(into.subspan(filled));
    if (count == 0) break;
    filled += count;
  }
  return filled;
}

void disown_dead_writers(Connection& connection,
                         const std::function<bool(std::int64_t)>& is_alive) {
  const auto writers = numbers_of(connection.query(
      "SELECT DISTINCT writer FROM content WHERE writer IS NOT NULL AND writer <> 0"));
  for (const auto writer : writers) {
    if (!is_alive(writer)) disown_writer(connection, writer);
  }
}

bool shares_embedded(const mapi::Attachment& attachment, const mapi::Message& base) {
  return std::ranges::any_of(base.attachments, [&attachment](const mapi::Attachment& other) {
    return other.embedded == attachment.embedded;
  });
}

}  // namespace

void sweep_contents(CommitGroup& commits,
                    const std::function<bool(std::int64_t)>& is_alive) noexcept {
  try {
    commits.commit(
        [&](Transaction& transaction) { disown_dead_writers(transaction.connection, is_alive); });
  } catch (const std::exception&) {
    return;
  }
  sweep_garbage(commits);
}

void sweep_garbage(CommitGroup& commits) noexcept {
  try {
    for (bool more = true; more;) {
      commits.commit(
          [&more](Transaction& transaction) { more = sweep_some_garbage(transaction.connection); });
    }
  } catch (const std::exception&) {
    return;
  }
}

StagedContents::StagedContents(const mapi::Message& message, const mapi::Message& base,
                               const StoreUid& store, CommitGroup& commits, ContentWriters& writers)
    : StagedContents(store, commits, writers) {  // so that a throw below calls the destructor
  stage(message, base, 0);
}

StagedContents::~StagedContents() {
  if (written_.empty()) return;
  try {
    commits_.commit([this](Transaction& transaction) {
      for (const auto id : written_) make_garbage(transaction.connection, id);
    });
  } catch (const std::exception&) {
    return;  // what cannot be removed now is removed when the store is opened the next time
  }
  sweep_garbage(commits_);
}

void StagedContents::stage(const mapi::Message& message, const mapi::Message& base, int depth) {
  if (depth > nesting_limit) {
    throw mapi::Failure(mapi::MAPI_E_TOO_COMPLEX, "messages are embedded in each other more than " +
                                                      std::to_string(nesting_limit) + " deep");
  }
  for (const auto& attachment : message.attachments) {
    stage(attachment.data);
    if (attachment.embedded && !shares_embedded(attachment, base)) {
      stage(*attachment.embedded, {}, depth + 1);
    }
  }
}

void StagedContents::stage(const mapi::Content& content) {
  const auto source = content.source().get();
  if (content.size() == 0 || id_in_store(content, store_) || staged_.contains(source)) return;
  const bool is_small = content.size() <= chunk_size && in_memory_ + content.size() <= memory_limit;
  staged_.emplace(source, is_small ? Staged(read_small(content)) : Staged(write_big(content)));
}

std::vector<std::byte> StagedContents::read_small(const mapi::Content& content) {
  std::vector<std::byte> octets(static_cast<std::size_t>(content.size()) + 1);
  const auto filled = fill(*content.open(), octets);
  if (filled != content.size()) throw wrong_length(content, filled);
  octets.resize(filled);
  in_memory_ += filled;
  return octets;
}

ContentId StagedContents::write_big(const mapi::Content& content) {
  const auto reader = content.open();
  const auto writer = writers_.own_number();
  std::vector<std::byte> octets(chunk_size * chunks_at_once);
  ContentId id = 0;
  std::int64_t number = 0;
  std::uint64_t total = 0;
  while (const auto filled = fill(*reader, octets)) {
    total += filled;
    if (total > content.size()) throw wrong_length(content, total);
    const auto batch = std::span(octets).first(filled);
    ContentId made = id;
    commits_.commit([&](Transaction& transaction) {
      made = id != 0 ? id : begin_content(transaction.connection, writer);
      for (std::size_t at = 0; at < batch.size(); at += chunk_size) {
        const auto size = std::min(chunk_size, batch.size() - at);
        append_chunk(transaction.connection, made,
                     number + static_cast<std::int64_t>(at / chunk_size), batch.subspan(at, size));
      }
    });
    if (id == 0) written_.push_back(made);
    id = made;
    number += static_cast<std::int64_t>(chunks_at_once);
  }
  if (total != content.size()) throw wrong_length(content, total);
  return id;
}

std::optional<ContentId> ContentPlacement::id_of(const mapi::Content& content) {
  if (content.size() == 0) return std::nullopt;
  if (const auto id = id_in_store(content, staged_.store_)) {
    require_owned_content(connection_, *id);
    return id;
  }
  const auto source = content.source().get();
  if (const auto placed = placed_.find(source); placed != placed_.end()) return placed->second;
  const auto& staged = staged_.staged_.at(source);
  ContentId id = 0;
  if (const auto* written = std::get_if<ContentId>(&staged)) {
    id = *written;
    assign_content(connection_, id);
  } else {
    id = insert_content(connection_, std::get<std::vector<std::byte>>(staged));
  }
  placed_.emplace(source, id);
  return id;
}

}  // namespace postern::store
