#include "smtp/dkim/message.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "smtp/dkim/wire_lines.h"
#include "smtp/error.h"

namespace postern::smtp {
namespace {

constexpr std::size_t block_size = std::size_t{64} * 1024;
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

[[noreturn]] void refuse_line(std::size_t number, std::string_view why) {
  throw ContentError(
      fmt::format("the message cannot be signed: line {} of its header {}", number, why));
}

/// ftext of RFC 5322 §3.6.8, up to the colon.
std::string take_name(std::string_view line, std::size_t number) {
  const std::string_view field_name = line.substr(0, line.find(':'));
  const bool good = !field_name.empty() && field_name.size() < line.size() &&
                    std::all_of(field_name.begin(), field_name.end(),
                                [](char c) { return c > 0x20 && c < 0x7F; });
  if (!good) refuse_line(number, "is no header field, and an empty line must end the header");
  return lower_case(field_name);
}

}  // namespace

DkimMessage read_dkim_message(const OctetSource& source, const std::set<Canonicalization>& bodies) {
  DkimMessageReader scan(bodies);
  WireLines lines([&](std::string_view text, bool line_ends) { scan.write(text, line_ends); });
  const auto reader = source.open();
  std::vector<std::byte> block(block_size);
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
  std::size_t number = 0;
  while (!header.empty()) {
    const std::size_t line_feed = header.find('\n');
    const std::string_view line = header.substr(0, std::min(line_feed, header.size() - 1) + 1);
    ++number;
    if (line.find('\0') != std::string_view::npos) refuse_line(number, "holds a NUL");
    if (line.front() != ' ' && line.front() != '\t') {
      fields.push_back({take_name(line, number), line});
    } else if (fields.empty()) {
      refuse_line(number, "begins with white space, but there is no field it could continue");
    } else {
      std::string_view& field = fields.back().octets;
      field = {field.data(), field.size() + line.size()};
    }
    header.remove_prefix(line.size());
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
