#include "catcher/dialogue/command.h"

#include "base/text.h"

namespace postern::catcher {

namespace {

/// The position of the '>' that ends the path. Inside a quoted local part it does not count,
/// outside there can be no blank and no '<'.
std::size_t path_end(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '>' && !quoted) {
      return i;
    } else if (!quoted && (text[i] == ' ' || text[i] == '<')) {
      break;
    }
  }
  return std::string_view::npos;
}

/// RFC 5321 §4.1.1.3: source routes are accepted and ignored.
std::string_view without_source_route(std::string_view path) {
  if (!path.starts_with('@')) return path;
  const auto colon = path.find(':');
  return colon == std::string_view::npos ? path : path.substr(colon + 1);
}

bool is_keyword(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

std::optional<std::vector<EsmtpParameter>> parse_parameters(std::string_view text) {
  std::vector<EsmtpParameter> parameters;
  for (text = trim(text); !text.empty();) {
    const std::string_view word = text.substr(0, text.find(' '));
    text = trim(text.substr(word.size()));
    const auto equals = word.find('=');
    EsmtpParameter parameter{upper_case(word.substr(0, equals)), {}};
    if (equals != std::string_view::npos) parameter.value = word.substr(equals + 1);
    if (!is_keyword(parameter.keyword)) return std::nullopt;
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

}  // namespace

ParsedCommand parse_command(std::string_view line) {
  line = trim(line);
  const std::string_view verb = line.substr(0, line.find(' '));
  return {upper_case(verb), trim(line.substr(verb.size()))};
}

std::optional<Path> parse_path(std::string_view argument, std::string_view keyword) {
  if (upper_case(argument.substr(0, keyword.size())) != keyword) return std::nullopt;
  argument = trim(argument.substr(keyword.size()));
  if (!argument.starts_with('<')) return std::nullopt;
  argument.remove_prefix(1);
  const std::size_t end = path_end(argument);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view rest = argument.substr(end + 1);
  if (!rest.empty() && !rest.starts_with(' ')) return std::nullopt;
  auto parameters = parse_parameters(rest);
  if (!parameters) return std::nullopt;
  return Path{std::string(without_source_route(argument.substr(0, end))), std::move(*parameters)};
}

}  // namespace postern::catcher
