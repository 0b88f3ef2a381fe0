#include "mime/parse/header_values.h"

#include <algorithm>
#include <gmime/gmime.h>
#include <memory>
#include <utility>

#include "base/text.h"
#include "mapi/code_page.h"
#include "mime/header/encoded_words.h"
#include "mime/header/header_encoding.h"

namespace postern::mime {
namespace {

struct ObjectDeleter {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class Object>
using Owned = std::unique_ptr<Object, ObjectDeleter>;

void begin_gmime() {
  static const bool begun = [] {
    g_mime_init();
    return true;
  }();
  static_cast<void>(begun);
}

/// GMime takes C strings; NULs cannot be in a header that is sent.
std::string utf8_without_nul(std::string_view body) {
  auto text = mapi::decode(body, mapi::code_page_utf8);
  if (!text.clean) text = mapi::decode(body, mapi::code_page_windows_1252);
  std::erase(text.text, '\0');
  return std::move(text.text);
}

/// What GMime would take for an encoded word where one has stood for it, and how it is hidden.
constexpr std::string_view word_mark = "=?";
constexpr std::string_view hidden_mark = "=\xEE\x80\x80?";

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

void append_escaped(std::string& text, std::string part, std::string_view specials) {
  replace_all(part, word_mark, hidden_mark);
  for (const char octet : part) {
    if (specials.find(octet) != std::string_view::npos) text += '\\';
    text += octet;
  }
}

/// The encoded words as the text that they stand for, in quotation marks or a comment. GMime 3.2
/// keeps only the first of several that are padded.
std::string with_decoded_words(std::string_view body) {
  std::string text;
  bool is_quoted = false;
  int comments = 0;
  auto whole = utf8_without_nul(body);
  if (whole.find(word_mark) == std::string::npos) return whole;
  for (std::string_view rest = whole; !rest.empty();) {
    if (const auto words = decoded_words_at_front(rest)) {
      const bool is_bare = !is_quoted && comments == 0;
      if (is_bare) text += '"';
      append_escaped(text, one_line(words->text), comments > 0 ? "()\\" : "\"\\");
      if (is_bare) text += '"';
      rest.remove_prefix(words->size);
      continue;
    }
    const char c = rest.front();
    const std::size_t taken = c == '\\' && rest.size() > 1 ? 2 : 1;
    if (c == '"' && comments == 0) is_quoted = !is_quoted;
    if (!is_quoted && c == '(') ++comments;
    if (!is_quoted && c == ')' && comments > 0) --comments;
    text += rest.substr(0, taken);
    rest.remove_prefix(taken);
  }
  return text;
}

/// The text between commas that stand outside of quotation marks, comments, brackets. A semicolon
/// is one where no group is to be ended, as Outlook users write; groups do not nest (RFC 5322
/// §3.4), and GMime would go as deep as it is led.
std::vector<std::string> pieces_of_list(const std::string& text) {
  std::vector<std::string> pieces(1);
  bool is_quoted = false;
  bool is_group = false;
  int comments = 0;
  int brackets = 0;  // of an address with a route, or of a literal
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    const bool is_plain = !is_quoted && comments == 0 && brackets == 0;
    if (c == '\\' && i + 1 < text.size()) {
      pieces.back() += c;
      c = text[++i];
    } else if (c == '"' && comments == 0) {
      is_quoted = !is_quoted;
    } else if (!is_quoted && (c == '(' || c == ')')) {
      comments = std::max(0, comments + (c == '(' ? 1 : -1));
    } else if (!is_quoted && comments == 0 && (c == '<' || c == '[' || c == '>' || c == ']')) {
      brackets = c == '<' || c == '[' ? 1 : 0;
    } else if (is_plain && c == ':' && std::exchange(is_group, true)) {
      c = ' ';
    } else if (is_plain && !is_group && (c == ',' || c == ';')) {
      pieces.emplace_back();
      continue;
    } else if (is_plain && c == ';') {
      is_group = false;
    }
    pieces.back() += c;
  }
  return pieces;
}

std::string valid_text(const char* text) {
  auto line = text == nullptr ? std::string() : one_line(text);
  replace_all(line, hidden_mark, word_mark);
  return line;
}

void append_mailboxes(InternetAddressList* list, std::vector<ListedMailbox>& mailboxes) {
  constexpr std::string_view hidden[] = {"undisclosed-recipients",    "undisclosed recipients",
                                         "undisclosed-recipient",     "recipient list not shown",
                                         "recipients list not shown", "unlisted-recipients"};
  const int count = internet_address_list_length(list);
  for (int i = 0; i < count; ++i) {
    auto* address = internet_address_list_get_address(list, i);
    auto name = valid_text(internet_address_get_name(address));
    if (INTERNET_ADDRESS_IS_MAILBOX(address)) {
      mailboxes.push_back({std::move(name), valid_text(internet_address_mailbox_get_addr(
                                                INTERNET_ADDRESS_MAILBOX(address)))});
      continue;
    }
    auto* members = internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address));
    const auto before = mailboxes.size();
    if (members != nullptr) append_mailboxes(members, mailboxes);
    const bool is_hidden = std::ranges::any_of(
        hidden, [&](std::string_view each) { return equals_ignoring_case(each, name); });
    if (mailboxes.size() == before && !is_hidden) mailboxes.push_back({std::move(name), {}});
  }
}

/// Of "root (Cron Daemon)", as local programs write it; of an address with a domain GMime knows it.
std::string name_in_comment(std::string_view body) {
  body = trim(body);
  const auto begin = body.find('(');
  if (begin == std::string_view::npos ||
      body.find_first_of("()\\\"", begin + 1) != body.size() - 1 || !body.ends_with(')')) {
    return {};
  }
  return valid_text(std::string(body.substr(begin + 1, body.size() - begin - 2)).c_str());
}

std::vector<Parameter> parameters_of(GMimeParamList* list) {
  std::vector<Parameter> parameters;
  const int count = list == nullptr ? 0 : g_mime_param_list_length(list);
  for (int i = 0; i < count; ++i) {
    auto* parameter = g_mime_param_list_get_parameter_at(list, i);
    parameters.push_back({lower_case(valid_text(g_mime_param_get_name(parameter))),
                          valid_text(g_mime_param_get_value(parameter))});
  }
  return parameters;
}

}  // namespace

std::string text_value(std::string_view body) {
  return one_line(decode_encoded_words(utf8_without_nul(body)));
}

std::vector<ListedMailbox> address_list_value(std::string_view body) {
  begin_gmime();
  std::vector<ListedMailbox> mailboxes;
  for (const auto& piece : pieces_of_list(with_decoded_words(body))) {
    const auto before = mailboxes.size();
    const Owned<InternetAddressList> list(internet_address_list_parse(nullptr, piece.c_str()));
    if (list) append_mailboxes(list.get(), mailboxes);
    const auto text = valid_text(std::string(trim(piece)).c_str());
    // What is no address to GMime may be one all the same, and is not passed over.
    if (!list && !text.empty()) mailboxes.push_back({{}, text});
    const bool is_lone_address = mailboxes.size() == before + 1 && mailboxes.back().name.empty();
    if (is_lone_address && list) mailboxes.back().name = name_in_comment(piece);
  }
  return mailboxes;
}

std::string_view ParameterizedValue::parameter(std::string_view name) const {
  const auto found =
      std::ranges::find_if(parameters, [name](const Parameter& each) { return each.name == name; });
  return found == parameters.end() ? std::string_view() : std::string_view(found->value);
}

std::optional<ParameterizedValue> media_type_value(std::string_view body) {
  begin_gmime();
  const Owned<GMimeContentType> type(
      g_mime_content_type_parse(nullptr, with_decoded_words(body).c_str()));
  if (!type || body.find('/') == std::string_view::npos) return std::nullopt;
  return ParameterizedValue{
      lower_case(valid_text(g_mime_content_type_get_media_type(type.get())) + '/' +
                 valid_text(g_mime_content_type_get_media_subtype(type.get()))),
      parameters_of(g_mime_content_type_get_parameters(type.get()))};
}

std::optional<ParameterizedValue> disposition_value(std::string_view body) {
  begin_gmime();
  const Owned<GMimeContentDisposition> disposition(
      g_mime_content_disposition_parse(nullptr, with_decoded_words(body).c_str()));
  if (!disposition) return std::nullopt;
  return ParameterizedValue{
      lower_case(valid_text(g_mime_content_disposition_get_disposition(disposition.get()))),
      parameters_of(g_mime_content_disposition_get_parameters(disposition.get()))};
}

}  // namespace postern::mime
