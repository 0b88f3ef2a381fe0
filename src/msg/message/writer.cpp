// msg::write: a message into the storages of a new .msg file (mapi-to-mime.md §1).
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mapi/code_page.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "msg/compound/compound_file_writer.h"
#include "msg/compound/little_endian.h"
#include "msg/compound/new_file.h"
#include "msg/compound/ole_content.h"
#include "msg/message/nesting.h"
#include "msg/msg_file.h"
#include "msg/property/named_properties.h"
#include "msg/property/property_encoder.h"
#include "msg/property/stored_properties.h"
#include "msg/property/stream_names.h"

namespace postern::msg {
namespace {

using Octets = std::vector<std::byte>;

constexpr std::int32_t store_unicode_ok = 0x00040000;
constexpr std::uint32_t readable_and_writeable = 6;
constexpr std::uint32_t object_size = 0xFFFFFFFF;
constexpr std::uint32_t object_is_message = 1;
constexpr std::uint32_t object_is_storage = 4;
/// {00020D0B-0000-0000-C000-000000000046}, by which Outlook knows its own files.
constexpr mapi::Guid message_class_id = mapi::office_property_set(0x00020D0B);

/// The property stream of one object while it is being made.
class PropertyStream {
 public:
  explicit PropertyStream(Octets header) : octets_(std::move(header)) {}

  void add(std::uint16_t id, std::uint16_t type, std::uint64_t value) {
    append(octets_, type);
    append(octets_, id);
    append(octets_, readable_and_writeable);
    append(octets_, value);
  }
  [[nodiscard]] const Octets& octets() const { return octets_; }

 private:
  Octets octets_;
};

Octets row_header() {
  return Octets(row_header_size);
}

Octets message_header(const mapi::Message& message, std::size_t size) {
  const auto recipients = static_cast<std::uint32_t>(message.recipients.size());
  const auto attachments = static_cast<std::uint32_t>(message.attachments.size());
  Octets header(8);
  append(header, recipients);  // the number of the next one
  append(header, attachments);
  append(header, recipients);  // how many there are
  append(header, attachments);
  header.resize(size);
  return header;
}

class MessageWriter {
 public:
  explicit MessageWriter(StringType strings) : strings_(strings) {}

  void write_root(const mapi::Message& message, StorageWriter& root) {
    ClassId class_id;
    for (std::size_t i = 0; i < class_id.size(); ++i) {
      class_id[i] = static_cast<std::byte>(message_class_id.bytes[i]);
    }
    root.set_class_id(class_id);
    write_message(message, root, root_header_size, 0);
    auto map = root.storage(std::string(named_property_storage_name));
    for (const auto& stream : named_properties_.streams()) map.stream(stream.name, stream.octets);
  }

 private:
  void write_message(const mapi::Message& message, StorageWriter& storage, std::size_t header_size,
                     int depth);
  void write_attachment(const mapi::Attachment& attachment, StorageWriter storage, int depth);
  void write_attachment_data(const mapi::Attachment& attachment, StorageWriter& storage,
                             PropertyStream& properties, int depth);
  void write_properties(const mapi::PropertyBag& bag, StorageWriter& storage,
                        PropertyStream& properties);
  void write_property(std::uint16_t id, const mapi::PropertyValue& value, StorageWriter& storage,
                      PropertyStream& properties);
  [[nodiscard]] mapi::PropertyBag with_string_type(const mapi::Message& message) const;

  StringType strings_;
  NamedPropertiesWriter named_properties_;
};

void finish(const PropertyStream& properties, StorageWriter& storage) {
  storage.stream(std::string(property_stream_name), properties.octets());
}

/// The message's properties with those that say how strings are stored (§1.3).
mapi::PropertyBag MessageWriter::with_string_type(const mapi::Message& message) const {
  mapi::PropertyBag bag = message;
  auto mask = bag.get_or(mapi::PR_STORE_SUPPORT_MASK, 0);
  if (strings_ == StringType::unicode) {
    mask |= store_unicode_ok;
  } else {
    mask &= ~store_unicode_ok;
    bag.set(mapi::PR_MESSAGE_CODEPAGE, mapi::code_page_windows_1252);
  }
  bag.set(mapi::PR_STORE_SUPPORT_MASK, mask);
  return bag;
}

void MessageWriter::write_message(const mapi::Message& message, StorageWriter& storage,
                                  std::size_t header_size, int depth) {
  if (depth > deepest_message) {
    throw mapi::Failure(mapi::MAPI_E_TOO_COMPLEX,
                        "a .msg file holds messages nested 32 deep; this one is nested deeper");
  }
  PropertyStream properties(message_header(message, header_size));
  write_properties(with_string_type(message), storage, properties);
  // From the last to the first: libgsf inserts each name into a sorted list, and a name that comes
  // before all others is put there at once.
  for (auto number = message.recipients.size(); number-- > 0;) {
    auto row =
        storage.storage(row_storage_name(RowKind::recipient, static_cast<std::uint32_t>(number)));
    PropertyStream row_properties(row_header());
    write_properties(message.recipients[number], row, row_properties);
    finish(row_properties, row);
  }
  std::uint32_t number = 0;
  for (const auto& attachment : message.attachments) {
    write_attachment(attachment, storage.storage(row_storage_name(RowKind::attachment, number++)),
                     depth);
  }
  finish(properties, storage);
}

void MessageWriter::write_attachment(const mapi::Attachment& attachment, StorageWriter storage,
                                     int depth) {
  mapi::PropertyBag bag = attachment;
  bag.erase(mapi::PR_ATTACH_DATA_BIN);
  bag.set(mapi::PR_ATTACH_METHOD, static_cast<std::int32_t>(mapi::attach_method(attachment)));
  PropertyStream properties(row_header());
  write_properties(bag, storage, properties);
  write_attachment_data(attachment, storage, properties, depth);
  finish(properties, storage);
}

void MessageWriter::write_attachment_data(const mapi::Attachment& attachment,
                                          StorageWriter& storage, PropertyStream& properties,
                                          int depth) {
  constexpr auto id = mapi::PR_ATTACH_DATA_BIN.id;
  constexpr auto object_type = static_cast<std::uint16_t>(mapi::PropertyType::object);
  const auto object_name = std::string(attachment_object_storage_name);
  const auto add_object = [&](std::uint64_t kind) {
    properties.add(id, object_type, kind << 32U | object_size);
  };
  const auto method = mapi::attach_method(attachment);
  if (attachment.embedded) {
    auto object = storage.storage(object_name);
    write_message(*attachment.embedded, object, embedded_header_size, depth + 1);
    add_object(object_is_message);
  } else if (method == mapi::AttachMethod::ole &&
             write_ole_storage(attachment.data, storage, object_name)) {
    add_object(object_is_storage);
  } else if (attachment.data.source() || method == mapi::AttachMethod::by_value) {
    storage.stream(std::string(attachment_data_stream_name), attachment.data);
    properties.add(id, mapi::PR_ATTACH_DATA_BIN.value() & 0xFFFFU, attachment.data.size());
  }
}

void MessageWriter::write_properties(const mapi::PropertyBag& bag, StorageWriter& storage,
                                     PropertyStream& properties) {
  for (const auto& [id, value] : bag.properties()) write_property(id, value, storage, properties);
  for (const auto& [name, value] : bag.named_properties()) {
    write_property(named_properties_.id_of(name), value, storage, properties);
  }
}

void MessageWriter::write_property(std::uint16_t id, const mapi::PropertyValue& value,
                                   StorageWriter& storage, PropertyStream& properties) {
  const auto encoded = encode_property(value, strings_);
  properties.add(id, encoded.type, encoded.value);
  if (encoded.stream) {
    storage.stream(name_of({id, encoded.type, std::nullopt}), *encoded.stream);
  }
  std::uint32_t number = 0;
  for (const auto& element : encoded.elements) {
    storage.stream(name_of({id, encoded.type, number++}), element);
  }
}

}  // namespace

void write(const mapi::Message& message, const std::filesystem::path& path,
           const WriteOptions& options) {
  NewFile file(path);
  CompoundFileWriter writer(file.stream(), path);
  MessageWriter(options.strings).write_root(message, writer.root());
  writer.finish();
  file.commit();
}

}  // namespace postern::msg
