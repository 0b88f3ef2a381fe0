#include "store/table/content_table.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace postern::store {
namespace {

constexpr std::int64_t garbage = 0;
constexpr std::int64_t chunks_swept_at_once = 16;
/// Removing a gigabyte at once would hold up every other writer.
constexpr std::int64_t removed_at_once = 1 << 20;

mapi::Failure deleted(ContentId id) {
  return {mapi::MAPI_E_OBJECT_DELETED,
          "attachment data " + std::to_string(id) + " was deleted with its message meanwhile"};
}

class StoredContent final : public mapi::ContentSource {
 public:
  StoredContent(ContentOrigin origin, ContentId id, std::uint64_t size)
      : origin_(std::move(origin)), id_(id), size_(size) {}

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<Reader>(origin_.reads, id_, size_);
  }
  [[nodiscard]] bool is_same_as(const mapi::ContentSource& other) const override {
    const auto* stored = dynamic_cast<const StoredContent*>(&other);
    return stored != nullptr && stored->id_ == id_ && stored->store() == store();
  }
  [[nodiscard]] ContentId id() const { return id_; }
  [[nodiscard]] const StoreUid& store() const { return origin_.store; }

 private:
  /// Holds one chunk, and a connection only while it reads the next.
  class Reader final : public mapi::ContentReader {
   public:
    Reader(std::shared_ptr<ReadPool> reads, ContentId id, std::uint64_t size)
        : reads_(std::move(reads)), id_(id), left_(size) {}

    std::size_t read(std::span<std::byte> into) override {
      if (at_ == chunk_.size()) {
        if (left_ == 0) return 0;
        fetch();
      }
      const auto count = std::min(into.size(), chunk_.size() - at_);
      std::copy_n(chunk_.data() + at_, count, into.data());
      at_ += count;
      return count;
    }

   private:
    void fetch() {
      reads_->read([this](Connection& connection) {
        auto row = connection.query(
            "SELECT octets FROM content_chunk WHERE content_id = ? AND number = ?", id_, number_);
        if (!row.next() || row.blob(0).empty()) throw deleted(id_);
        chunk_.assign(row.blob(0).begin(), row.blob(0).end());
        return true;
      });
      ++number_;
      at_ = 0;
      left_ -= std::min<std::uint64_t>(left_, chunk_.size());
    }

    std::shared_ptr<ReadPool> reads_;
    ContentId id_;
    std::uint64_t left_;  ///< octets not fetched yet
    std::int64_t number_ = 0;
    std::vector<std::byte> chunk_;
    std::size_t at_ = 0;
  };

  ContentOrigin origin_;
  ContentId id_;
  std::uint64_t size_;
};

const StoredContent* as_stored(const mapi::Content& content) {
  return dynamic_cast<const StoredContent*>(content.source().get());
}

}  // namespace

mapi::Content stored_content(const ContentOrigin& origin, ContentId id, std::uint64_t size) {
  return mapi::Content(std::make_shared<StoredContent>(origin, id, size));
}

std::optional<ContentId> id_in_store(const mapi::Content& content, const StoreUid& store) {
  const auto* stored = as_stored(content);
  if (stored == nullptr || stored->store() != store) return std::nullopt;
  return stored->id();
}

ContentId insert_content(Connection& connection, std::span<const std::byte> octets) {
  const auto id =
      connection.insert(Numbered::content, "INSERT INTO content (id, size) VALUES (?, ?)",
                        static_cast<std::int64_t>(octets.size()));
  connection.run("INSERT INTO content_chunk (content_id, number, octets) VALUES (?, 0, ?)", id,
                 octets);
  return id;
}

ContentId begin_content(Connection& connection, std::int64_t writer) {
  return connection.insert(Numbered::content,
                           "INSERT INTO content (id, size, writer) VALUES (?, 0, ?)", writer);
}

void append_chunk(Connection& connection, ContentId id, std::int64_t number,
                  std::span<const std::byte> octets) {
  connection.run("INSERT INTO content_chunk (content_id, number, octets) VALUES (?, ?, ?)", id,
                 number, octets);
  if (connection.run_and_count("UPDATE content SET size = size + ? WHERE id = ? AND writer <> ?",
                               static_cast<std::int64_t>(octets.size()), id, garbage) == 0) {
    throw deleted(id);
  }
}

void assign_content(Connection& connection, ContentId id) {
  if (connection.run_and_count("UPDATE content SET writer = NULL WHERE id = ? AND writer <> ?", id,
                               garbage) == 0) {
    throw deleted(id);
  }
}

void require_owned_content(Connection& connection, ContentId id) {
  if (connection.run_and_count("UPDATE content SET writer = NULL WHERE id = ? AND writer IS NULL",
                               id) == 0) {
    throw deleted(id);
  }
}

/// The row is written in any case: of two transactions that take the last two attachments away, a
/// database that runs both at once must see that the later one decides anew.
void drop_if_disowned(Connection& connection, ContentId id) {
  connection.run(
      "UPDATE content SET writer = CASE WHEN EXISTS (SELECT 1 FROM attachment WHERE content_id = "
      "?1)"
      " THEN NULL ELSE ?2 END WHERE id = ?1",
      id, garbage);
  connection.run(
      "DELETE FROM content_chunk WHERE content_id ="
      " (SELECT id FROM content WHERE id = ? AND writer = ? AND size <= ?)",
      id, garbage, removed_at_once);
  connection.run("DELETE FROM content WHERE id = ? AND writer = ? AND size <= ?", id, garbage,
                 removed_at_once);
}

void make_garbage(Connection& connection, ContentId id) {
  connection.run("UPDATE content SET writer = ? WHERE id = ? AND writer IS NOT NULL", garbage, id);
}

void disown_writer(Connection& connection, std::int64_t writer) {
  connection.run("UPDATE content SET writer = ? WHERE writer = ?", garbage, writer);
}

bool sweep_some_garbage(Connection& connection) {
  auto row = connection.query("SELECT id FROM content WHERE writer = ? LIMIT 1", garbage);
  if (!row.next()) return false;
  const auto id = row.integer(0);
  const auto removed = connection.run_and_count(
      "DELETE FROM content_chunk WHERE content_id = ?1 AND number IN"
      " (SELECT number FROM content_chunk WHERE content_id = ?1 LIMIT ?2)",
      id, chunks_swept_at_once);
  if (removed < chunks_swept_at_once) connection.run("DELETE FROM content WHERE id = ?", id);
  return true;
}

}  // namespace postern::store
