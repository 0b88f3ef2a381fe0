#include "store/table/message_table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string>
#include <tuple>

#include "mapi/property_tags.h"
#include "store/table/attachment_table.h"
#include "store/table/value_codec.h"

namespace postern::store {
namespace {

// Properties as heavy as this are rows of their own: a new retry time must not rewrite the body.
constexpr std::size_t bulky = 2'048;

/// Columns of the store and facts about this very message, set when it is loaded.
constexpr std::array<std::uint16_t, 4> kept_elsewhere{
    mapi::PR_MESSAGE_FLAGS.id, mapi::PR_SUBMIT_FLAGS.id, mapi::PR_MESSAGE_SIZE.id,
    mapi::PR_ENTRYID.id};

/// An embedded message has no state in the store: it keeps all its properties as they are.
enum class MessagePlace { in_folder, embedded };

Selection selection(MessagePlace place, std::size_t smallest, std::size_t beyond) {
  Selection selected{.smallest = smallest, .beyond = beyond, .except = {}};
  if (place == MessagePlace::in_folder) selected.except = kept_elsewhere;
  return selected;
}
Selection small_properties(MessagePlace place) {
  return selection(place, 0, bulky);
}
Selection large_properties(MessagePlace place) {
  return selection(place, bulky, std::numeric_limits<std::size_t>::max());
}

std::uint64_t message_size(const mapi::Message& message) {
  std::uint64_t size = values_size(message);
  for (const auto& recipient : message.recipients) size += values_size(recipient);
  for (const auto& attachment : message.attachments) {
    size += values_size(attachment) + attachment.data.size();
    if (attachment.embedded) size += message_size(*attachment.embedded);
  }
  return size;
}

/// The columns of the tables a message is listed in, and those it is found by.
struct ListingColumns {
  std::string message_class;
  std::string subject;
  std::string sender_name;
  std::string display_to;
  std::string display_cc;
  std::string display_bcc;
  std::int64_t priority = 0;
  std::optional<std::int64_t> time;
  std::optional<std::string> envelope_id;
  std::optional<std::string> internet_message_id;
  friend bool operator==(const ListingColumns&, const ListingColumns&) = default;
};

ListingColumns listing_columns(const mapi::Message& message) {
  const auto text = [&message](auto tag) { return std::string(message.get_or(tag, "")); };
  const auto key = [&text](auto tag) {
    auto value = text(tag);
    return value.empty() ? std::nullopt : std::optional(std::move(value));
  };
  ListingColumns columns{
      .message_class = text(mapi::PR_MESSAGE_CLASS),
      .subject = text(mapi::PR_SUBJECT),
      .sender_name = std::string(message.get_or(
          mapi::PR_SENDER_NAME, message.get_or(mapi::PR_SENT_REPRESENTING_NAME, ""))),
      .display_to = text(mapi::PR_DISPLAY_TO),
      .display_cc = text(mapi::PR_DISPLAY_CC),
      .display_bcc = text(mapi::PR_DISPLAY_BCC),
      .priority = message.get_or(mapi::PR_PRIORITY, 0),
      .time = std::nullopt,
      .envelope_id = key(mapi::PR_POSTERN_ENVELOPE_ID),
      .internet_message_id = key(mapi::PR_INTERNET_MESSAGE_ID),
  };
  auto time = message.get(mapi::PR_MESSAGE_DELIVERY_TIME);
  if (!time) time = message.get(mapi::PR_CLIENT_SUBMIT_TIME);
  if (time) columns.time = static_cast<std::int64_t>(time->ticks);
  return columns;
}

void write_properties(SqliteConnection& connection, MessageId id, const ListingColumns& columns,
                      std::span<const std::byte> properties) {
  connection.run(
      "INSERT OR REPLACE INTO message_properties (message_id, message_class, subject, sender_name,"
      " display_to, display_cc, display_bcc, priority, time, properties, envelope_id,"
      " internet_message_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      id, columns.message_class, columns.subject, columns.sender_name, columns.display_to,
      columns.display_cc, columns.display_bcc, columns.priority, columns.time, properties,
      columns.envelope_id, columns.internet_message_id);
}

void write_body(SqliteConnection& connection, MessageId id, const mapi::Message& message,
                MessagePlace place) {
  if (nothing_selected(message, large_properties(place))) {
    connection.run("DELETE FROM message_body WHERE message_id = ?", id);
    return;
  }
  const auto body = encode(message, large_properties(place));
  connection.run("INSERT OR REPLACE INTO message_body (message_id, properties) VALUES (?, ?)", id,
                 std::span(body));
}

void write_recipient(SqliteConnection& connection, MessageId id, std::size_t position,
                     const mapi::Recipient& recipient) {
  const auto properties = encode(recipient);
  connection.run(
      "INSERT OR REPLACE INTO recipient (message_id, position, properties) VALUES (?, ?, ?)", id,
      static_cast<std::int64_t>(position), std::span(properties));
}

/// Everything of a message whose row `message` was just made.
void insert_parts(SqliteConnection& connection, MessageId id, const mapi::Message& message,
                  MessagePlace place, ContentPlacement& contents) {
  const auto properties = encode(message, small_properties(place));
  write_properties(connection, id, listing_columns(message), properties);
  if (!nothing_selected(message, large_properties(place))) {
    write_body(connection, id, message, place);
  }
  for (std::size_t i = 0; i < message.recipients.size(); ++i) {
    write_recipient(connection, id, i, message.recipients[i]);
  }
  for (std::size_t i = 0; i < message.attachments.size(); ++i) {
    insert_attachment(connection, id, i, message.attachments[i], contents);
  }
}

void update_recipients(SqliteConnection& connection, MessageId id, const mapi::Message& base,
                       const mapi::Message& value) {
  const auto& before = base.recipients;
  const auto& after = value.recipients;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (i >= before.size() || !(before[i] == after[i])) {
      write_recipient(connection, id, i, after[i]);
    }
  }
  if (after.size() < before.size()) {
    connection.run("DELETE FROM recipient WHERE message_id = ? AND position >= ?", id,
                   static_cast<std::int64_t>(after.size()));
  }
}

mapi::Message load_parts(SqliteConnection& connection, const ContentOrigin& origin, MessageId id,
                         int depth);

std::vector<mapi::Attachment> load_attachments(SqliteConnection& connection,
                                               const ContentOrigin& origin, MessageId id,
                                               int depth) {
  auto rows = load_attachment_rows(connection, origin, id);
  std::vector<mapi::Attachment> attachments;
  attachments.reserve(rows.size());
  for (auto& row : rows) {
    if (row.embedded) {
      row.attachment.embedded = std::make_shared<const mapi::Message>(
          load_parts(connection, origin, *row.embedded, depth + 1));
    }
    attachments.push_back(std::move(row.attachment));
  }
  return attachments;
}

mapi::Message load_parts(SqliteConnection& connection, const ContentOrigin& origin, MessageId id,
                         int depth) {
  if (depth > nesting_limit) {
    throw mapi::Failure(mapi::MAPI_E_CORRUPT_STORE,
                        "message " + std::to_string(id) + " is nested deeper than any can be");
  }
  mapi::Message message;
  for (const auto* table : {"SELECT properties FROM message_properties WHERE message_id = ?",
                            "SELECT properties FROM message_body WHERE message_id = ?"}) {
    auto row = connection.query(table, id);
    if (row.next()) decode_into(message, row.blob(0));
  }
  auto recipients = connection.query(
      "SELECT properties FROM recipient WHERE message_id = ? ORDER BY position", id);
  while (recipients.next()) decode_into(message.recipients.emplace_back(), recipients.blob(0));
  message.attachments = load_attachments(connection, origin, id, depth);
  return message;
}

}  // namespace

std::optional<MessageState> message_state(SqliteConnection& connection, MessageId id) {
  auto row = connection.query(
      "SELECT folder_id, change_number, message_flags FROM message"
      " WHERE id = ? AND folder_id IS NOT NULL",
      id);
  if (!row.next()) return std::nullopt;
  return MessageState{.folder = row.integer(0),
                      .change_number = row.integer(1),
                      .message_flags = static_cast<std::int32_t>(row.integer(2))};
}

bool ever_existed(SqliteConnection& connection, MessageId id) {
  auto row = connection.query("SELECT seq FROM sqlite_sequence WHERE name = 'message'");
  return row.next() && id >= 1 && id <= row.integer(0);
}

mapi::Message load_message(SqliteConnection& connection, const ContentOrigin& origin,
                           MessageId id) {
  auto message = load_parts(connection, origin, id, 0);
  auto row = connection.query("SELECT message_flags, size FROM message WHERE id = ?", id);
  if (row.next()) {
    message.set(mapi::PR_MESSAGE_FLAGS, static_cast<std::int32_t>(row.integer(0)));
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    message.set(mapi::PR_MESSAGE_SIZE, static_cast<std::int32_t>(std::min(row.integer(1), most)));
  }
  message.set(mapi::PR_ENTRYID, make_entry_id(origin.store, ObjectKind::message, id).bytes);
  return message;
}

std::vector<mapi::Attachment> load_attachments(SqliteConnection& connection,
                                               const ContentOrigin& origin, MessageId id) {
  return load_attachments(connection, origin, id, 0);
}

MessageId insert_message(SqliteConnection& connection, FolderId folder,
                         const mapi::Message& message, std::int32_t message_flags,
                         ContentPlacement& contents) {
  connection.run("INSERT INTO message (folder_id, message_flags, size) VALUES (?, ?, ?)", folder,
                 message_flags, static_cast<std::int64_t>(message_size(message)));
  const auto id = connection.last_insert_id();
  insert_parts(connection, id, message, MessagePlace::in_folder, contents);
  return id;
}

void insert_embedded_message(SqliteConnection& connection, std::int64_t attachment_id,
                             const mapi::Message& message, ContentPlacement& contents) {
  connection.run("INSERT INTO message (attachment_id, message_flags, size) VALUES (?, 0, ?)",
                 attachment_id, static_cast<std::int64_t>(message_size(message)));
  insert_parts(connection, connection.last_insert_id(), message, MessagePlace::embedded, contents);
}

void update_message(SqliteConnection& connection, MessageId id, const mapi::Message& base,
                    const mapi::Message& value, std::int32_t message_flags,
                    ContentPlacement& contents) {
  const auto columns = listing_columns(value);
  const auto properties = encode(value, small_properties(MessagePlace::in_folder));
  if (properties != encode(base, small_properties(MessagePlace::in_folder)) ||
      columns != listing_columns(base)) {
    write_properties(connection, id, columns, properties);
  }
  if (encode(value, large_properties(MessagePlace::in_folder)) !=
      encode(base, large_properties(MessagePlace::in_folder))) {
    write_body(connection, id, value, MessagePlace::in_folder);
  }
  update_recipients(connection, id, base, value);
  update_attachments(connection, id, base.attachments, value.attachments, contents);
  connection.run(
      "UPDATE message SET change_number = change_number + 1, message_flags = ?, size = ?"
      " WHERE id = ?",
      message_flags, static_cast<std::int64_t>(message_size(value)), id);
}

void move_message(SqliteConnection& connection, MessageId id, FolderId folder) {
  connection.run("UPDATE message SET folder_id = ? WHERE id = ?", folder, id);
}

void delete_message(SqliteConnection& connection, MessageId id) {
  connection.run("DELETE FROM message WHERE id = ?", id);  // its parts follow by the tables' rules
}

bool folder_exists(SqliteConnection& connection, FolderId folder) {
  return connection.query("SELECT 1 FROM folder WHERE id = ?", folder).next();
}

std::vector<MessageId> messages_with(SqliteConnection& connection, mapi::MsgStore::Correlator by,
                                     std::string_view value, std::size_t limit) {
  std::vector<MessageId> found;
  auto row = connection.query(
      by == mapi::MsgStore::Correlator::envelope_id
          ? "SELECT m.id FROM message_properties p JOIN message m ON m.id = p.message_id"
            " WHERE p.envelope_id = ? AND m.folder_id IS NOT NULL ORDER BY m.id DESC LIMIT ?"
          : "SELECT m.id FROM message_properties p JOIN message m ON m.id = p.message_id"
            " WHERE p.internet_message_id = ? AND m.folder_id IS NOT NULL"
            " ORDER BY m.id DESC LIMIT ?",
      std::string(value), static_cast<std::int64_t>(limit));
  while (row.next()) found.push_back(row.integer(0));
  return found;
}

std::vector<mapi::ContentsRow> folder_contents(SqliteConnection& connection, const StoreUid& store,
                                               FolderId folder) {
  std::vector<mapi::ContentsRow> contents;
  auto row = connection.query(
      "SELECT m.id, p.message_class, p.subject, p.sender_name, p.display_to, m.message_flags,"
      " m.size, p.time FROM message m JOIN message_properties p ON p.message_id = m.id"
      " WHERE m.folder_id = ? ORDER BY m.id",
      folder);
  while (row.next()) {
    auto& found = contents.emplace_back();
    found.entry_id = make_entry_id(store, ObjectKind::message, row.integer(0));
    found.message_class = row.text(1);
    found.subject = row.text(2);
    found.sender_name = row.text(3);
    found.display_to = row.text(4);
    found.message_flags = static_cast<std::int32_t>(row.integer(5));
    found.message_size = static_cast<std::uint64_t>(row.integer(6));
    if (const auto time = row.optional_integer(7)) {
      found.time = mapi::FileTime{static_cast<std::uint64_t>(*time)};
    }
  }
  return contents;
}

}  // namespace postern::store
