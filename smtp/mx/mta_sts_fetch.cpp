#include "smtp/mx/mta_sts_fetch.h"

#include <array>
#include <exception>
#include <new>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/resource_exhaustion.h"
#include "base/text.h"
#include "smtp/io/callback_failure.h"
#include "smtp/io/curl_handle.h"
#include "smtp/mx/mta_sts_policy.h"

namespace postern::smtp {
namespace {

using Result = std::variant<std::string, MtaStsFetchFailure>;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// One HTTPS request, from its options to what came of it.
class Request {
 public:
  Request(CurlMulti& multi, const MtaStsFetchOptions& options, const std::string& host,
          const std::vector<std::string>& addresses);

  void start(std::function<void()> done);
  [[nodiscard]] bool ended() const { return code_.has_value(); }
  /// Throws if it could not be made because something has run out, which says nothing about the
  /// policy.
  [[nodiscard]] Result result();

 private:
  static std::size_t on_body(char* octets, std::size_t size, std::size_t count,
                             void* self) noexcept;
  static std::size_t on_header(char* octets, std::size_t size, std::size_t count,
                               void* self) noexcept;
  void rethrow_failure();
  [[nodiscard]] std::optional<std::string> fault() const;

  CurlMulti& multi_;
  std::string body_;
  std::size_t octets_ = 0;  ///< headers as well
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::optional<CURLcode> code_;
  std::exception_ptr failure_;  ///< in place of the code
  CallbackFailure callback_failure_;
  std::unique_ptr<curl_slist, ListDeleter> resolved_;
  CurlHandle handle_;
};

Request::Request(CurlMulti& multi, const MtaStsFetchOptions& options, const std::string& host,
                 const std::vector<std::string>& addresses)
    : multi_(multi), handle_(multi) {
  CURL* const easy = handle_.get();
  const std::string url = fmt::format("https://{}:{}/.well-known/mta-sts.txt", host, options.port);
  resolved_.reset(curl_slist_append(
      nullptr, fmt::format("+{}:{}:{}", host, options.port, fmt::join(addresses, ",")).c_str()));
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_RESOLVE, resolved_.get());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Request::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Request::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
}

void Request::start(std::function<void()> done) {
  multi_.add(handle_.get(),
             [this, done = std::move(done)](CURLcode code, const std::exception_ptr& failure) {
               code_ = code;
               failure_ = failure;
               done();
             });
}

std::size_t Request::on_header(char*, std::size_t size, std::size_t count, void* self) noexcept {
  auto& request = *static_cast<Request*>(self);
  request.octets_ += size * count;
  return request.octets_ > MtaStsPolicy::largest ? 0 : size * count;
}

std::size_t Request::on_body(char* octets, std::size_t size, std::size_t count,
                             void* self) noexcept {
  auto& request = *static_cast<Request*>(self);
  const std::size_t taken = on_header(octets, size, count, self);
  return request.callback_failure_.guard(std::size_t{0}, [&] {
    request.body_.append(octets, taken);
    return taken;
  });
}

void Request::rethrow_failure() {
  // The file of authorities is opened by libcurl, which does not tell what was wrong with it.
  constexpr std::size_t descriptors = 4;
  if (failure_) std::rethrow_exception(failure_);
  callback_failure_.rethrow();
  if (*code_ == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  std::error_code exhausted;
  if (*code_ == CURLE_COULDNT_CONNECT) exhausted = handle_.socket_error();
  if (*code_ == CURLE_SSL_CACERT_BADFILE) exhausted = descriptors_exhausted(descriptors);
  if (exhausted_resource(exhausted)) throw std::system_error(exhausted);
}

/// What is wrong with an answer that came as a whole (RFC 8461 §3.3).
std::optional<std::string> Request::fault() const {
  constexpr long ok = 200;
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != ok) return fmt::format("HTTP status {}", status);
  const char* type = nullptr;
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_TYPE, &type);
  const std::string said = lower_case(type == nullptr ? "" : type);
  if (said.substr(0, said.find_first_of("; ")) == "text/plain") return std::nullopt;
  return fmt::format("media type \"{}\"", printable(said));
}

Result Request::result() {
  rethrow_failure();
  MtaStsFetchFailure failure;
  if (*code_ == CURLE_OK) {
    const auto wrong = fault();
    if (!wrong) return body_;
    failure.reason = *wrong;
  } else if (octets_ > MtaStsPolicy::largest) {
    failure.reason = "more than 64 KiB";
  } else {
    if (*code_ == CURLE_PEER_FAILED_VERIFICATION) failure.type = TlsFailureType::sts_webpki_invalid;
    failure.reason = printable(error_[0] != '\0' ? error_.data() : curl_easy_strerror(*code_));
  }
  return failure;
}

Result failed(std::string reason) {
  return MtaStsFetchFailure{TlsFailureType::sts_policy_fetch_error, std::move(reason)};
}

}  // namespace

MtaStsFetch::MtaStsFetch(asio::io_context& context, Resolver& resolver, MtaStsFetchOptions options)
    : context_(context), resolver_(resolver), options_(std::move(options)), multi_(context) {}

void MtaStsFetch::stop() {
  stopped_ = true;
  for (const auto& event : waiting_) event->set();
}

asio::awaitable<std::vector<std::string>> MtaStsFetch::addresses_of(std::string host) {
  std::vector<std::string> addresses;
  const auto v4 = co_await resolver_.look_up<asio::ip::address_v4>(host);
  const auto v6 = co_await resolver_.look_up<asio::ip::address_v6>(host);
  for (const auto& address : v6.records) addresses.push_back('[' + address.to_string() + ']');
  for (const auto& address : v4.records) addresses.push_back(address.to_string());
  co_return addresses;
}

asio::awaitable<Result> MtaStsFetch::fetch(std::string domain) {
  struct Waiting {
    std::set<std::shared_ptr<AsyncEvent>>& all;
    std::shared_ptr<AsyncEvent> event;
    ~Waiting() { all.erase(event); }
  };
  const std::string host = "mta-sts." + domain;
  const std::vector<std::string> addresses = co_await addresses_of(host);
  if (addresses.empty()) co_return failed(fmt::format("{} has no address", host));
  const auto event = std::make_shared<AsyncEvent>(context_);
  const Waiting waiting{waiting_, *waiting_.insert(event).first};
  Request request(multi_, options_, host, addresses);
  request.start([event] { event->set(); });
  while (!request.ended()) {
    if (stopped_) co_return failed("the fetch was stopped");
    co_await event->wait(std::nullopt);
  }
  co_return request.result();
}

}  // namespace postern::smtp
