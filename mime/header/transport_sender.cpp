#include "mime/header/transport_sender.h"

#include <array>
#include <charconv>

#include <openssl/evp.h>

#include "base/text.h"
#include "mapi/address.h"
#include "mapi/code_page.h"
#include "mime/header/header_block.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {
namespace {

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string octets(text.size() / 4 * 3 + 1, '\0');
  const auto size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(octets.data()),
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  octets.resize(static_cast<std::size_t>(size) - padding);
  return octets;
}

std::optional<std::string> from_q(std::string_view text) {
  std::string octets;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      octets += text[i] == '_' ? ' ' : text[i];
      continue;
    }
    unsigned value = 0;
    const auto hex = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    if (error != std::errc{} || end != hex.data() + 2) return std::nullopt;
    octets += static_cast<char>(value);
    i += 2;
  }
  return octets;
}

/// `charset?encoding?text`, what stands between "=?" and "?=".
std::optional<std::string> decode_word(std::string_view word) {
  const auto first = word.find('?');
  if (first == std::string_view::npos || word.size() < first + 3 || word[first + 2] != '?') {
    return std::nullopt;
  }
  const auto code_page = mapi::code_page_of(word.substr(0, first));
  if (!code_page) return std::nullopt;
  const auto text = word.substr(first + 3);
  const bool is_base64 = word[first + 1] == 'B' || word[first + 1] == 'b';
  const auto octets = is_base64 ? from_base64(text) : from_q(text);
  if (!octets) return std::nullopt;
  return mapi::decode(*octets, *code_page).text;
}

/// The length of the encoded word at the front ("?=" included); 0 if there is none.
std::size_t encoded_word_size(std::string_view text) {
  constexpr std::size_t longest = 512;  // far over what is legal, and the search stays linear
  text = text.substr(0, longest);
  if (!text.starts_with("=?")) return 0;
  std::size_t at = 2;
  for (int mark = 0; mark < 2; ++mark) {
    at = text.find('?', at);
    if (at == std::string_view::npos) return 0;
    ++at;
  }
  const auto end = text.find("?=", at);
  return end == std::string_view::npos ? 0 : end + 2;
}

}  // namespace

std::string mailbox_name(std::string_view mailbox) {
  const auto open = mailbox.rfind('<');
  if (open == std::string_view::npos) return {};
  std::string name;
  for (auto text = trim(mailbox.substr(0, open)); !text.empty(); text.remove_prefix(1)) {
    if (text.front() == '"') continue;
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    name += text.front();
  }
  return decode_encoded_words(name);
}

std::string decode_encoded_words(std::string_view text) {
  std::string decoded;
  bool after_word = false;
  while (!text.empty()) {
    const auto blanks = text.substr(0, std::min(text.find_first_not_of(" \t"), text.size()));
    const auto rest = text.substr(blanks.size());
    const auto size = encoded_word_size(rest);
    const auto word = size == 0 ? std::nullopt : decode_word(rest.substr(2, size - 4));
    if (word) {
      if (!after_word) decoded += blanks;  // between encoded words blanks vanish
      decoded += *word;
      after_word = true;
      text = rest.substr(size);
    } else {
      const auto taken = blanks.size() + (rest.empty() ? 0 : 1);
      decoded += text.substr(0, taken);
      after_word = false;
      text.remove_prefix(taken);
    }
  }
  return decoded;
}

std::optional<std::string> sender_in_transport_headers(std::string_view headers,
                                                       std::string_view display_name) {
  if (display_name.empty() || headers.empty()) return std::nullopt;
  const auto block = parse_header_block(headers);
  for (const auto* name : {"From", "Sender"}) {
    const auto* field = find_field(block, name);
    if (field == nullptr) continue;
    if (!equals_ignoring_case(mailbox_name(field->value), display_name)) continue;
    if (auto address = mapi::wire_address(one_line(field->value))) return address;
  }
  return std::nullopt;
}

}  // namespace postern::mime
