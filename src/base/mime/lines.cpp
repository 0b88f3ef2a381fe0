#include "base/mime/lines.h"

#include <algorithm>
#include <span>
#include <utility>

namespace postern {
namespace {

constexpr std::size_t buffer_size = std::size_t{64} * 1024;

}  // namespace

LineReader::LineReader(std::unique_ptr<OctetReader> reader)
    : reader_(std::move(reader)), buffer_(std::make_unique_for_overwrite<char[]>(buffer_size)) {}

std::string_view LineReader::rest() const {
  return {buffer_.get() + begin_, end_ - begin_};
}

std::optional<LinePiece> LineReader::buffered() const {
  std::string_view text = rest().substr(0, line_feed_ - begin_);
  const std::size_t cr = text.find('\r');
  if (cr != std::string_view::npos) {
    const std::string_view behind = rest().substr(cr);
    text = text.substr(0, cr);
    if (behind.size() > 1 || exhausted_) {
      return LinePiece{text, behind.substr(0, behind.starts_with("\r\n") ? 2 : 1), at_line_start_};
    }
  } else if (line_feed_ < end_) {
    return LinePiece{text, rest().substr(text.size(), 1), at_line_start_};
  }
  if (text.size() < (exhausted_ ? 1 : min_piece)) return std::nullopt;
  return LinePiece{text, {}, at_line_start_};
}

std::optional<LinePiece> LineReader::next() {
  std::optional<LinePiece> piece = buffered();
  while (!piece && !exhausted_) {
    fill();
    piece = buffered();
  }
  return piece;
}

void LineReader::take(const LinePiece& piece) {
  const auto count = piece.text.size() + piece.end.size();
  begin_ += count;
  taken_ += count;
  at_line_start_ = !piece.end.empty();
  if (line_feed_ < begin_) find_line_feed();
}

void LineReader::fill() {
  std::copy(buffer_.get() + begin_, buffer_.get() + end_, buffer_.get());
  end_ -= std::exchange(begin_, 0);
  while (end_ < buffer_size && !exhausted_) {
    const std::size_t count =
        reader_->read(std::as_writable_bytes(std::span(buffer_.get() + end_, buffer_size - end_)));
    exhausted_ = count == 0;
    end_ += count;
  }
  find_line_feed();
}

void LineReader::find_line_feed() {
  const std::size_t found = rest().find('\n');
  line_feed_ = found == std::string_view::npos ? end_ : begin_ + found;
}

}  // namespace postern
