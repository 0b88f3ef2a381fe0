// The loading of messages (message_table.h).
#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "mapi/property_tags.h"
#include "store/table/attachment_table.h"
#include "store/table/message_table.h"
#include "store/table/value_codec.h"

namespace postern::store {
namespace {

std::optional<LoadedMessage> load_parts(Connection& connection, const ContentOrigin& origin,
                                        MessageId id, int depth);

std::vector<mapi::Attachment> load_attachments(Connection& connection, const ContentOrigin& origin,
                                               MessageId id, int depth) {
  auto rows = load_attachment_rows(connection, origin, id);
  std::vector<mapi::Attachment> attachments;
  attachments.reserve(rows.size());
  for (auto& row : rows) {
    if (row.embedded) {
      auto embedded = load_parts(connection, origin, *row.embedded, depth + 1);
      row.attachment.embedded = std::make_shared<const mapi::Message>(
          embedded ? std::move(embedded->message) : mapi::Message{});
    }
    attachments.push_back(std::move(row.attachment));
  }
  return attachments;
}

void decode_recipients(std::span<const std::byte> octets, mapi::Message& into) {
  mapi::Recipient before;
  while (!octets.empty()) {
    mapi::Recipient recipient;
    octets = decode_first(recipient, octets, before);
    into.recipients.push_back(recipient);
    before = std::move(recipient);
  }
}

/// Those behind the first ones, if there can be any.
void load_more_recipients(Connection& connection, MessageId id, mapi::Message& into) {
  if (into.recipients.size() < recipients_together) return;
  auto row = connection.query(
      "SELECT properties FROM recipient WHERE message_id = ? ORDER BY position", id);
  while (row.next()) decode_recipients(row.blob(0), into);
}

/// What of a message lies in single rows, in one look. PostgreSQL answers each inner question by an
/// index; a join it might carry out by reading the other table as a whole.
#define POSTERN_SELECT_MESSAGE                                                          \
  "SELECT m.folder_id, m.change_number, m.message_flags, m.size,"                       \
  " (SELECT q.submit_flags FROM outgoing_queue q WHERE q.message_id = m.id),"           \
  " (SELECT 1 FROM attachment a WHERE a.message_id = m.id LIMIT 1), m.recipients,"      \
  " m.properties, (SELECT b.properties FROM message_body b WHERE b.message_id = m.id)," \
  " (SELECT t.properties FROM message_transcript t WHERE t.message_id = m.id), m.id"    \
  " FROM message m"
constexpr int first_properties = 7;
constexpr int last_properties = 9;
constexpr int own_id = 10;

MessageState current_state(const Query& row) {
  return {.folder = row.optional_integer(0).value_or(0),
          .change_number = row.integer(1),
          .message_flags = static_cast<std::int32_t>(row.integer(2)),
          .size = row.integer(3)};
}

/// What of a message lies in single rows.
struct SingleRows {
  MessageId id = 0;
  LoadedMessage loaded;
  bool has_attachments = false;
};

SingleRows single_rows(const Query& row) {
  SingleRows rows;
  auto& [id, loaded, has_attachments] = rows;
  id = row.integer(own_id);
  loaded.state = current_state(row);
  if (const auto flags = row.optional_integer(4)) {
    loaded.submit_flags = static_cast<std::int32_t>(*flags);
  }
  has_attachments = !row.is_null(5);
  for (int column = first_properties; column <= last_properties; ++column) {
    if (!row.is_null(column)) decode_into(loaded.message, row.blob(column));
  }
  decode_recipients(row.blob(6), loaded.message);
  return rows;
}

void load_further_rows(Connection& connection, const ContentOrigin& origin, int depth,
                       SingleRows& rows) {
  auto& message = rows.loaded.message;
  load_more_recipients(connection, rows.id, message);
  if (rows.has_attachments) {
    message.attachments = load_attachments(connection, origin, rows.id, depth);
  }
}

/// Returns false if what is read is damaged.
bool if_whole(const auto& read) {
  try {
    read();
    return true;
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_CORRUPT_STORE) throw;
    return false;
  }
}

/// Without what belongs to a message in a folder only.
std::optional<LoadedMessage> load_parts(Connection& connection, const ContentOrigin& origin,
                                        MessageId id, int depth) {
  if (depth > nesting_limit) {
    throw mapi::Failure(mapi::MAPI_E_CORRUPT_STORE,
                        "message " + std::to_string(id) + " is nested deeper than any can be");
  }
  SingleRows rows;
  {
    auto row = connection.query(POSTERN_SELECT_MESSAGE " WHERE m.id = ?", id);
    if (!row.next()) return std::nullopt;
    rows = single_rows(row);
  }
  load_further_rows(connection, origin, depth, rows);
  return std::move(rows.loaded);
}

/// Sets what belongs to a message in a folder only.
void set_facts(LoadedMessage& loaded, const ContentOrigin& origin, MessageId id) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  loaded.message.set(mapi::PR_MESSAGE_SIZE,
                     static_cast<std::int32_t>(std::min(loaded.state.size, most)));
  loaded.message.set(mapi::PR_MESSAGE_FLAGS, loaded.state.message_flags);
  loaded.message.set(mapi::PR_ENTRYID, make_entry_id(origin.store, ObjectKind::message, id).bytes);
}

/// One statement reads so many messages; 0 stands for none.
using Together = std::array<MessageId, 8>;

Query select_together(Connection& connection, const Together& ids) {
  constexpr std::int64_t smaller_than = 65'536;
  return std::apply(
      [&](auto... id) {
        return connection.query(POSTERN_SELECT_MESSAGE
                                " WHERE m.id IN (?, ?, ?, ?, ?, ?, ?, ?) AND m.size < ?",
                                id..., smaller_than);
      },
      ids);
}

std::vector<SingleRows> single_rows_together(Connection& connection, const Together& ids) {
  std::vector<SingleRows> found;
  auto row = select_together(connection, ids);
  while (row.next()) {
    if_whole([&] { found.push_back(single_rows(row)); });
  }
  return found;
}

}  // namespace

std::optional<MessageState> message_state(Connection& connection, MessageId id) {
  auto row = connection.query(
      "SELECT folder_id, change_number, message_flags, size FROM message"
      " WHERE id = ?",
      id);
  if (!row.next() || row.is_null(0)) return std::nullopt;  // embedded ones are in no folder
  return current_state(row);
}

std::optional<LoadedMessage> load_message(Connection& connection, const ContentOrigin& origin,
                                          MessageId id) {
  auto loaded = load_parts(connection, origin, id, 0);
  if (!loaded || loaded->state.folder == 0) return std::nullopt;
  set_facts(*loaded, origin, id);
  return loaded;
}

std::map<MessageId, LoadedMessage> load_small_messages(Connection& connection,
                                                       const ContentOrigin& origin,
                                                       std::span<const MessageId> ids) {
  std::map<MessageId, LoadedMessage> loaded;
  while (!ids.empty()) {
    Together together{};
    const auto count = std::min(ids.size(), together.size());
    std::ranges::copy(ids.first(count), together.begin());
    ids = ids.subspan(count);
    for (auto& rows : single_rows_together(connection, together)) {
      if (rows.loaded.state.folder == 0) continue;
      if (!if_whole([&] { load_further_rows(connection, origin, 0, rows); })) continue;
      set_facts(rows.loaded, origin, rows.id);
      loaded.emplace(rows.id, std::move(rows.loaded));
    }
  }
  return loaded;
}

mapi::Message load_what_is_intact(Connection& connection, const ContentOrigin& origin,
                                  MessageId id) {
  const auto intact = [](const auto& load) -> std::optional<mapi::Message> {
    mapi::Message message;
    if (!if_whole([&] { load(message); })) return std::nullopt;
    return message;
  };
  const auto all = [&](mapi::Message& into) {
    if (auto loaded = load_message(connection, origin, id)) into = std::move(loaded->message);
  };
  if (auto whole = intact(all)) return std::move(*whole);
  const auto small = [&](mapi::Message& into) {
    auto row = connection.query("SELECT properties FROM message WHERE id = ?", id);
    if (row.next()) decode_into(into, row.blob(0));
  };
  const auto rows = [&](mapi::Message& into) {
    {
      auto row = connection.query("SELECT recipients FROM message WHERE id = ?", id);
      if (row.next()) decode_recipients(row.blob(0), into);
    }
    load_more_recipients(connection, id, into);
  };
  auto rest = intact(small).value_or(mapi::Message{});
  rest.recipients = intact(rows).value_or(mapi::Message{}).recipients;
  if (const auto state = message_state(connection, id)) {
    rest.set(mapi::PR_MESSAGE_FLAGS, state->message_flags);
  }
  return rest;
}

std::vector<mapi::Attachment> load_attachments(Connection& connection, const ContentOrigin& origin,
                                               MessageId id) {
  return load_attachments(connection, origin, id, 0);
}

}  // namespace postern::store
