#include "smtp/dkim/message.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/header_field.h"
#include "base/text.h"
#include "smtp/dkim/wire_lines.h"
#include "smtp/error.h"

namespace postern::smtp {
namespace {

constexpr std::size_t buffer_size = std::size_t{64} * 1024;
constexpr std::size_t largest_header = std::size_t{1024} * 1024;

/// One canonical form of the body and its hash.
class BodyHash {
 public:
  explicit BodyHash(Canonicalization canonicalization)
      : body_(canonicalization, [this](std::string_view octets) { hash_.write(octets); }) {}
  BodyHash(const BodyHash&) = delete;
  BodyHash& operator=(const BodyHash&) = delete;

  void write(std::string_view text, bool line_ends) { body_.write(text, line_ends); }
  Sha256Digest finish() {
    body_.finish();
    return hash_.finish();
  }

 private:
  Sha256 hash_;
  CanonicalBody body_;
};

/// Takes the lines of a message: first those of its header, then those of its body.
class DkimMessageReader {
 public:
  explicit DkimMessageReader(const std::set<Canonicalization>& bodies) {
    for (const Canonicalization body : bodies) bodies_.try_emplace(body, body);
  }
  void write(std::string_view text, bool line_ends) {
    if (in_header_) return write_header(text, line_ends);
    for (auto& [canonicalization, body] : bodies_) body.write(text, line_ends);
  }
  DkimMessage finish() {
    DkimMessage message{std::move(header_), {}};
    for (auto& [canonicalization, body] : bodies_) {
      message.body_hashes[canonicalization] = body.finish();
    }
    return message;
  }

 private:
  void write_header(std::string_view text, bool line_ends) {
    const bool at_line_start = header_.empty() || header_.ends_with('\n');
    if (at_line_start && text.empty() && line_ends) {
      in_header_ = false;
      return;
    }
    header_ += text;
    if (line_ends) header_ += "\r\n";
    if (header_.size() > largest_header) {
      throw ContentError("the message cannot be signed: its header is larger than 1 MiB");
    }
  }

  bool in_header_ = true;
  std::string header_;
  std::map<Canonicalization, BodyHash> bodies_;
};

std::size_t line_feeds(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

[[noreturn]] void refuse_line(std::size_t number, std::string_view why) {
  throw ContentError(
      fmt::format("the message cannot be signed: line {} of its header {}", number, why));
}

/// The field that begins at line `number`, if it can be signed (RFC 5322 §2.2, §3.6.8).
DkimHeaderField checked(std::string_view field, std::size_t number) {
  if (const auto nul = field.find('\0'); nul != std::string_view::npos) {
    refuse_line(number + line_feeds(field.substr(0, nul)), "holds a NUL");
  }
  if (is_blank(field.front())) {
    refuse_line(number, "begins with white space, but there is no field it could continue");
  }
  const std::string_view name = field.substr(0, field.find(':'));
  const bool good =
      !name.empty() && name.size() < field.size() &&
      std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!good) refuse_line(number, "is no header field, and an empty line must end the header");
  return {lower_case(name), field};
}

}  // namespace

DkimMessage read_dkim_message(const OctetSource& source, const std::set<Canonicalization>& bodies) {
  DkimMessageReader scan(bodies);
  WireLines lines([&](std::string_view text, bool line_ends) { scan.write(text, line_ends); });
  const auto reader = source.open();
  std::vector<std::byte> block(buffer_size);
  std::uint64_t octets = 0;
  while (const std::size_t count = reader->read(block)) {
    octets += count;
    if (octets > source.size()) break;
    lines.write({reinterpret_cast<const char*>(block.data()), count});
  }
  if (octets != source.size()) {
    throw ContentError(
        fmt::format("the message cannot be signed: it has not the {} octets it was said to have",
                    source.size()));
  }
  lines.finish();
  return scan.finish();
}

std::vector<DkimHeaderField> header_fields(std::string_view header) {
  std::vector<DkimHeaderField> fields;
  std::size_t number = 1;
  while (!header.empty()) {
    const auto field = take_header_field(header).octets;
    fields.push_back(checked(field, number));
    number += line_feeds(field);
  }
  const auto from = std::count_if(fields.begin(), fields.end(), [](const DkimHeaderField& field) {
    return field.name == "from";
  });
  if (from != 1) {
    throw ContentError(fmt::format(
        "the message cannot be signed: it has {} From fields where it needs one", from));
  }
  return fields;
}

}  // namespace postern::smtp
