#include "mime/header/field_syntax.h"

#include <algorithm>
#include <array>

#include "base/percent_encoding.h"
#include "base/text.h"
#include "mapi/address.h"
#include "mime/header/header_encoding.h"
#include "mime/header/transport_sender.h"

namespace postern::mime {
namespace {

/// One word without a blank must leave room for the field's name on its line (RFC 5322 §2.1.1).
constexpr std::size_t longest_word = 900;

struct Field {
  std::string_view name;
  FieldSyntax syntax;
};
constexpr std::array known_fields{
    Field{"From", FieldSyntax::addresses},
    Field{"Sender", FieldSyntax::addresses},
    Field{"Reply-To", FieldSyntax::addresses},
    Field{"To", FieldSyntax::addresses},
    Field{"Cc", FieldSyntax::addresses},
    Field{"Errors-To", FieldSyntax::addresses},
    Field{"Mail-Followup-To", FieldSyntax::addresses},
    Field{"Mail-Reply-To", FieldSyntax::addresses},
    Field{"Apparently-To", FieldSyntax::addresses},
    Field{"Return-Receipt-To", FieldSyntax::addresses},
    Field{"Disposition-Notification-To", FieldSyntax::addresses},
    Field{"Abuse-Reports-To", FieldSyntax::addresses},
    Field{"X-Abuse-Reports-To", FieldSyntax::addresses},
    Field{"Message-ID", FieldSyntax::ids},
    Field{"In-Reply-To", FieldSyntax::ids},
    Field{"References", FieldSyntax::ids},
    Field{"Original-Message-ID", FieldSyntax::ids},
    Field{"Supersedes", FieldSyntax::ids},
    Field{"Obsoletes", FieldSyntax::ids},
    Field{"List-Help", FieldSyntax::uris},
    Field{"List-Subscribe", FieldSyntax::uris},
    Field{"List-Unsubscribe", FieldSyntax::uris},
    Field{"List-Post", FieldSyntax::uris},
    Field{"List-Owner", FieldSyntax::uris},
    Field{"List-Archive", FieldSyntax::uris},
    Field{"Archived-At", FieldSyntax::uris},
    Field{"List-Unsubscribe-Post", FieldSyntax::structured},
    Field{"List-ID", FieldSyntax::list_id},
    Field{"Auto-Submitted", FieldSyntax::structured},
    Field{"Autocrypt", FieldSyntax::structured},
    Field{"Autocrypt-Gossip", FieldSyntax::structured},
    Field{"Accept-Language", FieldSyntax::structured},
    Field{"Precedence", FieldSyntax::structured},
    Field{"Priority", FieldSyntax::structured},
    Field{"Importance", FieldSyntax::structured},
    Field{"Sensitivity", FieldSyntax::structured},
    Field{"Date", FieldSyntax::structured},
    Field{"Expires", FieldSyntax::structured},
    Field{"Expiry-Date", FieldSyntax::structured},
    Field{"Deferred-Delivery", FieldSyntax::structured},
    Field{"Reply-By", FieldSyntax::structured},
    Field{"Thread-Index", FieldSyntax::structured},
    Field{"Feedback-ID", FieldSyntax::structured},
    Field{"TLS-Required", FieldSyntax::structured},
    Field{"BIMI-Selector", FieldSyntax::structured},
    Field{"Require-Recipient-Valid-Since", FieldSyntax::structured},
    Field{"CFBL-Address", FieldSyntax::structured},
    Field{"CFBL-Feedback-ID", FieldSyntax::structured},
    Field{"X-Priority", FieldSyntax::structured},
    Field{"X-MSMail-Priority", FieldSyntax::structured},
    Field{"X-Auto-Response-Suppress", FieldSyntax::structured},
    Field{"X-MimeOLE", FieldSyntax::structured},
};
/// Of fields by which programs find their own mail again.
constexpr std::array<std::string_view, 10> structured_ends{
    "-EID", "-ID", "-UID", "-GUID", "-UUID", "-Token", "-Signature", "-Hash", "-Key", "-Tracking"};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
         equals_ignoring_case(text.substr(text.size() - end.size()), end);
}

bool has_unwritable_word(std::string_view text) {
  std::size_t run = 0;
  return std::any_of(text.begin(), text.end(), [&run](char c) {
    run = c == ' ' ? 0 : run + 1;
    return run > longest_word;
  });
}

void append_word(std::string& list, std::string_view separator, std::string_view word) {
  list.append(list.empty() ? "" : separator).append(word);
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() < longest_word && is_printable_ascii(text) &&
         text.find_first_of(" <>") == std::string_view::npos;
}

/// The pieces between the commas that stand outside of quotation marks and brackets.
std::vector<std::string_view> split_at_commas(std::string_view text) {
  std::vector<std::string_view> pieces;
  bool is_quoted = false;
  bool is_bracketed = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (c == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && (c == '<' || c == '>')) {
      is_bracketed = c == '<' && text.find('>', i) != std::string_view::npos;
    } else if (c == ',' && !is_quoted && !is_bracketed) {
      pieces.push_back(trim(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  pieces.push_back(trim(text.substr(std::min(start, text.size()))));
  return pieces;
}

FieldValue address_list_value(std::string_view name, std::string_view text, bool smtputf8) {
  FieldValue result;
  for (const auto piece : split_at_commas(text)) {
    if (piece.empty()) continue;
    const auto address = mapi::wire_address(piece);
    if (!address || (!smtputf8 && !is_ascii(*address))) {
      result.is_lossy = true;
      continue;
    }
    const auto phrase =
        encode_phrase(mailbox_name(piece), result.value.empty() ? name.size() + 2 : 1);
    append_word(result.value, ", ", phrase.empty() ? *address : phrase + " <" + *address + '>');
  }
  return result;
}

FieldValue structured_value(std::string_view text) {
  if (!is_printable_ascii(text) || has_unwritable_word(text)) return {{}, true};
  return {std::string(trim(text)), false};
}

/// A phrase and an id in angle brackets, of which filters need the latter (RFC 2919 §3).
FieldValue list_id_value(std::string_view name, std::string_view text) {
  const auto open = text.rfind('<');
  const auto close = text.find('>', open == std::string_view::npos ? text.size() : open);
  if (close == std::string_view::npos) return structured_value(text);
  const auto id = text.substr(open, close - open + 1);
  if (!is_id(id.substr(1, id.size() - 2))) return {{}, true};
  const auto phrase = encode_phrase(mailbox_name(text), name.size() + 2);
  return {phrase.empty() ? std::string(id) : phrase + ' ' + std::string(id), false};
}

std::string percent_encoded_uri(std::string_view uri) {
  std::string encoded;
  for (const char octet : uri) {
    if (is_high(octet)) {
      append_percent_encoded(encoded, octet);
    } else if (octet != ' ') {  // of a fold
      encoded += octet;
    }
  }
  return encoded;
}

}  // namespace

FieldSyntax field_syntax(std::string_view name) {
  for (const auto& field : known_fields) {
    if (equals_ignoring_case(field.name, name)) return field.syntax;
  }
  const bool is_structured = std::ranges::any_of(
      structured_ends, [name](std::string_view end) { return ends_with(name, end); });
  return is_structured ? FieldSyntax::structured : FieldSyntax::text;
}

FieldValue field_value(std::string_view name, std::string_view text, bool smtputf8) {
  const auto line = one_line(text);
  switch (field_syntax(name)) {
    case FieldSyntax::addresses:
      return address_list_value(name, line, smtputf8);
    case FieldSyntax::ids:
      return id_list(line);
    case FieldSyntax::uris:
      return uri_list(line);
    case FieldSyntax::list_id:
      return list_id_value(name, line);
    case FieldSyntax::structured:
      return structured_value(line);
    case FieldSyntax::text:
      break;
  }
  return {encode_unstructured(line, name.size() + 2), false};
}

/// Words outside of brackets are ids where there are no brackets at all: In-Reply-To once held
/// phrases beside them (RFC 5322 §4.5.4).
FieldValue id_list(std::string_view text) {
  constexpr std::string_view separators = " \t\r\n,";
  FieldValue result;
  const bool has_brackets = text.find('<') != std::string_view::npos;
  while (!text.empty()) {
    const auto start = text.find_first_not_of(separators);
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    const bool is_bracketed = text.front() == '<';
    const auto close = is_bracketed ? text.find('>') : std::string_view::npos;
    const auto end =
        close != std::string_view::npos
            ? close + 1
            : std::min(text.find_first_of(is_bracketed ? separators : " \t\r\n,<"), text.size());
    auto id = text.substr(0, end);
    text.remove_prefix(end);
    const bool is_plainly_one = is_bracketed || !has_brackets || id.find('@') != std::string::npos;
    if (!is_plainly_one) continue;
    if (id.starts_with('<')) id.remove_prefix(1);
    if (id.ends_with('>')) id.remove_suffix(1);
    if (is_id(id)) {
      append_word(result.value, " ", '<' + std::string(id) + '>');
    } else {
      result.is_lossy = true;
    }
  }
  return result;
}

FieldValue uri_list(std::string_view text) {
  FieldValue result;
  const auto line = one_line(text);
  for (auto piece : split_at_commas(line)) {
    if (piece.empty()) continue;
    const auto open = piece.find('<');
    const auto close = piece.find('>', open == std::string_view::npos ? 0 : open);
    const bool is_bracketed = open != std::string_view::npos && close != std::string_view::npos;
    const auto uri = is_bracketed ? piece.substr(open + 1, close - open - 1) : piece;
    const auto encoded = percent_encoded_uri(uri);
    const bool is_comment = !is_bracketed && uri.find(':') == std::string_view::npos;
    if (encoded.empty() || encoded.size() > longest_word || is_comment) {
      result.is_lossy = true;
      continue;
    }
    append_word(result.value, ", ", '<' + encoded + '>');
  }
  return result;
}

}  // namespace postern::mime
