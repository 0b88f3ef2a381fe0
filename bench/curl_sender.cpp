// libcurl's own SMTP transfer, as its documentation advises: one easy handle for each session, used
// again and again so that its connection is, the message given by a read function. Each session has
// a thread, because a multi handle waits for the final reply of one transfer at a time.
#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include <curl/curl.h>

#include "bench/sender.h"

namespace {

using postern::bench::SenderOptions;

/// What the read function has still to give.
struct Upload {
  const std::string& message;
  std::size_t given = 0;
};

std::size_t give(char* into, std::size_t size, std::size_t count, void* upload_pointer) {
  auto& upload = *static_cast<Upload*>(upload_pointer);
  const std::size_t octets = std::min(size * count, upload.message.size() - upload.given);
  upload.message.copy(into, octets, upload.given);
  upload.given += octets;
  return octets;
}

void check(CURLcode code) {
  if (code != CURLE_OK) throw std::runtime_error(curl_easy_strerror(code));
}

void send_share(const SenderOptions& options, std::size_t share) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle(curl_easy_init(),
                                                                   curl_easy_cleanup);
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients(
      curl_slist_append(nullptr, postern::bench::recipient_address), curl_slist_free_all);
  CURL* const curl = handle.get();
  const std::string url = "smtp://127.0.0.1:" + std::to_string(options.port) + "/bench.test";
  Upload upload{options.message};
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, postern::bench::sender_address);
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(options.message.size()));
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
  curl_easy_setopt(curl, CURLOPT_READDATA, &upload);
  if (!options.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  for (std::size_t sent = 0; sent < share; ++sent) {
    upload.given = 0;
    check(curl_easy_perform(curl));
  }
}

void send_messages(const SenderOptions& options) {
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::exception_ptr failure;
  for (std::size_t session = 0; session < options.sessions; ++session) {
    const std::size_t share = options.messages / options.sessions +
                              (session < options.messages % options.sessions ? 1 : 0);
    threads.emplace_back([&, share] {
      try {
        send_share(options, share);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        failure = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  return postern::bench::run_sender(argc, argv, "libcurl's SMTP transfer in bench/smtp",
                                    send_messages);
}
