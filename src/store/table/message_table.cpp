#include "store/table/message_table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "mapi/property_tags.h"
#include "session/folders.h"
#include "store/table/attachment_table.h"
#include "store/table/value_codec.h"

namespace postern::store {
namespace {

// Properties as heavy as this have a row of their own: a new retry time must not rewrite the body.
// What a store holds was divided by it: by another value, an update would leave the old rows there.
constexpr std::size_t bulky = 2'048;

/// Columns of the store and facts about this very message, set when it is loaded; and the
/// transcript, which each attempt replaces and which has a row of its own for that.
constexpr std::array<std::uint16_t, 5> kept_elsewhere{
    mapi::PR_MESSAGE_FLAGS.id, mapi::PR_SUBMIT_FLAGS.id, mapi::PR_MESSAGE_SIZE.id,
    mapi::PR_ENTRYID.id, mapi::PR_POSTERN_TRANSCRIPT.id};

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

std::int64_t signed_size(std::uint64_t octets) {
  return static_cast<std::int64_t>(octets);
}

std::int64_t message_size(const mapi::Message& message);

std::int64_t size_without_recipients(const mapi::Message& message) {
  auto size = signed_size(values_size(message));
  for (const auto& attachment : message.attachments) {
    size += signed_size(values_size(attachment) + attachment.data.size());
    if (attachment.embedded) size += message_size(*attachment.embedded);
  }
  return size;
}

std::int64_t message_size(const mapi::Message& message) {
  auto size = size_without_recipients(message);
  for (const auto& recipient : message.recipients) size += signed_size(values_size(recipient));
  return size;
}

/// By how much the message has grown. Of its rows, those that have changed are measured.
std::int64_t growth(const mapi::Message& before, const mapi::Message& after) {
  auto growth = size_without_recipients(after) - size_without_recipients(before);
  const auto& rows_before = before.recipients;
  const auto& rows_after = after.recipients;
  for (std::size_t i = 0; i < std::max(rows_before.size(), rows_after.size()); ++i) {
    const bool in_both = i < rows_before.size() && i < rows_after.size();
    if (in_both && rows_before[i] == rows_after[i]) continue;
    if (i < rows_after.size()) growth += signed_size(values_size(rows_after[i]));
    if (i < rows_before.size()) growth -= signed_size(values_size(rows_before[i]));
  }
  return growth;
}

/// The columns of the tables a message is listed in, and those it is found by. Those that are shown
/// are cut as the tables show them, so that a page does not read the names of ten thousand
/// recipients.
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

/// By which a message is found: databases limit what is in an index.
std::string key_of(std::string_view value) {
  constexpr std::size_t longest_key = 900;
  return std::string(value.substr(0, longest_key));
}

ListingColumns listing_columns(const mapi::Message& message) {
  const auto text = [&message](auto tag) { return session::table_text(message.get_or(tag, "")); };
  const auto key = [&message](auto tag) {
    const auto value = message.get_or(tag, "");
    return value.empty() ? std::nullopt : std::optional(key_of(value));
  };
  ListingColumns columns{
      .message_class = text(mapi::PR_MESSAGE_CLASS),
      .subject = text(mapi::PR_SUBJECT),
      .sender_name = session::table_text(message.get_or(
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

void write_body(Connection& connection, MessageId id, const mapi::Message& message,
                MessagePlace place) {
  if (nothing_selected(message, large_properties(place))) {
    connection.run("DELETE FROM message_body WHERE message_id = ?", id);
    return;
  }
  const auto body = encode(message, large_properties(place));
  connection.run(
      "INSERT INTO message_body (message_id, properties) VALUES (?, ?)"
      " ON CONFLICT (message_id) DO UPDATE SET properties = excluded.properties",
      id, std::span<const std::byte>(body));
}

/// The transcript alone, or nothing.
mapi::PropertyBag transcript_of(const mapi::Message& message) {
  mapi::PropertyBag bag;
  bag.copy(mapi::PR_POSTERN_TRANSCRIPT, message, mapi::PR_POSTERN_TRANSCRIPT);
  return bag;
}

void write_transcript(Connection& connection, MessageId id, const mapi::PropertyBag& bag) {
  if (bag == mapi::PropertyBag{}) {
    connection.run("DELETE FROM message_transcript WHERE message_id = ?", id);
    return;
  }
  const auto transcript = encode(bag);
  connection.run(
      "INSERT INTO message_transcript (message_id, properties) VALUES (?, ?)"
      " ON CONFLICT (message_id) DO UPDATE SET properties = excluded.properties",
      id, std::span<const std::byte>(transcript));
}

/// Whether it lies among the other properties still, in a store that was made before it had a
/// table.
bool has_transcript_elsewhere(Connection& connection, MessageId id, const mapi::Message& base) {
  return base.find(mapi::PR_POSTERN_TRANSCRIPT.id) != nullptr &&
         !connection.query("SELECT 1 FROM message_transcript WHERE message_id = ?", id).next();
}

using Rows = std::span<const mapi::Recipient>;

/// The rows that lie with `position`, the first of them.
Rows rows_at(const mapi::Message& message, std::size_t position) {
  const Rows all = message.recipients;
  if (position >= all.size()) return {};
  return all.subspan(position, std::min(recipients_together, all.size() - position));
}

std::vector<std::byte> encode_together(Rows rows) {
  std::vector<std::byte> octets;
  const mapi::Recipient nobody;
  const auto* before = &nobody;
  for (const auto& row : rows) append_encoded(octets, row, *std::exchange(before, &row));
  return octets;
}

/// What lies in the row of the message itself besides its state.
struct OwnRow {
  ListingColumns listing;
  std::vector<std::byte> properties;
  std::vector<std::byte> recipients;  ///< the first ones
};

OwnRow own_row(const mapi::Message& message, MessagePlace place) {
  return {.listing = listing_columns(message),
          .properties = encode(message, small_properties(place)),
          .recipients = encode_together(rows_at(message, 0))};
}

void update_listing(Connection& connection, MessageId id, const ListingColumns& columns) {
  connection.run(
      "UPDATE message SET message_class = ?, subject = ?, sender_name = ?, display_to = ?,"
      " display_cc = ?, display_bcc = ?, priority = ?, time = ?, envelope_id = ?,"
      " internet_message_id = ? WHERE id = ?",
      columns.message_class, columns.subject, columns.sender_name, columns.display_to,
      columns.display_cc, columns.display_bcc, columns.priority, columns.time, columns.envelope_id,
      columns.internet_message_id, id);
}

using Octets = std::optional<std::span<const std::byte>>;

/// Returns whether all properties were written anew.
bool update_transcript(Connection& connection, MessageId id, const mapi::Message& base,
                       const mapi::Message& value) {
  const auto transcript = transcript_of(value);
  if (transcript == transcript_of(base)) return false;
  const bool anew = has_transcript_elsewhere(connection, id, base);
  write_transcript(connection, id, transcript);
  return anew;
}

/// Writes what differs in the row of the message, and in those of its properties.
void update_row(Connection& connection, MessageId id, const mapi::Message& base,
                const mapi::Message& value, std::int32_t message_flags, std::int64_t growth,
                std::optional<FolderId> folder) {
  constexpr auto place = MessagePlace::in_folder;
  const bool anew = update_transcript(connection, id, base, value);
  const auto before = own_row(base, place);
  const auto after = own_row(value, place);
  if (before.listing != after.listing) update_listing(connection, id, after.listing);
  const auto changed = [](const auto& old_octets, const auto& octets, bool is_changed) {
    return is_changed || octets != old_octets ? Octets(octets) : std::nullopt;
  };
#define POSTERN_UPDATE_MESSAGE                                                                \
  "UPDATE message SET change_number = change_number + 1, message_flags = ?, size = size + ?," \
  " properties = COALESCE(?, properties), recipients = COALESCE(?, recipients)"
  const auto properties = changed(before.properties, after.properties, anew);
  const auto recipients = changed(before.recipients, after.recipients, false);
  if (folder) {
    connection.run(POSTERN_UPDATE_MESSAGE ", folder_id = ? WHERE id = ?", message_flags, growth,
                   properties, recipients, *folder, id);
  } else {
    connection.run(POSTERN_UPDATE_MESSAGE " WHERE id = ?", message_flags, growth, properties,
                   recipients, id);
  }
#undef POSTERN_UPDATE_MESSAGE
  if (anew || encode(value, large_properties(place)) != encode(base, large_properties(place))) {
    write_body(connection, id, value, place);
  }
}

void insert_recipients(Connection& connection, MessageId id, std::size_t position, Rows rows) {
  const auto properties = encode_together(rows);
  connection.run("INSERT INTO recipient (message_id, position, properties) VALUES (?, ?, ?)", id,
                 static_cast<std::int64_t>(position), std::span<const std::byte>(properties));
}

void update_recipients(Connection& connection, MessageId id, std::size_t position, Rows rows) {
  const auto properties = encode_together(rows);
  connection.run("UPDATE recipient SET properties = ?3 WHERE message_id = ?1 AND position = ?2", id,
                 static_cast<std::int64_t>(position), std::span<const std::byte>(properties));
}

void delete_recipients(Connection& connection, MessageId id, std::size_t position) {
  connection.run("DELETE FROM recipient WHERE message_id = ? AND position = ?", id,
                 static_cast<std::int64_t>(position));
}

/// Everything of a message whose row `message` was just made.
void insert_parts(Connection& connection, MessageId id, const mapi::Message& message,
                  MessagePlace place, ContentPlacement& contents) {
  if (!nothing_selected(message, large_properties(place))) {
    write_body(connection, id, message, place);
  }
  if (place == MessagePlace::in_folder && message.find(mapi::PR_POSTERN_TRANSCRIPT.id) != nullptr) {
    write_transcript(connection, id, transcript_of(message));
  }
  for (auto i = recipients_together; i < message.recipients.size(); i += recipients_together) {
    insert_recipients(connection, id, i, rows_at(message, i));
  }
  for (std::size_t i = 0; i < message.attachments.size(); ++i) {
    insert_attachment(connection, id, i, message.attachments[i], contents);
  }
}

/// In a folder or an attachment.
MessageId insert_row(Connection& connection, std::optional<FolderId> folder,
                     std::optional<std::int64_t> attachment, const mapi::Message& message,
                     std::int32_t message_flags) {
  const auto row = own_row(message, folder ? MessagePlace::in_folder : MessagePlace::embedded);
  const auto& columns = row.listing;
  return connection.insert(
      Numbered::message,
      "INSERT INTO message (id, folder_id, attachment_id, message_flags, size, message_class,"
      " subject, sender_name, display_to, display_cc, display_bcc, priority, time, envelope_id,"
      " internet_message_id, properties, recipients)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      folder, attachment, std::int64_t{message_flags}, message_size(message), columns.message_class,
      columns.subject, columns.sender_name, columns.display_to, columns.display_cc,
      columns.display_bcc, columns.priority, columns.time, columns.envelope_id,
      columns.internet_message_id, std::span<const std::byte>(row.properties),
      std::span<const std::byte>(row.recipients));
}

/// Those that do not lie in the row of the message.
void update_recipients(Connection& connection, MessageId id, const mapi::Message& base,
                       const mapi::Message& value) {
  const auto count = std::max(base.recipients.size(), value.recipients.size());
  for (auto i = recipients_together; i < count; i += recipients_together) {
    const auto before = rows_at(base, i);
    const auto after = rows_at(value, i);
    if (std::ranges::equal(before, after)) continue;
    if (before.empty()) {
      insert_recipients(connection, id, i, after);
    } else if (after.empty()) {
      delete_recipients(connection, id, i);
    } else {
      update_recipients(connection, id, i, after);
    }
  }
}

/// Which rows a message has besides its own.
struct Parts {
  bool body = false;
  bool transcript = false;
  bool recipients = false;
  bool attachments = false;
};

/// Most messages have none, or one: to ask for all costs less than to delete what is not there.
Parts parts_of(Connection& connection, MessageId id) {
  auto row = connection.query(
      "SELECT EXISTS (SELECT 1 FROM message_body WHERE message_id = ?1),"
      " EXISTS (SELECT 1 FROM message_transcript WHERE message_id = ?1),"
      " EXISTS (SELECT 1 FROM recipient WHERE message_id = ?1),"
      " EXISTS (SELECT 1 FROM attachment WHERE message_id = ?1)",
      id);
  if (!row.next()) return {};
  return {.body = row.integer(0) != 0,
          .transcript = row.integer(1) != 0,
          .recipients = row.integer(2) != 0,
          .attachments = row.integer(3) != 0};
}

void delete_with_parts(Connection& connection, MessageId id, const Parts& parts) {
  if (parts.body) connection.run("DELETE FROM message_body WHERE message_id = ?", id);
  if (parts.transcript) connection.run("DELETE FROM message_transcript WHERE message_id = ?", id);
  if (parts.recipients) connection.run("DELETE FROM recipient WHERE message_id = ?", id);
  if (parts.attachments) delete_attachments(connection, id);
  connection.run("DELETE FROM message WHERE id = ?", id);
}

}  // namespace

bool ever_existed(Connection& connection, MessageId id) {
  return id >= 1 && id <= connection.last_message();
}

MessageId insert_message(Connection& connection, FolderId folder, const mapi::Message& message,
                         std::int32_t message_flags, ContentPlacement& contents) {
  const auto id = insert_row(connection, folder, std::nullopt, message, message_flags);
  insert_parts(connection, id, message, MessagePlace::in_folder, contents);
  return id;
}

void insert_embedded_message(Connection& connection, std::int64_t attachment_id,
                             const mapi::Message& message, ContentPlacement& contents) {
  const auto id = insert_row(connection, std::nullopt, attachment_id, message, 0);
  insert_parts(connection, id, message, MessagePlace::embedded, contents);
}

void update_message(Connection& connection, MessageId id, const mapi::Message& base,
                    const mapi::Message& value, std::int32_t message_flags,
                    ContentPlacement& contents, std::optional<FolderId> folder) {
  update_row(connection, id, base, value, message_flags, growth(base, value), folder);
  update_recipients(connection, id, base, value);
  update_attachments(connection, id, base.attachments, value.attachments, contents);
}

void set_message_flags(Connection& connection, MessageId id, std::int32_t message_flags) {
  connection.run(
      "UPDATE message SET change_number = change_number + 1, message_flags = ? WHERE id = ?",
      message_flags, id);
}

void move_message(Connection& connection, MessageId id, FolderId folder) {
  connection.run("UPDATE message SET folder_id = ? WHERE id = ?", folder, id);
}

bool delete_message(Connection& connection, MessageId id) {
  const auto parts = parts_of(connection, id);
  const auto contents =
      parts.attachments ? contents_below(connection, id) : std::vector<ContentId>{};
  delete_with_parts(connection, id, parts);
  for (const auto content : contents) drop_if_disowned(connection, content);
  return !contents.empty();
}

void delete_embedded_message(Connection& connection, std::int64_t attachment_id) {
  const auto embedded =
      numbers_of(connection.query("SELECT id FROM message WHERE attachment_id = ?", attachment_id));
  for (const auto id : embedded) delete_with_parts(connection, id, parts_of(connection, id));
}

/// Place and order are expressions, so that no other index than that of the value is looked
/// through.
std::vector<MessageId> messages_with(Connection& connection, mapi::MsgStore::Correlator by,
                                     std::string_view value, std::size_t limit) {
  return numbers_of(connection.query(
      by == mapi::MsgStore::Correlator::envelope_id
          ? "SELECT id FROM message WHERE envelope_id = ? AND COALESCE(folder_id, 0) <> 0"
            " ORDER BY -id LIMIT ?"
          : "SELECT id FROM message WHERE internet_message_id = ? AND COALESCE(folder_id, 0) <> 0"
            " ORDER BY -id LIMIT ?",
      key_of(value), static_cast<std::int64_t>(limit)));
}

}  // namespace postern::store
