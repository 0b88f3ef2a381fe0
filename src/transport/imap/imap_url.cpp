#include <memory>
#include <stdexcept>
#include <string>

#include <curl/curl.h>

#include "base/percent_encoding.h"
#include "base/text.h"
#include "transport/imap_source.h"

namespace postern::transport {
namespace {

class Url {
 public:
  explicit Url(const std::string& text) : url_(curl_url(), &curl_url_cleanup) {
    if (!url_) throw std::bad_alloc();
    const auto code =
        curl_url_set(url_.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
    if (code != CURLUE_OK) refuse(curl_url_strerror(code));
  }

  [[noreturn]] static void refuse(const std::string& why) {
    throw std::invalid_argument("the IMAP mailbox's URL cannot be used: " + why +
                                "; write e.g. imaps://bounces@mail.example/INBOX");
  }

  /// Empty: it is not there.
  [[nodiscard]] std::string part(CURLUPart which, unsigned flags) const {
    char* found = nullptr;
    const auto code = curl_url_get(url_.get(), which, &found, flags);
    const std::unique_ptr<char, decltype(&curl_free)> text(found, &curl_free);
    if (code == CURLUE_OK) return text.get();
    if (code == CURLUE_URLDECODE) refuse("there is a control character in it");
    return {};
  }

 private:
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url_;
};

/// A user's name may be an address; libcurl takes the first "@" for its end.
std::string with_encoded_user(std::string_view url) {
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto end = url.substr(0, url.find('/', begin)).rfind('@');
  std::string encoded;
  for (std::size_t i = 0; i < url.size(); ++i) {
    if (url[i] == '@' && i != end) {
      append_percent_encoded(encoded, url[i]);
    } else {
      encoded += url[i];
    }
  }
  return encoded;
}

}  // namespace

ImapSourceOptions ImapSourceOptions::parse(std::string_view url) {
  constexpr std::uint16_t starttls_port = 143;
  const Url parsed(with_encoded_user(url));
  ImapSourceOptions options;
  const auto scheme = parsed.part(CURLUPART_SCHEME, 0);
  if (scheme != "imap" && scheme != "imaps") {
    Url::refuse("it begins neither with imaps:// nor with imap://");
  }
  if (!parsed.part(CURLUPART_PASSWORD, 0).empty()) {
    Url::refuse("there is a password in it, where others would see it");
  }
  if (!parsed.part(CURLUPART_QUERY, 0).empty() || !parsed.part(CURLUPART_FRAGMENT, 0).empty()) {
    Url::refuse("there is something behind the folder");
  }
  options.implicit_tls = scheme == "imaps";
  options.user = parsed.part(CURLUPART_USER, CURLU_URLDECODE);
  if (options.user.empty()) Url::refuse("there is no user in it");
  options.host = parsed.part(CURLUPART_HOST, 0);
  if (options.host.starts_with('[')) options.host = options.host.substr(1, options.host.size() - 2);
  const auto port = parsed.part(CURLUPART_PORT, 0);
  if (!options.implicit_tls) options.port = starttls_port;
  if (!port.empty()) options.port = static_cast<std::uint16_t>(std::stoul(port));
  const auto folder = parsed.part(CURLUPART_PATH, CURLU_URLDECODE);
  if (folder.size() > 1) options.folder = folder.substr(1);
  if (!is_utf8(options.folder)) Url::refuse("the folder's name is not in UTF-8");
  return options;
}

}  // namespace postern::transport
