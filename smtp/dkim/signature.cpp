#include "smtp/dkim/signature.h"

#include <algorithm>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/text.h"

namespace postern::smtp {
namespace {

/// Builds a header field: continues on a new line if this one would become too long.
class FoldedField {
 public:
  explicit FoldedField(std::string_view name) : text_(name), column_(name.size()) {}

  /// A word that is kept whole; white space stands before it.
  void word(std::string_view text) {
    if (column_ + 1 + text.size() > longest_line) return fold(text);
    append(" ");
    append(text);
  }
  /// The next text without white space, kept whole if it fits on a line.
  void piece(std::string_view text) {
    if (column_ + text.size() > longest_line) return fold(text);
    append(text);
  }
  /// What may be cut anywhere.
  void letters(std::string_view text) {
    while (!text.empty()) {
      if (column_ >= longest_line) fold({});
      const std::string_view part = text.substr(0, longest_line - column_);
      append(part);
      text.remove_prefix(part.size());
    }
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  static constexpr std::size_t longest_line = 76;

  void append(std::string_view text) {
    text_ += text;
    column_ += text.size();
  }
  void fold(std::string_view text) {
    text_ += "\r\n ";
    column_ = 1;
    append(text);
  }

  std::string text_;
  std::size_t column_;
};

/// What h= names, and the fields' octets in its order (RFC 6376 §5.4.2): of several fields of one
/// name the last one in the header comes first.
struct FieldSelection {
  std::vector<std::string_view> names;
  std::vector<std::string_view> fields;
};

FieldSelection select(const DkimSettings& settings, const std::vector<DkimHeaderField>& header) {
  std::map<std::string_view, std::vector<std::string_view>> by_name;
  for (auto field = header.rbegin(); field != header.rend(); ++field) {
    by_name[field->name].push_back(field->octets);
  }
  FieldSelection selection;
  for (const SignedField& field : settings.fields) {
    const auto found = by_name.find(lower_case(field.name));
    const std::size_t count = found == by_name.end() ? 0 : found->second.size();
    const bool sealed =
        field.oversign == Oversign::always || (field.oversign == Oversign::if_present && count > 0);
    selection.names.insert(selection.names.end(), count + (sealed ? 1 : 0), field.name);
    if (count == 0) continue;
    selection.fields.insert(selection.fields.end(), found->second.begin(), found->second.end());
  }
  return selection;
}

/// dkim-quoted-printable of RFC 6376 §2.11.
std::string quoted_printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c > 0x20 && c < 0x7F && c != '=' && c != ';') {
      out += c;
    } else {
      out += fmt::format("={:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

/// All but the value of b=, which is the last tag.
FoldedField tags(const DkimSettings& settings, const std::vector<std::string_view>& names,
                 const Sha256Digest& body_hash, std::chrono::system_clock::time_point now) {
  FoldedField field("DKIM-Signature:");
  field.word("v=1;");
  field.word(fmt::format("a={};", name(settings.key.algorithm())));
  field.word(fmt::format("c={}/{};", name(settings.header), name(settings.body)));
  field.word(fmt::format("d={};", settings.domain));
  field.word(fmt::format("s={};", settings.selector));
  if (!settings.identity.empty()) {
    field.word(fmt::format("i={};", quoted_printable(settings.identity)));
  }
  const auto time = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  field.word(fmt::format("t={};", time.count()));
  if (settings.lifetime) field.word(fmt::format("x={};", (time + *settings.lifetime).count()));
  for (std::size_t index = 0; index < names.size(); ++index) {
    const bool last = index + 1 == names.size();
    const std::string piece = fmt::format("{}{}", names[index], last ? ';' : ':');
    if (index == 0) {
      field.word("h=" + piece);
    } else {
      field.piece(piece);
    }
  }
  field.word(fmt::format("bh={};", base64(body_hash)));
  field.word("b=");
  return field;
}

}  // namespace

std::string signature_field(const DkimSettings& settings,
                            const std::vector<DkimHeaderField>& header,
                            const Sha256Digest& body_hash,
                            std::chrono::system_clock::time_point now) {
  const FieldSelection selection = select(settings, header);
  FoldedField field = tags(settings, selection.names, body_hash, now);
  Sha256 hash;
  for (const std::string_view octets : selection.fields) {
    hash.write(canonical_field(octets, settings.header));
  }
  // As verifiers see it: the signature's own field last, b= empty, without CRLF (RFC 6376 §3.7).
  hash.write(canonical_field(field.text(), settings.header));
  field.letters(base64(settings.key.sign(hash.finish())));
  return field.text() + "\r\n";
}

}  // namespace postern::smtp
