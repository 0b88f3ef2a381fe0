#include "mime/attachment/ole_object.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "mapi/code_page.h"
#include "mapi/utf.h"
#include "mime/attachment/file_name.h"
#include "mime/attachment/little_endian.h"
#include "mime/attachment/media_type.h"
#include "mime/attachment/windows_picture.h"
#include "mime/octets/content_view.h"
#include "msg/compound_streams.h"

namespace postern::mime {
namespace {

constexpr std::size_t window = 64U << 10U;  ///< of a stream that is looked at

/// Reads the fields at the front of a stream; after one that is not there in full, none is.
class Fields {
 public:
  explicit Fields(std::string_view octets) : octets_(octets) {}

  std::uint32_t number(std::size_t size) {
    const auto field = octets(size);
    return ok_ ? little_endian(field, 0, size) : 0;
  }
  std::string_view octets(std::uint64_t size) {
    if (size > octets_.size() - at_) ok_ = false;
    if (!ok_) return {};
    const auto field = octets_.substr(at_, static_cast<std::size_t>(size));
    at_ += field.size();
    return field;
  }
  std::string_view text() {
    const auto end = octets_.find('\0', at_);
    if (end == std::string_view::npos) ok_ = false;
    const auto field = octets(ok_ ? end - at_ : 0);
    octets(1);
    return field;
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  std::string_view octets_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

/// A whole file, if the content begins like one of a kind that is known.
std::optional<OleFile> known_file(const mapi::Content& content) {
  const auto type = media_type_of_content(first_octets(content, window));
  if (type == octet_stream) return std::nullopt;
  return OleFile{content, std::string(type), {}, false};
}

std::optional<OleFile> contents(const mapi::Content& stream) {
  if (auto file = known_file(stream)) return file;
  const auto picture = windows_picture(stream);
  if (!picture) return std::nullopt;
  return OleFile{picture->content, std::string(picture->media_type), {}, false};
}

/// The label in UTF-16 that newer packagers write behind the data: of three texts the second.
std::string unicode_label(const mapi::Content& stream, std::uint64_t offset) {
  const auto octets = first_octets(stream.slice(offset, stream.size() - offset), window);
  Fields fields(octets);
  fields.octets(2 * std::uint64_t{fields.number(4)});
  const auto label = fields.octets(2 * std::uint64_t{fields.number(4)});
  return fields.ok() ? mapi::from_utf16le(std::as_bytes(std::span(label))) : "";
}

/// Where a temporary copy of a packed file was: a text with a NUL, which its length counts.
/// Not all writers say the length.
enum class CopyPath { ended_by_nul, of_its_length };

/// What the packager stores ("Package" objects): names, and the file.
std::optional<OleFile> packaged(const mapi::Content& stream, std::string_view start,
                                CopyPath copy_path) {
  Fields fields(start);
  fields.octets(4 + 2);
  const auto label = fields.text();
  fields.text();  // where the file came from
  fields.octets(4);
  const auto length = fields.number(4);
  if (copy_path == CopyPath::of_its_length) {
    fields.octets(length);
  } else {
    fields.text();
  }
  const auto size = fields.number(4);
  if (!fields.ok() || size > stream.size() - fields.at()) return std::nullopt;
  auto name = file_name(unicode_label(stream, fields.at() + size));
  if (name.empty()) {
    name = file_name(is_utf8(label) ? std::string(label)
                                    : mapi::decode(label, mapi::code_page_windows_1252).text);
  }
  return OleFile{stream.slice(fields.at(), size), {}, std::move(name), false};
}

/// The data of an OLE 1 object, after its size: a package, or the file of a server that needs none.
std::optional<OleFile> native_data(const mapi::Content& stream) {
  constexpr std::size_t size_field = 4;
  const auto start = first_octets(stream, window);
  if (start.size() < size_field) return std::nullopt;
  const std::uint64_t size = little_endian(start, 0, size_field);
  auto data = stream.slice(size_field, std::min(size, stream.size() - size_field));
  if (auto file = known_file(data)) return file;
  for (const auto path : {CopyPath::of_its_length, CopyPath::ended_by_nul}) {
    if (auto file = packaged(stream, start, path)) return file;
  }
  return contents(data);
}

/// OLEPresentationStream ([MS-OLEDS] 2.3.4): the picture after its header.
std::optional<OleFile> presentation(const mapi::Content& stream) {
  constexpr std::uint32_t standard_format = 0xFFFFFFFE;  // or more
  const auto start = first_octets(stream, window);
  Fields fields(start);
  const auto marker = fields.number(4);
  fields.octets(marker >= standard_format ? 4 : marker);
  const auto device_size = fields.number(4);  // of itself and the device
  fields.octets(device_size > 4 ? device_size - 4 : 0);
  fields.octets(std::size_t{6} * 4);  // aspect, index, flags, reserved, width, height
  const std::uint64_t size = fields.number(4);
  if (!fields.ok()) return std::nullopt;
  const auto there = std::min(size, stream.size() - fields.at());
  return contents(stream.slice(fields.at(), there));
}

struct StreamKind {
  std::string_view name;
  std::optional<OleFile> (*read)(const mapi::Content& stream);
  bool is_only_picture;
};
/// What says most comes first.
constexpr std::array stream_kinds{
    StreamKind{"CONTENTS", contents, false},
    StreamKind{"Package", known_file, false},
    StreamKind{"\x01Ole10Native", native_data, false},
    StreamKind{"\x02OlePres000", presentation, true},
    StreamKind{"\x03META", contents, true},
    StreamKind{"\x03"
               "EMF",
               contents, true},
};

}  // namespace

std::optional<OleFile> file_in_ole_object(const mapi::Content& object) {
  std::array<std::string_view, stream_kinds.size()> names;
  std::transform(stream_kinds.begin(), stream_kinds.end(), names.begin(),
                 [](const StreamKind& kind) { return kind.name; });
  const auto streams = msg::compound_streams(object, names);
  for (const auto& kind : stream_kinds) {
    const auto stream = streams.find(std::string(kind.name));
    if (stream == streams.end()) continue;
    auto file = kind.read(stream->second);
    if (!file) continue;
    file->is_only_picture = kind.is_only_picture;
    return file;
  }
  return std::nullopt;
}

}  // namespace postern::mime
