#include "transport/maildir/mailbox_pattern.h"

#include <stdexcept>

#include "base/internationalized_domain.h"
#include "base/percent_encoding.h"
#include "base/text.h"

namespace postern::transport {
namespace {

constexpr std::string_view domain_placeholder = "{domain}";
constexpr std::string_view local_placeholder = "{local}";

void replace_all(std::string& text, std::string_view placeholder, std::string_view value) {
  for (auto at = text.find(placeholder); at != std::string::npos;
       at = text.find(placeholder, at + value.size())) {
    text.replace(at, placeholder.size(), value);
  }
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw std::invalid_argument("\"" + printable(text) +
                              "\" is no path of maildirs: " + std::string(why) +
                              "; write e.g. /var/mail/{domain}/{local}, or /var/drop");
}

bool has_placeholder(const std::filesystem::path& part) {
  return part.native().find('{') != std::string::npos;
}

/// A part of a file name: one that is neither hidden nor "..", whatever the text.
std::string file_name_part(std::string_view text) {
  constexpr std::string_view kept = "abcdefghijklmnopqrstuvwxyz0123456789-_+=@.";
  std::string part;
  for (const char octet : text) {
    const bool is_kept = is_high(octet) || kept.find(octet) != std::string_view::npos;
    if (!is_kept || (octet == '.' && part.empty())) {
      append_percent_encoded(part, octet);
    } else {
      part += octet;
    }
  }
  return part.empty() ? "%" : part;
}

/// What a quoted local part stands for (RFC 5321 §4.1.2: "ann" is ann).
std::string unquoted(std::string_view local) {
  if (local.size() < 2 || local.front() != '"' || local.back() != '"') return std::string(local);
  std::string text;
  local = local.substr(1, local.size() - 2);
  for (std::size_t i = 0; i < local.size(); ++i) {
    if (local[i] == '\\' && i + 1 < local.size()) ++i;
    text += local[i];
  }
  return text;
}

}  // namespace

MailboxPattern::MailboxPattern(std::string_view text) {
  std::string literal(text);
  replace_all(literal, domain_placeholder, "");
  replace_all(literal, local_placeholder, "");
  if (literal.find_first_of("{}") != std::string::npos) {
    refuse(text, "it may hold {domain} and {local} in braces, and nothing else");
  }
  if (has_control(text)) refuse(text, "there is a control character in it");
  while (text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
  const std::filesystem::path path(text);
  if (!path.is_absolute() || path == "/") refuse(text, "it is not absolute");
  if (path.lexically_normal().native() != text)
    refuse(text, "a directory in it is '.', '..' or nameless");
  for (const auto& part : path) {
    if (below_.empty() && !has_placeholder(part)) {
      base_ /= part;
    } else {
      below_ /= part;
    }
  }
  if (below_.empty()) {
    below_ = base_.filename();
    base_ = base_.parent_path();
  }
}

std::filesystem::path MailboxPattern::mailbox(std::string_view address) const {
  const auto at = address.rfind('@');
  const auto domain = address.substr(at + 1);
  const auto local = file_name_part(lower_case(unquoted(address.substr(0, at))));
  std::string path = below_.native();
  replace_all(path, domain_placeholder,
              file_name_part(a_labels(domain).value_or(lower_case(domain))));
  replace_all(path, local_placeholder, local);
  return path;
}

}  // namespace postern::transport
