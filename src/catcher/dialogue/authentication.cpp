#include "catcher/dialogue/authentication.h"

#include <algorithm>

#include <openssl/evp.h>

#include "base/text.h"

namespace postern::catcher {

std::optional<std::string> decode_base64(std::string_view text) {
  std::string octets(text.size() / 4 * 3, '\0');
  const std::size_t digits = std::min(text.find('='), text.size());
  const std::size_t padding = text.size() - digits;
  if (text.size() % 4 != 0 || padding > 2 ||
      text.substr(digits) != std::string_view("==", padding)) {
    return std::nullopt;
  }
  if (text.empty()) return octets;
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(octets.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  // OpenSSL skips blanks at the ends and counts the padding as octets.
  if (length != static_cast<int>(octets.size())) return std::nullopt;
  octets.resize(octets.size() - padding);
  return octets;
}

Authentication::Step Authentication::start(std::string_view mechanism,
                                           std::optional<std::string_view> initial_response) {
  const std::string name = upper_case(mechanism);
  if (name != "PLAIN" && name != "LOGIN") return Step::unsupported;
  awaited_ = name == "PLAIN" ? Awaited::plain : Awaited::login_user;
  if (!initial_response) return Step::prompt;
  // RFC 4954 §4: "=" is an initial response of no octets.
  return respond(*initial_response == "=" ? std::string_view{} : *initial_response);
}

Authentication::Step Authentication::respond(std::string_view line) {
  if (line == "*") return Step::cancelled;
  auto octets = decode_base64(line);
  if (!octets) return Step::malformed;
  switch (awaited_) {
    case Awaited::login_user:
      credentials_.user = std::move(*octets);
      awaited_ = Awaited::login_password;
      return Step::prompt;
    case Awaited::login_password:
      credentials_.password = std::move(*octets);
      return Step::done;
    case Awaited::plain:
      break;
  }
  // [authorization identity] NUL authentication identity NUL password
  const auto first = octets->find('\0');
  const auto second = first == std::string::npos ? first : octets->find('\0', first + 1);
  if (second == std::string::npos) return Step::malformed;
  credentials_ = {octets->substr(first + 1, second - first - 1), octets->substr(second + 1)};
  return Step::done;
}

std::string_view Authentication::prompt() const {
  switch (awaited_) {
    case Awaited::login_user:
      return "VXNlcm5hbWU6";  // "Username:"
    case Awaited::login_password:
      return "UGFzc3dvcmQ6";  // "Password:"
    case Awaited::plain:
      break;
  }
  return "";
}

}  // namespace postern::catcher
