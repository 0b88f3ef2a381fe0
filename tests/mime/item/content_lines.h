// A strict reader of iCalendar and vCard (RFC 5545 §3.1, RFC 2426 §2.6), as a second opinion on
// what is written.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace postern::mime {

struct ContentProperty {
  std::string name;
  std::map<std::string, std::string> parameters;
  std::string value;
};

/// What lies between BEGIN and END.
struct Component {
  std::string name;
  std::vector<ContentProperty> properties;
  std::vector<Component> components;

  /// The only property of that name; the test fails where there is not exactly one.
  [[nodiscard]] const ContentProperty& property(std::string_view wanted) const;
  [[nodiscard]] std::string value(std::string_view wanted) const { return property(wanted).value; }
  [[nodiscard]] std::vector<ContentProperty> all(std::string_view wanted) const;
  [[nodiscard]] bool has(std::string_view wanted) const { return !all(wanted).empty(); }
  [[nodiscard]] std::vector<Component> parts(std::string_view wanted) const;
};

/// The whole text; throws std::runtime_error where it breaks a rule: lines of at most 75 octets
/// that end with CRLF, each UTF-8 by itself, no control characters, names, parameters, nesting.
Component parsed_lines(const std::string& text);

/// A TEXT value without its escapes.
std::string unescaped(std::string_view value);

}  // namespace postern::mime
