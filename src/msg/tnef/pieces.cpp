#include "msg/tnef/pieces.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "mapi/error.h"

namespace postern::msg {
namespace {

using PieceList = std::vector<Pieces::Piece>;

class StreamReader final : public mapi::ContentReader {
 public:
  explicit StreamReader(std::shared_ptr<const PieceList> pieces) : pieces_(std::move(pieces)) {}

  std::size_t read(std::span<std::byte> into) override {
    std::size_t filled = 0;
    while (filled < into.size() && has_more()) {
      const auto wanted =
          static_cast<std::size_t>(std::min<std::uint64_t>(left_, into.size() - filled));
      const auto part = into.subspan(filled, wanted);
      const auto count = reader_ ? reader_->read(part) : read_octets(part);
      if (count == 0) throw ended_early();
      for (const auto octet : part.first(count)) sum_ += std::to_integer<unsigned>(octet);
      filled += count;
      left_ -= count;
    }
    return filled;
  }

 private:
  static mapi::Failure ended_early() {
    return {mapi::MAPI_E_CORRUPT_DATA, "the data of an attachment ends before its size"};
  }

  std::size_t read_octets(std::span<std::byte> into) {
    std::ranges::copy(octets_.first(into.size()), into.begin());
    octets_ = octets_.subspan(into.size());
    return into.size();
  }

  /// Begins the next pieces until one has octets.
  bool has_more() {
    while (left_ == 0) {
      if (next_ == pieces_->size()) return false;
      std::visit([this](const auto& piece) { begin(piece); }, (*pieces_)[next_++]);
    }
    return true;
  }

  void begin(const mapi::Content& content) {
    reader_ = content.open();
    left_ = content.size();
  }
  void begin(const mapi::Binary& octets) {
    reader_.reset();
    octets_ = octets;
    left_ = octets.size();
  }
  void begin(Pieces::SumBegins) { sums_before_.push_back(sum_); }
  void begin(Pieces::SumEnds) {
    checksum_.clear();
    append(checksum_, static_cast<std::uint16_t>(sum_ - sums_before_.back()));
    sums_before_.pop_back();
    begin(checksum_);
  }

  std::shared_ptr<const PieceList> pieces_;
  std::size_t next_ = 0;
  std::unique_ptr<mapi::ContentReader> reader_;  ///< null: the piece is `octets_`
  std::span<const std::byte> octets_;
  std::uint64_t left_ = 0;  ///< of the piece
  std::uint32_t sum_ = 0;   ///< of all octets so far; its low half counts
  std::vector<std::uint32_t> sums_before_;
  mapi::Binary checksum_;
};

class Stream final : public mapi::ContentSource {
 public:
  Stream(PieceList pieces, std::uint64_t size)
      : pieces_(std::make_shared<const PieceList>(std::move(pieces))), size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] std::unique_ptr<mapi::ContentReader> open() const override {
    return std::make_unique<StreamReader>(pieces_);
  }

 private:
  std::shared_ptr<const PieceList> pieces_;
  std::uint64_t size_;
};

}  // namespace

mapi::Binary& Pieces::octets_at_end() {
  if (pieces_.empty() || !std::holds_alternative<mapi::Binary>(pieces_.back())) {
    pieces_.emplace_back(mapi::Binary{});
  }
  return std::get<mapi::Binary>(pieces_.back());
}

void Pieces::octets(const mapi::Binary& octets) {
  auto& end = octets_at_end();
  end.insert(end.end(), octets.begin(), octets.end());
  size_ += octets.size();
}

void Pieces::guid(const mapi::Guid& guid) {
  for (const auto octet : guid.bytes) number(octet);
}

void Pieces::content(const mapi::Content& content) {
  if (content.size() == 0) return;
  pieces_.emplace_back(content);
  size_ += content.size();
}

void Pieces::pieces(Pieces more) {
  std::move(more.pieces_.begin(), more.pieces_.end(), std::back_inserter(pieces_));
  size_ += more.size_;
}

void Pieces::pad(std::uint64_t size) {
  octets(mapi::Binary(static_cast<std::size_t>(padding_after(size))));
}

void Pieces::counted(Pieces data) {
  if (data.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw mapi::Failure(mapi::MAPI_E_TOO_BIG, "TNEF holds attachments of less than 4 GiB");
  }
  number(static_cast<std::uint32_t>(data.size()));
  pieces(std::move(data));
}

void Pieces::attribute(AttributeLevel level, Attribute id, Pieces data) {
  number(static_cast<std::uint8_t>(level));
  number(static_cast<std::uint32_t>(id));
  Pieces summed;
  summed.pieces_.emplace_back(SumBegins{});
  summed.pieces(std::move(data));
  summed.pieces_.emplace_back(SumEnds{});
  counted(std::move(summed));
  size_ += sizeof(std::uint16_t);
}

mapi::Content Pieces::stream() const {
  return mapi::Content(std::make_shared<Stream>(pieces_, size_));
}

}  // namespace postern::msg
