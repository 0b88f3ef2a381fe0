// msg::read: a message out of the storages of a .msg file. A broken part is told and the rest is
// kept (mapi-to-mime.md §1.5).
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "msg/compound/compound_file.h"
#include "msg/compound/format_error.h"
#include "msg/compound/ole_content.h"
#include "msg/message/attached_object.h"
#include "msg/message/losses.h"
#include "msg/message/nesting.h"
#include "msg/msg_file.h"
#include "msg/property/message_texts.h"
#include "msg/property/named_properties.h"
#include "msg/property/property_decoder.h"
#include "msg/property/stored_properties.h"
#include "msg/property/stream_names.h"

namespace postern::msg {
namespace {

using mapi::LossKind;

constexpr std::uint64_t largest_value = std::uint64_t{256} << 20;  ///< of what is held in memory

mapi::Failure unreadable(mapi::Code code, const std::filesystem::path& path,
                         const std::string& why) {
  return mapi::Failure(code, "'" + path.string() + "' cannot be read as a message: " + why);
}

struct PropertyWords {
  std::uint16_t id;
  std::string_view words;
};
/// What people know by other words than its tag.
constexpr std::array property_words{
    PropertyWords{mapi::PR_SUBJECT.id, "the subject"},
    PropertyWords{mapi::PR_NORMALIZED_SUBJECT.id, "the subject without its prefix"},
    PropertyWords{mapi::PR_CONVERSATION_TOPIC.id, "the subject of the conversation"},
    PropertyWords{mapi::PR_BODY.id, "the plain text body"},
    PropertyWords{mapi::PR_HTML.id, "the HTML body"},
    PropertyWords{mapi::PR_RTF_COMPRESSED.id, "the RTF body"},
    PropertyWords{mapi::PR_SENDER_NAME.id, "the sender's name"},
    PropertyWords{mapi::PR_SENT_REPRESENTING_NAME.id, "the name of whom it is sent for"},
    PropertyWords{mapi::PR_DISPLAY_NAME.id, "the name"},
    PropertyWords{mapi::PR_EMAIL_ADDRESS.id, "the address"},
    PropertyWords{mapi::PR_SMTP_ADDRESS.id, "the SMTP address"},
    PropertyWords{mapi::PR_ATTACH_LONG_FILENAME.id, "the file name"},
    PropertyWords{mapi::PR_ATTACH_FILENAME.id, "the short file name"},
};

std::string words_for(const StoredProperty& property) {
  const auto* const found = std::ranges::find(property_words, property.id, &PropertyWords::id);
  if (found != property_words.end()) return std::string(found->words);
  const auto stream = name_of(ValueStreamName{property.id, property.type, std::nullopt});
  return "property " + stream.substr(stream.size() - 8);
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

class MessageReader {
 public:
  explicit MessageReader(const CompoundFile& file) : file_(file), octets_left_(file.file().size()) {
    const auto* names = file.root().find_storage(named_property_storage_name);
    if (names == nullptr) return;  // a file without named properties
    losses_.attempt({}, "the names of the named properties",
                    [&] { named_properties_ = NamedProperties(*names, read_stream_); });
  }

  mapi::Message read_root() {
    return read_message(file_.root(), root_header_size, {}, 0, std::nullopt);
  }
  Losses& losses() { return losses_; }

 private:
  /// `parent`: the code page of the message that it is attached to.
  mapi::Message read_message(const DirectoryEntry& storage, std::size_t header_size,
                             const std::string& where, int depth, std::optional<int> parent);
  /// Its data, or the message in it.
  void read_attached(const DirectoryEntry& storage, mapi::Attachment& attachment, int code_page,
                     const std::string& where, int depth);

  std::vector<StoredProperty> read_stored(const DirectoryEntry& storage, std::size_t header_size,
                                          const std::string& where);
  /// Returns what is to be decoded yet.
  RawTexts read_bag(const std::vector<StoredProperty>& properties, mapi::PropertyBag& bag,
                    const std::string& where);
  void read_property(const StoredProperty& property, mapi::PropertyBag& bag, RawTexts& raw,
                     const std::string& where);
  RawTexts read_row(const DirectoryEntry& storage, mapi::PropertyBag& bag,
                    const std::string& where);

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
  Losses losses_;
};

std::vector<StoredProperty> MessageReader::read_stored(const DirectoryEntry& storage,
                                                       std::size_t header_size,
                                                       const std::string& where) {
  std::vector<std::byte> octets;
  const auto* stream = storage.find_stream(property_stream_name);
  if (stream == nullptr) {
    losses_.tell(LossKind::damaged, where, "the property stream is missing");
  } else {
    losses_.attempt(where, "the property stream", [&] { octets = read_stream_(*stream); });
  }
  return stored_properties(storage, octets, header_size);
}

void MessageReader::read_property(const StoredProperty& property, mapi::PropertyBag& bag,
                                  RawTexts& raw, const std::string& where) {
  const bool is_named = property.id >= first_named_id;
  const auto* name = is_named ? named_properties_.name_of(property.id) : nullptr;
  if (is_named && name == nullptr) return;  // its meaning is lost (§1.4)
  losses_.attempt(where, words_for(property), [&] {
    auto decoded = decode_property(property, read_stream_);
    if (!decoded.value) return;
    if (decoded.is_mended) {
      losses_.tell(LossKind::substituted, where, words_for(property) + replaced_characters);
    }
    const auto set = [&](const auto& key) {
      if (is_string8(property.type)) raw.add(key);
      bag.set(key, std::move(*decoded.value));
    };
    if (name != nullptr) {
      set(*name);
    } else {
      set(property.id);
    }
  });
}

RawTexts MessageReader::read_bag(const std::vector<StoredProperty>& properties,
                                 mapi::PropertyBag& bag, const std::string& where) {
  RawTexts raw;
  for (const auto& property : properties) read_property(property, bag, raw, where);
  return raw;
}

RawTexts MessageReader::read_row(const DirectoryEntry& storage, mapi::PropertyBag& bag,
                                 const std::string& where) {
  auto properties = read_stored(storage, row_header_size, where);
  std::erase_if(properties, [](const StoredProperty& property) {
    return property.id == mapi::PR_ATTACH_DATA_BIN.id;
  });
  return read_bag(properties, bag, where);
}

mapi::Message MessageReader::read_message(const DirectoryEntry& storage, std::size_t header_size,
                                          const std::string& where, int depth,
                                          std::optional<int> parent) {
  if (depth > deepest_message) throw TooComplex("it nests messages deeper than 32");
  mapi::Message message;
  RawMessage raw;
  raw.message = read_bag(read_stored(storage, header_size, where), message, where);
  const auto part_name = [&where](const char* kind, std::size_t number) {
    return where + kind + std::to_string(number) + ": ";
  };
  for (const auto* row : row_storages(storage, RowKind::recipient)) {
    auto& recipient = message.recipients.emplace_back();
    raw.recipients.push_back(
        read_row(*row, recipient, part_name("recipient ", message.recipients.size())));
  }
  const auto attached = row_storages(storage, RowKind::attachment);
  for (const auto* row : attached) {
    auto& attachment = message.attachments.emplace_back();
    raw.attachments.push_back(
        read_row(*row, attachment, part_name("attachment ", message.attachments.size())));
  }
  const auto texts = decode_texts(message, raw, parent);
  for (const auto& [kind, sentence] : texts.losses) losses_.tell(kind, where, sentence);
  for (std::size_t i = 0; i < attached.size(); ++i) {
    read_attached(*attached[i], message.attachments[i], texts.code_page,
                  part_name("attachment ", i + 1), depth);
  }
  return message;
}

/// The streams are facts, PR_ATTACH_METHOD is a hint (§6.1).
void MessageReader::read_attached(const DirectoryEntry& storage, mapi::Attachment& attachment,
                                  int code_page, const std::string& where, int depth) {
  const auto* octets = storage.find_stream(attachment_data_stream_name);
  const auto* object = storage.find_storage(attachment_object_storage_name);
  const auto stated = mapi::attach_method(attachment);
  const bool may_be_empty = object == nullptr && stated == mapi::AttachMethod::by_value;
  if (octets != nullptr && (octets->size > 0 || may_be_empty)) {
    losses_.attempt(where, "the data", [&] {
      spend(*octets);
      attachment.data = file_content(file_.file(), file_.extents(*octets));
    });
    if (object != nullptr) {
      losses_.tell(LossKind::dropped, where, "it has data and an object; the data is taken");
    }
    settle_method(attachment, mapi::AttachMethod::by_value);
  } else if (object != nullptr && is_message(*object, attachment)) {
    attachment.embedded = std::make_shared<const mapi::Message>(
        read_message(*object, embedded_header_size, where, depth + 1, code_page));
    settle_method(attachment, mapi::AttachMethod::embedded_message);
  } else if (object != nullptr) {
    losses_.attempt(where, "the OLE object", [&] {
      spend_all(*object);
      attachment.data = ole_content(file_, *object);
    });
    settle_method(attachment, mapi::AttachMethod::ole);
  } else if (const auto* what = missing_part(stated)) {
    losses_.tell(LossKind::damaged, where, std::string(what) + " is missing");
  }
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
    return {std::move(message), reader.losses().take()};
  } catch (const TooComplex& excess) {
    throw unreadable(mapi::MAPI_E_TOO_COMPLEX, path, excess.what());
  } catch (const FormatError& damage) {
    throw unreadable(mapi::MAPI_E_CORRUPT_DATA, path, damage.what());
  }
}

}  // namespace postern::msg
