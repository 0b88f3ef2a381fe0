#include "base/mime/mime_reader.h"

#include <utility>

#include <fmt/format.h>

namespace postern {
namespace {

constexpr std::string_view hyphens = "--";

/// The line end as a text that outlives the buffer it was read in.
std::string_view lasting(std::string_view line_end) {
  if (line_end.size() > 1) return crlf;
  if (line_end.empty()) return {};
  return crlf.substr(line_end.front() == '\r' ? 0 : 1, 1);
}

}  // namespace

MimeReader::MimeReader(std::unique_ptr<OctetReader> reader) : lines_(std::move(reader)) {}

MimeEvent MimeReader::next() {
  switch (state_) {
    case State::header:
      return read_header();
    case State::content:
    case State::filler:
      return read_body();
    case State::delimiter:
      return read_delimiter();
    case State::finished:
      break;
  }
  if (!refusal_.empty()) return {MimeEvent::Kind::refused, refusal_};
  return {MimeEvent::Kind::end, {}};
}

MimeEvent MimeReader::read_header() {
  std::string block;
  bool goes_on = false;  // behind a CR that ends no line
  while (const std::optional<LinePiece> line = lines_.next()) {
    if (line->begins && !goes_on) {
      if (delimiter(*line)) break;
      const bool separator = line->text.empty();
      if (!separator && !is_header_line(line->text, block.empty())) break;
      if (separator) {
        block += crlf;
        lines_.take(*line);
        break;
      }
    }
    if (block.size() + line->octets().size() >= longest_header) {
      return refuse(fmt::format("a header block is longer than {} octets", longest_header));
    }
    block += line->text;
    goes_on = line->end == "\r" && !ends_lines_with_cr();
    if (!line->end.empty()) block += goes_on ? " " : crlf;
    lines_.take(*line);
  }
  return enter_entity(std::move(block));
}

/// In a mail without an LF a CR ends every line; in another it is an octet that would let a field
/// begin within one.
bool MimeReader::ends_lines_with_cr() {
  if (!ends_with_cr_) ends_with_cr_ = !lines_.sees_line_feed();
  return *ends_with_cr_;
}

MimeEvent MimeReader::enter_entity(std::string block) {
  entity_ = EntityHeader(std::move(block), next_role_);
  signed_ = signs();
  nesting_ = stack_.size();
  embedded_ = !stack_.empty() && stack_.back().embeds;
  first_part_ = !stack_.empty() && stack_.back().parts == 1;
  state_ = State::content;
  if (++entities_ > max_entities) {
    return refuse(fmt::format("the message has more than {} parts", max_entities));
  }
  if (entity_.is_multipart()) {
    state_ = State::filler;
    preamble_ = true;
    const bool usable = entity_.media.boundary.size() + 2 * hyphens.size() <= longest_delimiter;
    push({usable ? entity_.media.boundary : std::string(), entity_.media.subtype == "digest",
          entity_.media.subtype == "signed"});
  } else if (entity_.is_message()) {
    state_ = State::header;
    next_role_ = EntityHeader::Role::message;
    push({.boundary = {}, .embeds = true});
  }
  if (stack_.size() > deepest_nesting) {
    return refuse(fmt::format("the message's parts are nested deeper than {}", deepest_nesting));
  }
  return {MimeEvent::Kind::header, entity_.octets};
}

void MimeReader::push(Composite composite) {
  composite.signs = composite.signs || signs();
  composite.embeds = composite.embeds || (!stack_.empty() && stack_.back().embeds);
  stack_.push_back(std::move(composite));
}

MimeEvent MimeReader::read_body() {
  const auto kind = state_ == State::content ? MimeEvent::Kind::content : MimeEvent::Kind::filler;
  std::optional<LinePiece> line = lines_.next();
  const bool at_delimiter = line && delimiter(*line);
  if (at_delimiter) return leave_body(true);
  if (!held_end_.empty()) return {kind, std::exchange(held_end_, {})};
  if (!line) return leave_body(false);
  // All further lines that are buffered make one event with this one.
  const char* const begin = line->text.data();
  const char* end = nullptr;
  do {
    end = line->text.data() + line->text.size();
    held_end_ = lasting(line->end);
    lines_.take(*line);
    line = lines_.buffered();
  } while (line && !delimiter(*line));
  return {kind, {begin, static_cast<std::size_t>(end - begin)}};
}

MimeEvent MimeReader::leave_body(bool at_delimiter) {
  const bool leaf = state_ == State::content;
  state_ = at_delimiter ? State::delimiter : State::finished;
  return leaf ? MimeEvent{MimeEvent::Kind::content_end, {}} : next();
}

MimeEvent MimeReader::read_delimiter() {
  if (!held_end_.empty()) return {MimeEvent::Kind::delimiter, std::exchange(held_end_, {})};
  const std::optional<LinePiece> line = lines_.buffered();
  const std::optional<Delimiter> found = delimiter(*line);
  stack_.resize(found->closes ? found->composite : found->composite + 1);
  signed_ = signs();
  if (found->closes) {
    state_ = State::filler;
    preamble_ = false;
  } else {
    state_ = State::header;
    ++stack_.back().parts;
    next_role_ = stack_.back().digest ? EntityHeader::Role::digest_part : EntityHeader::Role::part;
  }
  if (line->end.empty()) state_ = State::finished;  // not even an empty part follows
  lines_.take(*line);
  return {MimeEvent::Kind::delimiter, line->octets()};
}

MimeEvent MimeReader::refuse(std::string reason) {
  refusal_ = std::move(reason);
  state_ = State::finished;
  return {MimeEvent::Kind::refused, refusal_};
}

std::optional<MimeReader::Delimiter> MimeReader::delimiter(const LinePiece& line) const {
  std::string_view text = line.text;
  if (!line.begins || !text.starts_with(hyphens) || text.size() > longest_delimiter) {
    return std::nullopt;
  }
  text.remove_prefix(hyphens.size());
  text = text.substr(0, text.find_last_not_of(" \t") + 1);  // transport padding
  for (std::size_t index = stack_.size(); index-- > 0;) {
    const std::string& boundary = stack_[index].boundary;
    if (boundary.empty() || !text.starts_with(boundary)) continue;
    const std::string_view rest = text.substr(boundary.size());
    if (rest.empty()) return Delimiter{index, false};
    if (rest == hyphens) return Delimiter{index, true};
  }
  return std::nullopt;
}

}  // namespace postern
