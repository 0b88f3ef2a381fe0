#include "smtp/dialogue/secret_mask.h"

#include <algorithm>

#include "base/base64.h"
#include "base/text.h"

namespace postern::smtp {
namespace {

constexpr std::string_view mask = "…";
/// Shorter secrets are masked only as whole words: otherwise "a" would mask most of a reply.
constexpr std::size_t least_within_words = 4;
/// What is left of a response after a server cut it is taken for one from this length on.
constexpr std::size_t min_piece = 8;
constexpr std::size_t longest_mechanism = 20;  // RFC 4422 §3.1

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_base64(char c) {
  return is_word(c) || c == '+' || c == '/' || c == '=';
}
bool is_mechanism(char c) {
  return is_word(c) || c == '-' || c == '_';
}

void take_out(std::string& text, const std::string& secret) {
  const bool as_word = secret.size() < least_within_words;
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
    const std::size_t end = at + secret.size();
    const bool joined =
        (at > 0 && is_word(text[at - 1])) || (end < text.size() && is_word(text[end]));
    if (as_word && joined) {
      ++at;
      continue;
    }
    text.replace(at, secret.size(), mask);
    at += mask.size();
  }
}

/// Takes out every run of base64 that is a piece of one of the responses, whatever its case.
void take_out_pieces(std::string& text, const std::vector<std::string>& responses) {
  std::string safe;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_base64(text[end])) ++end;
    const std::string run = lower_case(std::string_view(text).substr(at, end - at));
    const bool piece =
        run.size() >= min_piece &&
        std::any_of(responses.begin(), responses.end(), [&](const std::string& response) {
          return response.find(run) != std::string::npos || run.find(response) != std::string::npos;
        });
    safe += piece ? mask : std::string_view(text).substr(at, end - at);
    if (end < text.size()) safe += text[end];
    at = end + 1;
  }
  text = std::move(safe);
}

/// What a decoded part of a response hides: the text behind "auth=Bearer " in the OAuth mechanisms
/// (RFC 7628 §3.1), the last word of CRAM-MD5's "user digest", else the whole.
std::string_view secret_of(std::string_view part) {
  for (const std::string_view open : {"user=", "host=", "port=", "n,a=", "n,"}) {
    if (part.starts_with(open)) return {};
  }
  const std::size_t blank = part.rfind(' ');
  const bool compound = part.starts_with("auth=");
  return compound && blank != std::string_view::npos ? part.substr(blank + 1) : part;
}

}  // namespace

void SecretMask::add(std::string_view secret) {
  if (secret.empty() || secret == user_) return;
  if (std::find(secrets_.begin(), secrets_.end(), secret) != secrets_.end()) return;
  // A secret within a longer one must not break it up before it was found.
  const auto place = std::find_if(secrets_.begin(), secrets_.end(), [&](const std::string& known) {
    return known.size() < secret.size();
  });
  secrets_.insert(place, std::string(secret));
}

void SecretMask::learn(std::string_view response) {
  if (response.size() >= min_piece) responses_.push_back(lower_case(response));
  if (response.size() >= least_within_words) add(response);
  const std::optional<std::string> decoded = base64_decoded(response);
  if (!decoded) return;
  std::string_view rest = *decoded;
  while (!rest.empty()) {
    const std::size_t end =
        std::min(rest.find_first_of(std::string_view("\0\x01", 2)), rest.size());
    const std::string_view secret = secret_of(rest.substr(0, end));
    add(secret);
    const bool follows_user = !user_.empty() && secret.starts_with(user_ + ' ');
    if (follows_user) add(secret.substr(user_.size() + 1));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

std::string SecretMask::client_said(std::string_view line) {
  if (within_auth_) {
    if (line.empty() || line == "*") return std::string(line);
    learn(line);
    return std::string(mask);
  }
  if (!lower_case(line.substr(0, 5)).starts_with("auth ")) return masked(printable(line));
  within_auth_ = true;
  const std::string_view arguments = line.substr(5);
  const std::string_view mechanism = arguments.substr(0, arguments.find(' '));
  const std::string_view response =
      arguments.substr(std::min(mechanism.size() + 1, arguments.size()));
  learn(response);
  const bool sound = mechanism.size() <= longest_mechanism &&
                     std::all_of(mechanism.begin(), mechanism.end(), is_mechanism);
  if (!sound) learn(mechanism);
  std::string shown = "AUTH ";
  shown += sound ? mechanism : mask;
  if (!response.empty()) (shown += ' ') += mask;
  return shown;
}

std::string SecretMask::server_said(int code, std::string_view text) {
  if (within_auth_ && code == 334) return text.empty() ? std::string() : std::string(mask);
  within_auth_ = false;
  return masked(std::string(text));
}

std::string SecretMask::masked(std::string text) const {
  for (const std::string& secret : secrets_) take_out(text, secret);
  take_out_pieces(text, responses_);
  return text;
}

}  // namespace postern::smtp
