// Voting options: PidLidVerbStream ([MS-OXOMSG] 2.2.1.74).
#include <vector>

#include "base/text.h"
#include "mapi/code_page.h"
#include "mapi/property_tags.h"
#include "mapi/utf.h"
#include "mime/header/header_encoding.h"
#include "mime/property/blob_reader.h"
#include "mime/property/named_property.h"
#include "mime/summary/summary.h"

namespace postern::mime {
namespace {

constexpr std::uint32_t PidLidVerbStream = 0x8520;
constexpr std::uint32_t voting_verb = 4;
constexpr std::uint32_t most_verbs = 64;

struct Verb {
  std::uint32_t type = 0;
  std::string octets;  ///< its name in the writer's code page
  std::string name;    ///< the same in Unicode
};

std::string short_text(BlobReader& reader) {
  const auto octets = reader.take(reader.octet());
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

Verb verb(BlobReader& reader) {
  constexpr std::size_t rest_size = 4 + 1 + 6 * 4;
  Verb read;
  read.type = reader.double_word();
  read.octets = short_text(reader);
  short_text(reader);  // message class
  short_text(reader);
  short_text(reader);  // the name again
  reader.take(rest_size);
  return read;
}

std::string wide_name(BlobReader& reader) {
  auto name = mapi::from_utf16le(reader.take(std::size_t{reader.octet()} * 2));
  reader.take(std::size_t{reader.octet()} * 2);
  return name;
}

/// The verbs; fewer if the stream breaks off.
std::vector<Verb> verbs(std::span<const std::byte> stream) {
  BlobReader reader(stream);
  reader.word();  // version
  const auto count = reader.double_word();
  std::vector<Verb> found;
  while (found.size() < count && found.size() < most_verbs) {
    auto next = verb(reader);
    if (reader.failed()) return found;
    found.push_back(std::move(next));
  }
  reader.word();  // version
  for (auto& each : found) {
    auto name = wide_name(reader);
    if (reader.failed()) break;
    each.name = std::move(name);
  }
  return found;
}

}  // namespace

std::string voting_summary(const mapi::Message& note) {
  const auto* stream = find_named<mapi::Binary>(note, mapi::PSETID_Common, PidLidVerbStream);
  if (stream == nullptr) return {};
  const auto page = note.get_or(mapi::PR_MESSAGE_CODEPAGE, mapi::code_page_windows_1252);
  std::string options;
  for (const auto& each : verbs(*stream)) {
    if (each.type != voting_verb) continue;
    const auto name =
        one_line(each.name.empty() ? mapi::decode(each.octets, page).text : each.name);
    if (!name.empty()) options.append(options.empty() ? "" : "; ").append(name);
  }
  return options.empty() ? "" : "Voting options: " + options + "\r\n";
}

}  // namespace postern::mime
