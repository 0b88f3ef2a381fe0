#include "cli/sample/message.h"

#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <zlib.h>

#include "cli/sample/generated_content.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"

namespace postern::cli {

namespace {

using Octets = std::vector<std::byte>;

constexpr std::string_view picture_id = "gate@postern.example.org";
constexpr std::int32_t utf8_code_page = 65001;
constexpr std::int32_t native_body_html = 3;
/// ATT_MHTML_REF: the body shows the attachment itself ([MS-OXCMSG] 2.2.2.18).
constexpr std::int32_t shown_in_the_body = 4;

constexpr std::string_view html = R"(<!DOCTYPE html>
<html><body style="font-family: sans-serif">
<h1>Grüße vom Burgtor</h1>
<p>Liebe Alice, dear all,</p>
<p>the gate is open: <img src="cid:gate@postern.example.org" alt="a gate in a castle wall"
width="96" height="64"></p>
<p>The figures of March are attached. <b>Bitte prüfen</b> &ndash; merci d&rsquo;avance! 🏰</p>
</body></html>
)";

constexpr std::string_view text =
    "Grüße vom Burgtor\r\n\r\nLiebe Alice, dear all,\r\n\r\nthe gate is open.\r\n\r\n"
    "The figures of March are attached. Bitte prüfen – merci d’avance! 🏰\r\n";

constexpr std::string_view figures =
    "Tor;Länge;Briefe\r\nSüdtor;3,20 m;1204\r\nNordtor;2,75 m;873\r\nAusfallpforte;0,95 m;41\r\n";

constexpr std::size_t width = 96;
constexpr std::size_t height = 64;
constexpr std::size_t colours = 3;  ///< octets of a pixel: red, green, blue

using Pixel = std::array<std::uint8_t, colours>;

/// Sky, a wall with battlements and joints, a round arch, a door in it.
Pixel pixel(std::size_t x, std::size_t y) {
  constexpr Pixel sky{0xCF, 0xE6, 0xF5};
  constexpr Pixel stone{0x9C, 0x93, 0x88};
  constexpr Pixel joint{0x7A, 0x72, 0x69};
  constexpr Pixel door{0x6B, 0x3F, 0x1D};
  constexpr Pixel plank{0x4A, 0x2A, 0x12};
  const bool battlement = y >= 8 && x / 8 % 2 == 0;
  if (y < 16 && !battlement) return sky;
  const int across = static_cast<int>(x) - 48;
  const int above = 40 - static_cast<int>(y);
  const bool in_arch =
      above > 0 ? across * across + above * above <= 144 : across >= -12 && across <= 12;
  if (in_arch) return x % 6 == 0 ? plank : door;
  const bool course = y % 8 == 0 || (x + (y / 8 % 2) * 8) % 16 == 0;
  return course ? joint : stone;
}

void append(Octets& octets, std::span<const std::uint8_t> more) {
  const auto bytes = std::as_bytes(more);
  octets.insert(octets.end(), bytes.begin(), bytes.end());
}

void append_big_endian(Octets& octets, std::uint32_t number) {
  for (const int shift : {24, 16, 8, 0}) octets.push_back(static_cast<std::byte>(number >> shift));
}

/// A PNG chunk: length, type, data, CRC of type and data.
void append_chunk(Octets& png, std::string_view type, std::span<const std::uint8_t> data) {
  append_big_endian(png, static_cast<std::uint32_t>(data.size()));
  const auto* const type_octets = reinterpret_cast<const std::uint8_t*>(type.data());
  append(png, {type_octets, type.size()});
  append(png, data);
  uLong crc = crc32(0, type_octets, static_cast<uInt>(type.size()));
  // Given a null pointer (no data), crc32 would start afresh.
  if (!data.empty()) crc = crc32(crc, data.data(), static_cast<uInt>(data.size()));
  append_big_endian(png, static_cast<std::uint32_t>(crc));
}

std::vector<std::uint8_t> deflated(const std::vector<std::uint8_t>& octets) {
  std::vector<std::uint8_t> packed(compressBound(static_cast<uLong>(octets.size())));
  auto size = static_cast<uLongf>(packed.size());
  if (compress(packed.data(), &size, octets.data(), static_cast<uLong>(octets.size())) != Z_OK) {
    throw std::runtime_error("The sample's picture cannot be compressed.");
  }
  packed.resize(size);
  return packed;
}

Octets octets_of(std::string_view characters) {
  const auto bytes = std::as_bytes(std::span(characters));
  return {bytes.begin(), bytes.end()};
}

mapi::Attachment inline_picture() {
  auto picture =
      mapi::make_attachment("gate.png", mapi::Content::from_bytes(sample_picture()), "image/png");
  picture.set(mapi::PR_ATTACH_CONTENT_ID, std::string(picture_id));
  picture.set(mapi::PR_ATTACH_FLAGS, shown_in_the_body);
  picture.set(mapi::PR_ATTACHMENT_HIDDEN, true);
  return picture;
}

mapi::Message plain_letter() {
  using mapi::RecipientType;
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_MESSAGE_FLAGS, mapi::MSGFLAG_UNSENT | mapi::MSGFLAG_HASATTACH);
  message.set(mapi::PR_SUBJECT, "Grüße vom Burgtor 🏰 – figures of March");
  message.set(mapi::PR_BODY, std::string(text));
  for (const auto& group : {mapi::sender_group, mapi::sent_representing_group}) {
    mapi::set_address(message, group, "burgvogt@example.org", "Jörg Burgvogt");
  }
  message.recipients = {
      mapi::make_recipient(RecipientType::to, "alice@example.org", "Alice Ærlig"),
      mapi::make_recipient(RecipientType::to, "greylist@example.org", "Slow but sure"),
      mapi::make_recipient(RecipientType::to, "refuse-550@example.org", "Nobody Here"),
      mapi::make_recipient(RecipientType::bcc, "secret@example.org", "Silent Reader"),
  };
  return message;
}

}  // namespace

std::vector<std::byte> sample_picture() {
  std::vector<std::uint8_t> rows;
  for (std::size_t y = 0; y < height; ++y) {
    rows.push_back(0);  // this row is not filtered
    for (std::size_t x = 0; x < width; ++x) {
      const Pixel colour = pixel(x, y);
      rows.insert(rows.end(), colour.begin(), colour.end());
    }
  }
  constexpr std::array<std::uint8_t, 8> signature{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  // Width, height, 8 bits a colour, true colour, the only compression and filter, no interlacing.
  constexpr std::array<std::uint8_t, 13> header{0, 0, 0, width, 0, 0, 0, height, 8, 2, 0, 0, 0};
  Octets png;
  append(png, signature);
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", deflated(rows));
  append_chunk(png, "IEND", {});
  return png;
}

mapi::Message sample_message() {
  mapi::Message message = plain_letter();
  message.set(mapi::PR_HTML, octets_of(html));
  message.set(mapi::PR_INTERNET_CPID, utf8_code_page);
  message.set(mapi::PR_NATIVE_BODY_INFO, native_body_html);
  message.attachments = {
      inline_picture(),
      mapi::make_attachment("Zahlen März.csv", mapi::Content::from_text(figures), "text/csv"),
  };
  return message;
}

mapi::Message sample_message(std::uint64_t attachment_size) {
  mapi::Message message = plain_letter();
  message.attachments = {mapi::make_attachment("Zahlen.bin", generated_content(attachment_size),
                                               "application/octet-stream")};
  return message;
}

}  // namespace postern::cli
