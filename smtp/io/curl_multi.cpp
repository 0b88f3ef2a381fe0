#include "smtp/io/curl_multi.h"

#include <system_error>
#include <utility>
#include <vector>

#include "smtp/io/descriptor_watcher.h"

namespace postern::smtp {
namespace {

/// Open connections that libcurl may keep; far above what one client opens, so that it never closes
/// one of ours to make room.
constexpr long max_connections = 10'000;

}  // namespace

/// One socket of libcurl's and what libcurl wants to know of it.
struct CurlMulti::Watch {
  CURL* easy;
  curl_socket_t socket;
  int interest;
  asio::posix::stream_descriptor descriptor;
  bool waiting_in = false;
  bool waiting_out = false;
};

CurlMulti::CurlMulti(asio::io_context& context)
    : context_(context), timer_(context), multi_(curl_multi_init()) {
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, max_connections);
}

CurlMulti::~CurlMulti() {
  timer_.cancel();
  watches_.clear();
  curl_multi_cleanup(multi_);
}

void CurlMulti::add(CURL* easy, Done done) {
  running_[easy] = {std::move(done), nullptr};
  const CURLMcode code = curl_multi_add_handle(multi_, easy);
  if (code == CURLM_OUT_OF_MEMORY) throw std::bad_alloc();
  if (code != CURLM_OK) throw std::runtime_error(curl_multi_strerror(code));
}

void CurlMulti::remove(CURL* easy) {
  running_.erase(easy);
  curl_multi_remove_handle(multi_, easy);
}

curl_socket_t CurlMulti::socket_of(CURL* easy) const {
  for (const auto& [socket, watch] : watches_) {
    if (watch->easy == easy) return socket;
  }
  return CURL_SOCKET_BAD;
}

// libcurl gives a multi up for good when this fails: a socket that cannot be watched (no descriptor
// is left) ends its own transfer only, once libcurl has returned.
int CurlMulti::on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void*) noexcept {
  auto& multi = *static_cast<CurlMulti*>(self);
  try {
    multi.watch(easy, socket, what);
  } catch (...) {
    const auto found = multi.running_.find(easy);
    if (found == multi.running_.end()) return 0;
    found->second.failure = std::current_exception();
    multi.any_failed_ = true;
  }
  return 0;
}

int CurlMulti::on_timer(CURLM*, long milliseconds, void* self) noexcept {
  try {
    static_cast<CurlMulti*>(self)->set_timer(milliseconds);
  } catch (...) {
    return 0;  // out of memory: transfers that wait for the timer run into their callers' limits
  }
  return 0;
}

void CurlMulti::set_timer(long milliseconds) {
  if (milliseconds < 0) {
    timer_.cancel();
    return;
  }
  // Even a time-out of zero must not be acted on inside this call.
  timer_.expires_after(std::chrono::milliseconds(milliseconds));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void CurlMulti::watch(CURL* easy, curl_socket_t socket, int what) {
  const auto found = watches_.find(socket);
  if (what == CURL_POLL_REMOVE) {
    if (found != watches_.end()) {
      found->second->interest = 0;
      found->second->descriptor.close();
      watches_.erase(found);
    }
    return;
  }
  if (found != watches_.end()) {
    found->second->easy = easy;
    found->second->interest = what;
    return arm(found->second);
  }
  const auto fresh =
      std::make_shared<Watch>(Watch{easy, socket, what, duplicate_for_watching(context_, socket)});
  watches_.emplace(socket, fresh);
  arm(fresh);
}

void CurlMulti::arm(const std::shared_ptr<Watch>& watch) {
  if ((watch->interest & CURL_POLL_IN) != 0 && !watch->waiting_in) wait(watch, CURL_POLL_IN);
  if ((watch->interest & CURL_POLL_OUT) != 0 && !watch->waiting_out) wait(watch, CURL_POLL_OUT);
}

void CurlMulti::wait(const std::shared_ptr<Watch>& watch, int direction) {
  using Descriptor = asio::posix::stream_descriptor;
  const bool in = direction == CURL_POLL_IN;
  (in ? watch->waiting_in : watch->waiting_out) = true;
  watch->descriptor.async_wait(
      in ? Descriptor::wait_read : Descriptor::wait_write,
      [this, watch, direction, in](const boost::system::error_code& error) {
        (in ? watch->waiting_in : watch->waiting_out) = false;
        if (error || watch->interest == 0) return;  // closed meanwhile; `this` may be gone
        if ((watch->interest & direction) != 0) {
          act(watch->socket, in ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
        }
        arm(watch);
      });
}

void CurlMulti::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  std::vector<std::pair<CURL*, CURLcode>> finished;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) {
      finished.emplace_back(message->easy_handle, message->data.result);
    }
  }
  if (std::exchange(any_failed_, false)) {
    for (const auto& [easy, transfer] : running_) {
      if (transfer.failure) finished.emplace_back(easy, CURLE_FAILED_INIT);
    }
  }
  for (const auto& [easy, code] : finished) end(easy, code);
}

void CurlMulti::end(CURL* easy, CURLcode code) {
  const auto found = running_.find(easy);
  if (found == running_.end()) return;
  const Transfer transfer = std::move(found->second);
  running_.erase(found);
  transfer.done(code, transfer.failure);
}

}  // namespace postern::smtp
