#include "mime/html/references.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "mime/html/entities.h"
#include "mime/html/tokenizer.h"

namespace postern::mime {
namespace {

enum class Syntax { url, image_candidates, style };

struct ReferenceAttribute {
  std::string_view name;
  Syntax syntax;
  bool is_shown;
};
constexpr std::array reference_attributes{
    ReferenceAttribute{"src", Syntax::url, true},
    ReferenceAttribute{"srcset", Syntax::image_candidates, true},
    ReferenceAttribute{"imagesrcset", Syntax::image_candidates, true},
    ReferenceAttribute{"poster", Syntax::url, true},
    ReferenceAttribute{"background", Syntax::url, true},
    ReferenceAttribute{"data", Syntax::url, true},
    ReferenceAttribute{"lowsrc", Syntax::url, true},
    ReferenceAttribute{"dynsrc", Syntax::url, true},
    ReferenceAttribute{"xlink:href", Syntax::url, true},
    ReferenceAttribute{"style", Syntax::style, true},
    ReferenceAttribute{"href", Syntax::url, false},
    ReferenceAttribute{"o:href", Syntax::url, false},
    ReferenceAttribute{"longdesc", Syntax::url, false},
};

const ReferenceAttribute* find_attribute(std::string_view name) {
  const auto* const found =
      std::find_if(reference_attributes.begin(), reference_attributes.end(),
                   [&](const auto& row) { return equals_ignoring_case(row.name, name); });
  return found == reference_attributes.end() ? nullptr : found;
}

bool starts_with_cid(std::string_view url) {
  constexpr std::string_view scheme = "cid:";
  return equals_ignoring_case(url.substr(0, scheme.size()), scheme);
}

using Urls = std::vector<std::string_view>;  // views of the text they were found in

/// The values of url(...) in a style sheet, with or without quotes.
Urls urls_of_style(std::string_view css) {
  constexpr std::string_view function = "url";
  Urls urls;
  for (;;) {
    const auto open = css.find('(');
    if (open == std::string_view::npos) return urls;
    const bool is_url =
        open >= function.size() &&
        equals_ignoring_case(css.substr(open - function.size(), function.size()), function);
    css.remove_prefix(open + 1);
    if (!is_url) continue;
    css.remove_prefix(std::min(css.find_first_not_of(ascii_whitespace), css.size()));
    const bool is_quoted = css.starts_with('"') || css.starts_with('\'');
    const char end_mark = is_quoted ? css.front() : ')';
    if (is_quoted) css.remove_prefix(1);
    const auto end = css.find(end_mark);
    if (end == std::string_view::npos) return urls;
    urls.push_back(trim(css.substr(0, end)));
    css.remove_prefix(end + 1);
  }
}

/// The URLs of srcset: each ends at a blank, and its descriptors at a comma. No content id has a
/// comma, which many write without a blank behind it.
Urls urls_of_candidates(std::string_view set) {
  Urls urls;
  for (;;) {
    set.remove_prefix(std::min(set.find_first_not_of(" \t\r\n\f,"), set.size()));
    if (set.empty()) return urls;
    const auto* const ends = starts_with_cid(set) ? " \t\r\n\f," : " \t\r\n\f";
    auto url = set.substr(0, set.find_first_of(ends));
    set.remove_prefix(url.size());
    if (url.ends_with(',')) {
      url = url.substr(0, url.find_last_not_of(',') + 1);
    } else {
      set.remove_prefix(std::min(set.find(','), set.size()));
    }
    urls.push_back(url);
  }
}

Urls urls_of(std::string_view text, Syntax syntax) {
  switch (syntax) {
    case Syntax::image_candidates:
      return urls_of_candidates(text);
    case Syntax::style:
      return urls_of_style(text);
    case Syntax::url:
      break;
  }
  return {trim(text)};
}

struct Edit {
  std::string_view place;
  std::string text;
};

std::string edited(std::string_view text, const std::vector<Edit>& edits) {
  std::string result;
  const char* copied = text.data();
  for (const auto& edit : edits) {
    result.append(copied, edit.place.data()).append(edit.text);
    copied = edit.place.data() + edit.place.size();
  }
  return result.append(copied, text.data() + text.size());
}

/// The text as the value of an attribute.
std::string encode_attribute(std::string_view text, bool is_quoted) {
  const std::string_view special = is_quoted ? "&\"'<>" : "&\"'<>`= \t\r\n\f";
  std::string value;
  for (const char c : text) {
    if (special.find(c) == std::string_view::npos) {
      value += c;
    } else {
      value += c == '&' ? "&amp;" : c == '"' ? "&quot;" : "&#" + std::to_string(c) + ';';
    }
  }
  return value;
}

class References {
 public:
  explicit References(const ReplaceReference& replacement) : replacement_(replacement) {}

  enum class ConditionalComments { read, ignore };
  void read(std::string_view html, ConditionalComments comments) {
    HtmlTokenizer tokens(html);
    for (HtmlToken token; tokens.next(token);) {
      if (token.kind == HtmlToken::Kind::start_tag) {
        for (const auto& attribute : token.attributes) read_attribute(attribute);
      } else if (token.kind == HtmlToken::Kind::raw_text && token.name == "style") {
        for (auto& edit : edits_of(token.content, Syntax::style, true)) add(std::move(edit));
      } else if (token.kind == HtmlToken::Kind::comment && token.content.starts_with("[if") &&
                 comments == ConditionalComments::read) {
        // <!--[if gte vml 1]>: the pictures some mail clients show instead.
        read(token.content, ConditionalComments::ignore);
      }
    }
  }
  [[nodiscard]] const std::vector<Edit>& edits() const { return edits_; }

 private:
  void read_attribute(const HtmlAttribute& attribute) {
    const auto* row = find_attribute(attribute.name);
    if (row == nullptr || attribute.value.empty()) return;
    if (attribute.value.find('&') == std::string_view::npos) {
      for (auto& edit : edits_of(attribute.value, row->syntax, row->is_shown)) add(std::move(edit));
      return;
    }
    const auto value = decode_entities(attribute.value, HtmlContext::attribute);
    const auto edits = edits_of(value, row->syntax, row->is_shown);
    if (edits.empty()) return;
    const char before = *(attribute.value.data() - 1);
    const bool is_quoted = before == '"' || before == '\'';
    add({attribute.value, encode_attribute(edited(value, edits), is_quoted)});
  }

  std::vector<Edit> edits_of(std::string_view text, Syntax syntax, bool is_shown) {
    std::vector<Edit> edits;
    for (const auto place : urls_of(text, syntax)) {
      HtmlReference reference{std::string(place), is_shown};
      std::erase_if(reference.url, [](char c) { return c == '\t' || c == '\r' || c == '\n'; });
      if (reference.url.empty()) continue;
      if (auto other = replacement_(reference)) edits.push_back({place, std::move(*other)});
    }
    return edits;
  }

  void add(Edit edit) { edits_.push_back(std::move(edit)); }

  const ReplaceReference& replacement_;
  std::vector<Edit> edits_;
};

}  // namespace

std::string with_references(std::string_view html, const ReplaceReference& replacement) {
  References references(replacement);
  references.read(html, References::ConditionalComments::read);
  return edited(html, references.edits());
}

}  // namespace postern::mime
