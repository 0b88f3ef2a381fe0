#include "tests/mime/item/content_lines.h"

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

#include "base/text.h"

namespace postern::mime {
namespace {

[[noreturn]] void refuse(const std::string& what, std::string_view line) {
  throw std::runtime_error(what + ": " + std::string(line));
}

void expect_sound_line(std::string_view line) {
  if (line.size() > 75) refuse("a line is too long", line);
  if (!is_utf8(line)) refuse("a line is no UTF-8 by itself", line);
  const bool has_bad =
      std::any_of(line.begin(), line.end(), [](char c) { return is_control(c) && c != '\t'; });
  if (has_bad) refuse("a line has a control character", line);
}

std::vector<std::string> unfolded(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    if (end == std::string_view::npos) refuse("a line is not ended", text);
    auto line = text.substr(0, end);
    text.remove_prefix(end + 2);
    expect_sound_line(line);
    if (line.starts_with(' ') && !lines.empty()) {
      lines.back() += line.substr(1);
    } else {
      lines.emplace_back(line);
    }
  }
  return lines;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-';
  });
}

std::string take_until(std::string_view& rest, std::string_view ends) {
  const auto end = rest.find_first_of(ends);
  if (end == std::string_view::npos) refuse("a line has no value", rest);
  std::string taken(rest.substr(0, end));
  rest.remove_prefix(end);
  return taken;
}

ContentProperty property_of(std::string_view line) {
  auto rest = line;
  ContentProperty property;
  property.name = take_until(rest, ";:");
  if (!is_name(property.name)) refuse("no name", line);
  while (rest.front() == ';') {
    rest.remove_prefix(1);
    const auto name = take_until(rest, "=;:");
    if (!is_name(name) || rest.front() != '=') refuse("no parameter", line);
    rest.remove_prefix(1);
    const bool is_quoted = rest.starts_with('"');
    if (is_quoted) rest.remove_prefix(1);
    property.parameters[name] = take_until(rest, is_quoted ? "\"" : ";:\"");
    if (is_quoted) rest.remove_prefix(1);
    if (rest.empty() || (rest.front() != ';' && rest.front() != ':')) refuse("bad end", line);
  }
  property.value = rest.substr(1);
  return property;
}

}  // namespace

const ContentProperty& Component::property(std::string_view wanted) const {
  static const ContentProperty none;
  const auto found =
      std::find_if(properties.begin(), properties.end(),
                   [wanted](const ContentProperty& each) { return each.name == wanted; });
  EXPECT_EQ(all(wanted).size(), 1U) << wanted;
  return found == properties.end() ? none : *found;
}

std::vector<ContentProperty> Component::all(std::string_view wanted) const {
  std::vector<ContentProperty> found;
  std::copy_if(properties.begin(), properties.end(), std::back_inserter(found),
               [wanted](const ContentProperty& each) { return each.name == wanted; });
  return found;
}

std::vector<Component> Component::parts(std::string_view wanted) const {
  std::vector<Component> found;
  std::copy_if(components.begin(), components.end(), std::back_inserter(found),
               [wanted](const Component& each) { return each.name == wanted; });
  return found;
}

Component parsed_lines(const std::string& text) {
  std::vector<Component> open(1);
  for (const auto& line : unfolded(text)) {
    const auto property = property_of(line);
    if (property.name == "BEGIN") {
      open.push_back({property.value, {}, {}});
    } else if (property.name == "END") {
      auto closed = std::move(open.back());
      open.pop_back();
      if (open.empty() || closed.name != property.value) refuse("closes nothing", line);
      open.back().components.push_back(std::move(closed));
    } else {
      open.back().properties.push_back(property);
    }
  }
  if (open.size() != 1 || open.front().components.size() != 1 || !open.front().properties.empty()) {
    refuse("not one component", text);
  }
  return open.front().components.front();
}

std::string unescaped(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      text += value[i];
    } else {
      ++i;
      text += value[i] == 'n' ? '\n' : value[i];
    }
  }
  return text;
}

}  // namespace postern::mime
