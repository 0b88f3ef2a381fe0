#include <algorithm>
#include <set>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "smtp/dkim_settings.h"
#include "smtp/syntax/address_syntax.h"

namespace postern::smtp {
namespace {

constexpr std::size_t longest_domain = 253;
constexpr std::size_t longest_label = 63;
constexpr std::chrono::seconds longest_lifetime = std::chrono::years(10);

template <typename... Arguments>
[[noreturn]] void refuse(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  throw std::invalid_argument(fmt::format(format, std::forward<Arguments>(arguments)...));
}

/// sub-domain of RFC 5321 §4.1.2.
bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= longest_label && text.front() != '-' &&
         text.back() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-';
         });
}

/// Labels with dots between them.
bool are_labels(std::string_view text) {
  for (std::size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.')) {
    if (!is_label(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return is_label(text);
}

void check_names(const std::string& domain, const std::string& selector) {
  constexpr std::string_view ascii = "letters, digits and hyphens, in the xn-- form if not ASCII";
  if (domain.find('.') == std::string::npos || !are_labels(domain)) {
    refuse("\"{}\" is no domain that can sign: it needs two or more labels of {}",
           printable(domain), ascii);
  }
  if (!are_labels(selector)) {
    refuse("\"{}\" is no DKIM selector: it needs one or more labels of {}", printable(selector),
           ascii);
  }
  const std::string record = selector + "._domainkey." + domain;
  if (record.size() > longest_domain) {
    refuse("\"{}\" is longer than the {} octets of a domain name", record, longest_domain);
  }
}

/// RFC 6376 §3.5, i=.
void check_identity(const std::string& identity, const std::string& domain) {
  const std::size_t at = identity.rfind('@');
  if (at == std::string::npos || !is_ascii(identity) ||
      (at > 0 && address_fault(identity).has_value())) {
    refuse("the DKIM identity \"{}\" is not of the form [local]@domain in ASCII",
           printable(identity));
  }
  const std::string below = lower_case(identity.substr(at + 1));
  if (!are_labels(below) || !("." + below).ends_with("." + lower_case(domain))) {
    refuse("the DKIM identity \"{}\" does not lie in the signing domain {}", printable(identity),
           domain);
  }
}

void check_field(const std::string& field) {
  const bool is_name = !field.empty() && std::all_of(field.begin(), field.end(), [](char c) {
    return c > 0x20 && c < 0x7F && c != ':' && c != ';';
  });
  if (!is_name) refuse("\"{}\" is no name of a header field to sign", printable(field));
  if (lower_case(field) == "dkim-signature") {
    refuse("a DKIM-Signature field cannot be among the header fields to sign");
  }
}

}  // namespace

std::vector<SignedField> default_signed_fields() {
  return {
      {"From", Oversign::always},
      {"Sender", Oversign::if_present},
      {"Reply-To", Oversign::always},
      {"Subject", Oversign::always},
      {"Date", Oversign::if_present},
      {"Message-ID", Oversign::if_present},
      {"To", Oversign::always},
      {"Cc", Oversign::always},
      {"In-Reply-To", Oversign::if_present},
      {"References", Oversign::if_present},
      {"MIME-Version", Oversign::if_present},
      {"Content-Type", Oversign::if_present},
      {"Content-Transfer-Encoding", Oversign::if_present},
      {"Content-ID"},
      {"Content-Description"},
      {"Resent-Date"},
      {"Resent-From"},
      {"Resent-Sender"},
      {"Resent-To"},
      {"Resent-Cc"},
      {"Resent-Message-ID"},
      {"List-Id"},
      {"List-Help"},
      {"List-Unsubscribe"},
      {"List-Unsubscribe-Post"},
      {"List-Subscribe"},
      {"List-Post"},
      {"List-Owner"},
      {"List-Archive"},
  };
}

DkimSettings checked(DkimSettings settings) {
  check_names(settings.domain, settings.selector);
  if (!settings.identity.empty()) check_identity(settings.identity, settings.domain);
  if (settings.lifetime &&
      (*settings.lifetime < std::chrono::seconds(1) || *settings.lifetime > longest_lifetime)) {
    refuse("a DKIM signature cannot be valid for {} seconds", settings.lifetime->count());
  }
  std::set<std::string> names;
  for (const SignedField& field : settings.fields) {
    check_field(field.name);
    if (names.insert(lower_case(field.name)).second) continue;
    refuse("\"{}\" is twice among the header fields to sign", field.name);
  }
  if (names.count("from") == 0) {
    settings.fields.insert(settings.fields.begin(), {"From", Oversign::always});
  }
  return settings;
}

}  // namespace postern::smtp
