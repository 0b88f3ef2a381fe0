#include "store/table/attachment_table.h"

#include <span>

#include "mapi/property_tags.h"
#include "store/table/value_codec.h"

namespace postern::store {
namespace {

bool has_equal_properties(const mapi::Attachment& left, const mapi::Attachment& right) {
  return static_cast<const mapi::PropertyBag&>(left) ==
         static_cast<const mapi::PropertyBag&>(right);
}

std::vector<std::int64_t> row_ids(Connection& connection, std::int64_t message_id) {
  return numbers_of(connection.query(
      "SELECT id FROM attachment WHERE message_id = ? ORDER BY position", message_id));
}

/// The row goes before what is embedded in it: in a damaged store they may lie in a circle.
void delete_attachment(Connection& connection, std::int64_t id) {
  connection.run("DELETE FROM attachment WHERE id = ?", id);
  delete_embedded_message(connection, id);
}

}  // namespace

std::vector<ContentId> contents_below(Connection& connection, std::int64_t message_id) {
  return numbers_of(connection.query(
      "WITH RECURSIVE below (id) AS (SELECT id FROM message WHERE id = ? UNION ALL"
      " SELECT m.id FROM below b JOIN attachment a ON a.message_id = b.id"
      " JOIN message m ON m.attachment_id = a.id)"
      " SELECT DISTINCT a.content_id FROM below b JOIN attachment a ON a.message_id = b.id"
      " WHERE a.content_id IS NOT NULL",
      message_id));
}

std::vector<AttachmentRow> load_attachment_rows(Connection& connection, const ContentOrigin& origin,
                                                std::int64_t message_id) {
  std::vector<AttachmentRow> rows;
  auto row = connection.query(
      "SELECT a.properties, a.content_id, c.size, m.id FROM attachment a"
      " LEFT JOIN content c ON c.id = a.content_id LEFT JOIN message m ON m.attachment_id = a.id"
      " WHERE a.message_id = ? ORDER BY a.position",
      message_id);
  while (row.next()) {
    auto& found = rows.emplace_back();
    decode_into(found.attachment, row.blob(0));
    if (const auto content = row.optional_integer(1)) {
      found.attachment.data =
          stored_content(origin, *content, static_cast<std::uint64_t>(row.integer(2)));
    }
    found.embedded = row.optional_integer(3);
  }
  return rows;
}

void insert_attachment(Connection& connection, std::int64_t message_id, std::size_t position,
                       const mapi::Attachment& attachment, ContentPlacement& contents) {
  const auto properties = encode(attachment);
  const auto id =
      connection.insert(Numbered::attachment,
                        "INSERT INTO attachment (id, message_id, position, content_id, properties)"
                        " VALUES (?, ?, ?, ?, ?)",
                        message_id, static_cast<std::int64_t>(position),
                        contents.id_of(attachment.data), std::span<const std::byte>(properties));
  if (attachment.embedded) {
    insert_embedded_message(connection, id, *attachment.embedded, contents);
  }
}

void update_attachments(Connection& connection, std::int64_t message_id,
                        const std::vector<mapi::Attachment>& before,
                        const std::vector<mapi::Attachment>& after, ContentPlacement& contents) {
  std::vector<std::size_t> replaced;  // positions of `before` whose rows go
  for (std::size_t i = after.size(); i < before.size(); ++i) replaced.push_back(i);
  const auto ids = before.empty() ? std::vector<std::int64_t>{} : row_ids(connection, message_id);
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (i >= before.size() || !mapi::has_same_content(before[i], after[i])) {
      insert_attachment(connection, message_id, i, after[i], contents);
      if (i < before.size()) replaced.push_back(i);
    } else if (!has_equal_properties(before[i], after[i])) {
      const auto properties = encode(after[i]);
      connection.run("UPDATE attachment SET properties = ? WHERE id = ?",
                     std::span<const std::byte>(properties), ids.at(i));
    }
  }
  if (replaced.empty()) return;
  // Last, so that content which only changed its position never loses its last attachment.
  const auto contents_before = contents_below(connection, message_id);
  for (const auto i : replaced) delete_attachment(connection, ids.at(i));
  for (const auto content : contents_before) drop_if_disowned(connection, content);
}

void delete_attachments(Connection& connection, std::int64_t message_id) {
  for (const auto id : row_ids(connection, message_id)) delete_attachment(connection, id);
}

}  // namespace postern::store
