// libcurl's multi interface on an Asio io_context: transfers run while the context does.
//
// Its only use here is to open connections (CURLOPT_CONNECT_ONLY); see library-notes.md §1 for
// what libcurl does and does not do. All calls on the context's thread.
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <unordered_map>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>

namespace postern::smtp {

namespace asio = boost::asio;

class CurlMulti {
 public:
  explicit CurlMulti(asio::io_context& context);
  ~CurlMulti();
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;

  /// How a transfer ended: libcurl's code, which means nothing if there is a `failure`, which kept
  /// its socket from being watched.
  using Done = std::function<void(CURLcode code, const std::exception_ptr& failure)>;
  /// Starts a transfer; `done` is called from the event loop, never from inside libcurl. The
  /// handle stays in the multi after that, which owns its connection.
  void add(CURL* easy, Done done);
  /// Ends the transfer, if it still runs, and closes its connection. `done` is not called.
  void remove(CURL* easy);
  /// The socket that a running transfer waits for; CURL_SOCKET_BAD if there is none.
  [[nodiscard]] curl_socket_t socket_of(CURL* easy) const;

 private:
  struct Watch;
  struct Transfer {
    Done done;
    std::exception_ptr failure;
  };
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self,
                       void* watch) noexcept;
  static int on_timer(CURLM* multi, long milliseconds, void* self) noexcept;
  void set_timer(long milliseconds);
  void watch(CURL* easy, curl_socket_t socket, int what);
  void arm(const std::shared_ptr<Watch>& watch);
  void wait(const std::shared_ptr<Watch>& watch, int direction);
  void act(curl_socket_t socket, int events);
  void end(CURL* easy, CURLcode code);

  asio::io_context& context_;
  asio::steady_timer timer_;
  CURLM* multi_;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;
  std::unordered_map<CURL*, Transfer> running_;
  bool any_failed_ = false;  ///< of those that run
};

}  // namespace postern::smtp
