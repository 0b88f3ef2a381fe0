#include "transport/imap/connection.h"

#include <array>
#include <cstddef>
#include <poll.h>
#include <utility>

#include <curl/curl.h>

#include "base/text.h"

namespace postern::transport::imap {
namespace {

using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr milliseconds stop_is_seen_within{200};

std::string url_of(const ImapSourceOptions& options) {
  const bool is_address_6 = options.host.find(':') != std::string::npos;
  return std::string(options.implicit_tls && options.tls ? "imaps://" : "imap://") +
         (is_address_6 ? "[" + options.host + "]" : options.host) + ':' +
         std::to_string(options.port) + '/';
}

class CurlWire final : public Wire {
 public:
  CurlWire(const ImapSourceOptions& options, std::stop_token stop)
      : timeout_(options.timeout),
        stop_(std::move(stop)),
        handle_(curl_easy_init(), &curl_easy_cleanup) {
    if (!handle_) throw std::bad_alloc();
    set_server(options);
    set_security(options);
    const CURLcode code = curl_easy_perform(handle_.get());
    if (code != CURLE_OK) throw ConnectionFault(reason_of(code));
  }

  void send(std::string_view octets) override {
    const auto deadline = std::chrono::steady_clock::now() + timeout_;
    while (!octets.empty()) {
      std::size_t count = 0;
      const auto code = curl_easy_send(handle_.get(), octets.data(), octets.size(), &count);
      if (code != CURLE_OK && code != CURLE_AGAIN) throw ConnectionFault(reason_of(code));
      octets.remove_prefix(count);
      if (code == CURLE_AGAIN) wait_for(POLLOUT, deadline);
    }
  }

  std::string receive() override {
    const auto deadline = std::chrono::steady_clock::now() + timeout_;
    std::string octets(std::size_t{16} * 1024, '\0');
    for (;;) {
      if (stop_.stop_requested()) throw ConnectionFault("the spooler stops");
      std::size_t count = 0;
      const auto code = curl_easy_recv(handle_.get(), octets.data(), octets.size(), &count);
      if (code == CURLE_OK && count == 0) throw ConnectionFault("the server has hung up");
      if (code == CURLE_OK) {
        octets.resize(count);
        return octets;
      }
      if (code != CURLE_AGAIN) throw ConnectionFault(reason_of(code));
      wait_for(POLLIN, deadline);
    }
  }

 private:
  void set(CURLoption option, auto value) { curl_easy_setopt(handle_.get(), option, value); }

  /// CONNECT_ONLY: libcurl connects, begins TLS and logs in; the rest is the mailbox's.
  void set_server(const ImapSourceOptions& options) {
    const auto seconds = static_cast<long>(options.timeout.count());
    set(CURLOPT_URL, url_of(options).c_str());
    set(CURLOPT_PROTOCOLS_STR, "imap,imaps");
    set(CURLOPT_CONNECT_ONLY, 1L);
    set(CURLOPT_USERNAME, options.user.c_str());
    set(CURLOPT_PASSWORD, options.password.c_str());
    set(CURLOPT_CONNECTTIMEOUT, seconds);
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds);
    set(CURLOPT_TIMEOUT, 3 * seconds);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, &CurlWire::on_debug);
    set(CURLOPT_DEBUGDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &CurlWire::on_progress);
    set(CURLOPT_XFERINFODATA, this);
  }

  void set_security(const ImapSourceOptions& options) {
    set(CURLOPT_USE_SSL, static_cast<long>(options.tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options.ca_file.empty()) {
      set(CURLOPT_CAINFO, options.ca_file.c_str());
      set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
  }

  /// Keeps what the server has said last, for the reason; what we say may hold a secret.
  static int on_debug(CURL*, curl_infotype type, char* octets, std::size_t size,
                      void* self) noexcept {
    auto& wire = *static_cast<CurlWire*>(self);
    if (type != CURLINFO_HEADER_IN) return 0;
    try {
      wire.heard_ = printable(trim(std::string_view(octets, size)));
    } catch (const std::bad_alloc&) {
      wire.heard_.clear();
    }
    return 0;
  }

  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
    return static_cast<CurlWire*>(self)->stop_.stop_requested() ? 1 : 0;
  }

  std::string reason_of(CURLcode code) const {
    const std::string_view told(error_.data());
    std::string reason(told.empty() ? curl_easy_strerror(code) : told);
    if (code != CURLE_LOGIN_DENIED) return reason;
    const auto word = heard_.find(' ') + 1;
    const std::string_view status = std::string_view(heard_).substr(word, 3);
    if (status.starts_with("NO") || status == "BAD") {
      return "the server refuses the user or the password: '" + heard_ + "'";
    }
    return "the server offers no way to log in that is known here (perhaps only over TLS, or with "
           "a token)";
  }

  void wait_for(short events, SteadyTime deadline) const {
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &socket);
    pollfd waiting{socket, events, 0};
    for (;;) {
      if (stop_.stop_requested()) throw ConnectionFault("the spooler stops");
      const int ready = ::poll(&waiting, 1, static_cast<int>(stop_is_seen_within.count()));
      if (ready > 0) return;
      if (std::chrono::steady_clock::now() >= deadline) {
        throw ConnectionFault("the server has not answered for " +
                              std::to_string(timeout_.count()) + " s");
      }
    }
  }

  const std::chrono::seconds timeout_;
  const std::stop_token stop_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::string heard_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>
      handle_;  ///< it calls back as it is cleaned up
};

}  // namespace

std::unique_ptr<Wire> connect(const ImapSourceOptions& options, std::stop_token stop) {
  return std::make_unique<CurlWire>(options, std::move(stop));
}

}  // namespace postern::transport::imap
