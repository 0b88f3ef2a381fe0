#include "mime/attachment/content_ids.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <openssl/evp.h>
#include <unicode/unistr.h>

#include "base/percent_encoding.h"
#include "base/text.h"
#include "mapi/code_page.h"
#include "mapi/property_tags.h"
#include "mime/html/references.h"

namespace postern::mime {
namespace {

using mapi::LossKind;

using mapi::AttachMethod;

constexpr std::size_t longest_id = 200;
/// More references than any real document has stay as they are: what stands instead of one may be
/// longer than it.
constexpr std::size_t most_references = 100'000;
constexpr std::string_view scheme = "cid:";
constexpr std::string_view no_resource = "about:invalid";

bool has_scheme(std::string_view url) {
  return equals_ignoring_case(url.substr(0, scheme.size()), scheme);
}

/// Without blanks and NULs at the ends, "cid:" and `<>`.
std::string_view bare_id(std::string_view stored) {
  constexpr std::string_view blanks(" \t\r\n\0", 5);
  const auto strip = [&](std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return text.substr(0, text.find_last_not_of(blanks) + 1);
  };
  auto id = strip(stored);
  if (has_scheme(id)) id = strip(id.substr(scheme.size()));
  if (id.starts_with('<')) id.remove_prefix(1);
  if (id.ends_with('>')) id.remove_suffix(1);
  return strip(id);
}

/// For comparison: without regard to case.
std::string folded(std::string_view text) {
  const std::string utf8 =
      is_utf8(text) ? std::string(text) : mapi::decode(text, mapi::code_page_windows_1252).text;
  std::string result;
  icu::UnicodeString::fromUTF8(utf8).foldCase().toUTF8String(result);
  return result;
}

std::string comparable_id(std::string_view id) {
  return folded(bare_id(id));
}

bool is_atext(char c) {
  constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         others.find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atext(c); });
}

/// `[...]` (RFC 5322 §3.6.4).
bool is_literal(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') return false;
  const auto inner = text.substr(1, text.size() - 2);
  return std::all_of(inner.begin(), inner.end(), [](char c) {
    return c > ' ' && c < 0x7F && c != '[' && c != '\\' && c != ']';
  });
}

/// The URL of a part (RFC 2392); what is special in HTML or CSS is percent-encoded.
std::string url_of(std::string_view id) {
  constexpr std::string_view plain = "-._~@!$*+=";
  std::string url(scheme);
  for (const char c : id) {
    if (is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        plain.find(c) != std::string_view::npos) {
      url += c;
    } else {
      append_percent_encoded(url, c);
    }
  }
  return url;
}

bool is_url_of(std::string_view url, std::string_view id) {
  return has_scheme(url) && url.find_first_of("#?") == std::string_view::npos &&
         percent_decoded(url.substr(scheme.size())) == id;
}

std::string digest(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
  EVP_Digest(text.data(), text.size(), octets.data(), nullptr, EVP_sha256(), nullptr);
  std::string hex;
  for (std::size_t i = 0; i < 16; ++i) append_hex(hex, static_cast<char>(octets[i]));
  return lower_case(hex);
}

bool can_be_shown(const mapi::Attachment& attachment) {
  const auto method = mapi::attach_method(attachment);
  return method == AttachMethod::by_value || method == AttachMethod::ole;
}

/// Where attachments are found; of several with one key the first is meant.
class Index {
 public:
  explicit Index(const std::vector<mapi::Attachment>& attachments) {
    for (std::size_t i = 0; i < attachments.size(); ++i) add(attachments[i], i);
    for (std::size_t i = 0; i < attachments.size(); ++i) {
      const auto id = attachments[i].get_or(mapi::PR_ATTACH_CONTENT_ID, "");
      insert(ids_, folded(percent_decoded(bare_id(id))), i);
    }
  }

  [[nodiscard]] std::optional<std::size_t> by_id(std::string_view url) const {
    const auto id = url.substr(scheme.size());
    if (auto found = find(ids_, comparable_id(percent_decoded(id)))) return found;
    return find(ids_, comparable_id(id));
  }

  /// The attachment without a content id whose file name an id seems to be made of.
  [[nodiscard]] std::optional<std::size_t> by_name_in_id(std::string_view url) const {
    const auto id = comparable_id(percent_decoded(url.substr(scheme.size())));
    if (auto found = find(nameless_, id)) return found;
    return find(nameless_, id.substr(0, id.rfind('@')));
  }

  [[nodiscard]] std::optional<std::size_t> by_location(std::string_view url) const {
    if (auto found = find(locations_, percent_decoded(url))) return found;
    if (url.find_first_of(":/\\#?") != std::string_view::npos) return std::nullopt;
    return find(names_, folded(percent_decoded(url)));
  }

 private:
  using Keys = std::map<std::string, std::size_t>;

  void add(const mapi::Attachment& attachment, std::size_t i) {
    const auto id = comparable_id(attachment.get_or(mapi::PR_ATTACH_CONTENT_ID, ""));
    insert(ids_, id, i);
    if (!can_be_shown(attachment)) return;
    const auto location = trim(attachment.get_or(mapi::PR_ATTACH_CONTENT_LOCATION, ""));
    insert(locations_, percent_decoded(location), i);
    for (const auto tag : {mapi::PR_ATTACH_LONG_FILENAME, mapi::PR_ATTACH_FILENAME}) {
      const auto name = folded(trim(attachment.get_or(tag, "")));
      insert(names_, name, i);
      if (id.empty()) insert(nameless_, name, i);
    }
  }

  static void insert(Keys& keys, std::string key, std::size_t i) {
    if (!key.empty()) keys.emplace(std::move(key), i);
  }

  static std::optional<std::size_t> find(const Keys& keys, const std::string& key) {
    const auto found = keys.find(key);
    return found == keys.end() ? std::nullopt : std::optional(found->second);
  }

  Keys ids_;
  Keys locations_;
  Keys names_;
  Keys nameless_;  ///< file names of attachments without an id
};

class Assignment {
 public:
  Assignment(const mapi::Message& message, std::string_view html, std::string_view domain,
             const std::vector<std::string>& others)
      : message_(message),
        html_(html),
        domain_(domain),
        others_(others.begin(), others.end()),
        index_(message.attachments) {
    result_.uses.resize(message.attachments.size());
    for (const auto& id : others) taken_.insert(lower_case(id));
  }

  ContentIds run() {
    result_.html = with_references(
        html_, [this](const HtmlReference& reference) { return replacement(reference); });
    // A part that is not inline keeps its id, which is of no use but harmless.
    for (std::size_t i = 0; i < result_.uses.size(); ++i) {
      if (result_.uses[i].content_id.empty()) result_.uses[i].content_id = own_id(i).value_or("");
    }
    if (missing_ > 0) {
      tell(LossKind::dropped,
           "what the HTML shows as '" + first_missing_ + "'" +
               (missing_ > 1 ? " and " + std::to_string(missing_ - 1) + " more like it" : "") +
               " is not attached; nothing is shown there");
    }
    if (references_ > most_references) {
      tell(LossKind::dropped, "the HTML has more than " + std::to_string(most_references) +
                                  " references; the others are sent as they are");
    }
    return std::move(result_);
  }

 private:
  std::optional<std::string> replacement(const HtmlReference& reference) {
    if (++references_ > most_references) return std::nullopt;
    if (is_other_part(reference.url)) return std::nullopt;
    const auto meant = meant_by(reference);
    if (!meant) return has_scheme(reference.url) ? nothing(reference) : std::nullopt;
    auto& use = result_.uses[*meant];
    use.is_inline = can_be_shown(message_.attachments[*meant]);
    if (use.content_id.empty()) use.content_id = own_id(*meant).value_or(new_id(*meant));
    if (is_url_of(reference.url, use.content_id)) return std::nullopt;
    return url_of(use.content_id);
  }

  [[nodiscard]] bool is_other_part(std::string_view url) const {
    return has_scheme(url) && others_.contains(percent_decoded(url.substr(scheme.size())));
  }

  std::optional<std::size_t> meant_by(const HtmlReference& reference) {
    if (!has_scheme(reference.url)) {
      return reference.is_shown ? index_.by_location(reference.url) : std::nullopt;
    }
    if (const auto found = index_.by_id(reference.url)) return found;
    const auto guessed = index_.by_name_in_id(reference.url);
    if (guessed && guessed_.insert(*guessed).second) {
      tell(LossKind::guessed, "the HTML shows '" + printable(reference.url) +
                                  "', which is taken for the attachment of that file name");
    }
    return guessed;
  }

  /// Readers complain about a part that is not there.
  std::optional<std::string> nothing(const HtmlReference& reference) {
    if (reference.is_shown && missing_++ == 0) first_missing_ = printable(reference.url);
    return std::string(no_resource);
  }

  std::optional<std::string> own_id(std::size_t i) {
    auto id = legal_content_id(message_.attachments[i].get_or(mapi::PR_ATTACH_CONTENT_ID, ""));
    if (id && !taken_.insert(lower_case(*id)).second) return std::nullopt;
    return id;
  }

  std::string new_id(std::size_t i) {
    if (digest_.empty()) {
      digest_ = digest(std::string(message_.get_or(mapi::PR_INTERNET_MESSAGE_ID, "")) + '\n' +
                       std::string(html_));
    }
    const auto left = "part" + std::to_string(i + 1) + '.' + digest_ + '@';
    auto id = legal_content_id(left + std::string(domain_)).value_or(left + "localhost");
    while (!taken_.insert(lower_case(id)).second) id.insert(0, 1, 'x');
    return id;
  }

  void tell(LossKind kind, std::string sentence) {
    result_.losses.push_back({kind, mapi::body_part, std::move(sentence)});
  }

  const mapi::Message& message_;
  std::string_view html_;
  std::string_view domain_;
  std::set<std::string> others_;
  Index index_;
  ContentIds result_;
  std::set<std::string> taken_;  ///< ids, in lower case
  std::set<std::size_t> guessed_;
  std::string digest_;
  std::size_t references_ = 0;
  std::size_t missing_ = 0;
  std::string first_missing_;
};

}  // namespace

ContentIds content_ids(const mapi::Message& message, std::string_view html, std::string_view domain,
                       const std::vector<std::string>& others) {
  return Assignment(message, html, domain, others).run();
}

std::optional<std::string> legal_content_id(std::string_view stored) {
  const auto id = bare_id(stored);
  const auto at = id.find('@');
  if (at == std::string_view::npos || id.size() > longest_id) return std::nullopt;
  const auto right = id.substr(at + 1);
  if (!is_dot_atom(id.substr(0, at)) || !(is_dot_atom(right) || is_literal(right))) {
    return std::nullopt;
  }
  return std::string(id);
}

}  // namespace postern::mime
