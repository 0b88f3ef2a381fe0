// msg::read: a message out of the storages of a .msg file. A broken part becomes a warning and the
// rest is kept (mapi-to-mime.md §1.5).
#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "msg/compound/compound_file.h"
#include "msg/compound/format_error.h"
#include "msg/compound/ole_content.h"
#include "msg/message/nesting.h"
#include "msg/message/warnings.h"
#include "msg/msg_file.h"
#include "msg/property/named_properties.h"
#include "msg/property/property_decoder.h"
#include "msg/property/stored_properties.h"
#include "msg/property/stream_names.h"
#include "msg/property/string_code_page.h"

namespace postern::msg {
namespace {

constexpr std::uint64_t largest_value = std::uint64_t{256} << 20;  ///< of what is held in memory

mapi::Failure unreadable(mapi::Code code, const std::filesystem::path& path,
                         const std::string& why) {
  return mapi::Failure(code, "'" + path.string() + "' cannot be read as a message: " + why);
}

std::string hex_tag(const StoredProperty& property) {
  return name_of(ValueStreamName{property.id, property.type, std::nullopt}).substr(12);
}

/// The storages of recipients or attachments in the order of their numbers. Numbers may have gaps,
/// and the counts in the header may be wrong (§1.1).
std::vector<const DirectoryEntry*> row_storages(const DirectoryEntry& storage, RowKind kind) {
  std::vector<std::pair<std::uint32_t, const DirectoryEntry*>> rows;
  for (const auto* child : storage.children) {
    const auto number = parse_row_storage_name(kind, child->name);
    if (number && child->is_storage) rows.emplace_back(*number, child);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& left, const auto& right) { return left.first < right.first; });
  std::vector<const DirectoryEntry*> storages;
  storages.reserve(rows.size());
  for (const auto& [number, row] : rows) storages.push_back(row);
  return storages;
}

/// Whether the object of an attachment is a message. One that has lost its property stream is known
/// by the method.
bool is_message(const DirectoryEntry& object, const mapi::Attachment& attachment) {
  return object.find_stream(property_stream_name) != nullptr ||
         mapi::attach_method(attachment) == mapi::AttachMethod::embedded_message;
}

/// Makes PR_ATTACH_METHOD say how the attachment is there; one that is absent stays so.
void settle_method(mapi::Attachment& attachment, mapi::AttachMethod method) {
  const auto value = static_cast<std::int32_t>(method);
  const auto stated = attachment.get(mapi::PR_ATTACH_METHOD);
  const bool tells = stated || method == mapi::AttachMethod::ole;
  if (tells && stated != value) attachment.set(mapi::PR_ATTACH_METHOD, value);
}

/// What an attachment that holds nothing should hold; null for references.
const char* missing_part(mapi::AttachMethod method) {
  switch (method) {
    case mapi::AttachMethod::by_value:
      return "the data";
    case mapi::AttachMethod::embedded_message:
      return "the embedded message";
    case mapi::AttachMethod::ole:
      return "the OLE object";
    default:
      return nullptr;
  }
}

class MessageReader {
 public:
  explicit MessageReader(const CompoundFile& file) : file_(file), octets_left_(file.file().size()) {
    const auto* names = file.root().find_storage(named_property_storage_name);
    if (names == nullptr) return;  // a file without named properties
    attempt("the names of the named properties",
            [&] { named_properties_ = NamedProperties(*names, read_stream_); });
  }

  mapi::Message read_root() { return read_message(file_.root(), root_header_size, {}, 0); }
  Warnings& warnings() { return warnings_; }

 private:
  mapi::Message read_message(const DirectoryEntry& storage, std::size_t header_size,
                             const std::string& where, int depth);
  mapi::Attachment read_attachment(const DirectoryEntry& storage, int code_page,
                                   const std::string& where, int depth);

  std::vector<StoredProperty> read_stored(const DirectoryEntry& storage, std::size_t header_size,
                                          const std::string& where);
  void read_property(const StoredProperty& property, int code_page, mapi::PropertyBag& bag,
                     const std::string& where);
  void read_row(const DirectoryEntry& storage, int code_page, mapi::PropertyBag& bag,
                const std::string& where);

  /// Runs `read_part`; damage in it becomes a warning about `part`.
  template <class ReadPart>
  void attempt(const std::string& part, ReadPart read_part) {
    try {
      read_part();
    } catch (const TooComplex&) {
      throw;
    } catch (const FormatError& damage) {
      warnings_.add(part + " is damaged and left out: " + damage.what());
    }
  }

  /// Streams of a sound file do not overlap: what is read in sum is no longer than the file. A file
  /// that breaks this would make much out of little.
  void spend(const DirectoryEntry& stream) {
    if (stream.size > octets_left_) throw FormatError("its streams are longer than the file");
    octets_left_ -= stream.size;
  }

  /// The same for all that is in a storage.
  void spend_all(const DirectoryEntry& storage) {
    std::vector<const DirectoryEntry*> entries{&storage};
    while (!entries.empty()) {
      const auto* entry = entries.back();
      entries.pop_back();
      if (!entry->is_storage) spend(*entry);
      entries.insert(entries.end(), entry->children.begin(), entry->children.end());
    }
  }

  const CompoundFile& file_;
  std::uint64_t octets_left_;
  ReadStream read_stream_ = [this](const DirectoryEntry& stream) {
    spend(stream);
    if (stream.size > largest_value) throw TooComplex("one of its values is larger than 256 MiB");
    return file_.read(stream);
  };
  NamedProperties named_properties_;
  Warnings warnings_;
};

std::vector<StoredProperty> MessageReader::read_stored(const DirectoryEntry& storage,
                                                       std::size_t header_size,
                                                       const std::string& where) {
  std::vector<std::byte> octets;
  const auto* stream = storage.find_stream(property_stream_name);
  if (stream == nullptr) {
    warnings_.add(where + "the property stream is missing");
  } else {
    attempt(where + "the property stream", [&] { octets = read_stream_(*stream); });
  }
  return stored_properties(storage, octets, header_size);
}

void MessageReader::read_property(const StoredProperty& property, int code_page,
                                  mapi::PropertyBag& bag, const std::string& where) {
  const bool is_named = property.id >= first_named_id;
  const auto* name = is_named ? named_properties_.name_of(property.id) : nullptr;
  if (is_named && name == nullptr) return;  // its meaning is lost (§1.4)
  attempt(where + "property " + hex_tag(property), [&] {
    auto value = decode_property(property, code_page, read_stream_);
    if (!value) return;
    if (name != nullptr) {
      bag.set(*name, std::move(*value));
    } else {
      bag.set(property.id, std::move(*value));
    }
  });
}

void MessageReader::read_row(const DirectoryEntry& storage, int code_page, mapi::PropertyBag& bag,
                             const std::string& where) {
  for (const auto& property : read_stored(storage, row_header_size, where)) {
    if (property.id == mapi::PR_ATTACH_DATA_BIN.id) continue;
    read_property(property, code_page, bag, where);
  }
}

mapi::Message MessageReader::read_message(const DirectoryEntry& storage, std::size_t header_size,
                                          const std::string& where, int depth) {
  if (depth > deepest_message) throw TooComplex("it nests messages deeper than 32");
  mapi::Message message;
  const auto properties = read_stored(storage, header_size, where);
  // 8-bit strings come last: the others say in which code page those are (§1.3).
  for (const auto& property : properties) {
    if (!is_string8(property.type)) read_property(property, 0, message, where);
  }
  const int code_page = string_code_page(message);
  for (const auto& property : properties) {
    if (is_string8(property.type)) read_property(property, code_page, message, where);
  }
  std::size_t number = 0;
  for (const auto* row : row_storages(storage, RowKind::recipient)) {
    const auto part = where + "recipient " + std::to_string(++number) + ": ";
    mapi::Recipient recipient;
    read_row(*row, code_page, recipient, part);
    message.recipients.push_back(std::move(recipient));
  }
  number = 0;
  for (const auto* row : row_storages(storage, RowKind::attachment)) {
    const auto part = where + "attachment " + std::to_string(++number) + ": ";
    message.attachments.push_back(read_attachment(*row, code_page, part, depth));
  }
  return message;
}

/// The streams are facts, PR_ATTACH_METHOD is a hint (§6.1).
mapi::Attachment MessageReader::read_attachment(const DirectoryEntry& storage, int code_page,
                                                const std::string& where, int depth) {
  mapi::Attachment attachment;
  read_row(storage, code_page, attachment, where);
  const auto* octets = storage.find_stream(attachment_data_stream_name);
  const auto* object = storage.find_storage(attachment_object_storage_name);
  const auto stated = mapi::attach_method(attachment);
  const bool may_be_empty = object == nullptr && stated == mapi::AttachMethod::by_value;
  if (octets != nullptr && (octets->size > 0 || may_be_empty)) {
    attempt(where + "the data", [&] {
      spend(*octets);
      attachment.data = file_content(file_.file(), file_.extents(*octets));
    });
    if (object != nullptr) warnings_.add(where + "it has data and an object; the data is taken");
    settle_method(attachment, mapi::AttachMethod::by_value);
  } else if (object != nullptr && is_message(*object, attachment)) {
    attachment.embedded = std::make_shared<const mapi::Message>(
        read_message(*object, embedded_header_size, where, depth + 1));
    settle_method(attachment, mapi::AttachMethod::embedded_message);
  } else if (object != nullptr) {
    attempt(where + "the OLE object", [&] {
      spend_all(*object);
      attachment.data = ole_content(file_, *object);
    });
    settle_method(attachment, mapi::AttachMethod::ole);
  } else if (const auto* what = missing_part(stated)) {
    warnings_.add(where + what + " is missing");
  }
  return attachment;
}

bool is_empty(const mapi::Message& message) {
  return message.properties().empty() && message.named_properties().empty() &&
         message.recipients.empty() && message.attachments.empty();
}

}  // namespace

ReadResult read(const std::filesystem::path& path) {
  auto input = InputFile::open(path);
  try {
    const CompoundFile file(std::move(input));
    MessageReader reader(file);
    auto message = reader.read_root();
    if (is_empty(message)) throw FormatError("there is none in it");
    return {std::move(message), reader.warnings().take()};
  } catch (const TooComplex& excess) {
    throw unreadable(mapi::MAPI_E_TOO_COMPLEX, path, excess.what());
  } catch (const FormatError& damage) {
    throw unreadable(mapi::MAPI_E_CORRUPT_DATA, path, damage.what());
  }
}

}  // namespace postern::msg
