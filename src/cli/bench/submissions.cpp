#include "cli/bench/submissions.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <thread>
#include <vector>

#include "cli/output/interruption.h"
#include "mapi/address.h"
#include "mapi/property_tags.h"

namespace postern::cli {
namespace {

using std::chrono::steady_clock;

/// Of all threads of this process.
std::chrono::microseconds processor_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

/// What the threads of one measurement share.
class Submitters {
 public:
  Submitters(mapi::MsgStore& store, const mapi::Message& message, const SubmissionOrder& order)
      : store_(store),
        message_(message),
        outbox_(store.folder(mapi::SpecialFolder::outbox)),
        left_(static_cast<std::int64_t>(order.most)),
        end_(steady_clock::now() + order.time) {}

  void run(std::size_t threads) {
    std::vector<std::jthread> running;
    for (std::size_t i = 0; i < threads; ++i) {
      running.emplace_back([this] { work(); });
    }
  }

  [[nodiscard]] Durations result() {
    if (failure_) std::rethrow_exception(failure_);
    return std::move(each_);
  }

 private:
  void work() {
    Durations own;
    try {
      while (steady_clock::now() < end_ && !failed_ && !interrupted() && left_-- > 0) {
        const auto start = steady_clock::now();
        store_.submit(outbox_, message_);
        own.emplace_back(steady_clock::now() - start);
      }
    } catch (...) {
      const std::scoped_lock lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      failed_ = true;
    }
    const std::scoped_lock lock(mutex_);
    each_.insert(each_.end(), own.begin(), own.end());
  }

  mapi::MsgStore& store_;
  const mapi::Message& message_;
  const mapi::EntryId outbox_;
  std::atomic<std::int64_t> left_;
  const steady_clock::time_point end_;
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::exception_ptr failure_;  ///< the first, guarded by the mutex
  Durations each_;              ///< guarded by the mutex
};

}  // namespace

std::string text_of(std::size_t octets) {
  constexpr std::size_t line = 72;
  constexpr std::string_view letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ 012345";
  std::mt19937 random;
  std::uniform_int_distribution<std::size_t> any(0, letters.size() - 1);
  std::string text;
  text.reserve(octets + 2);
  while (text.size() + 2 < octets) {
    for (std::size_t i = 0; i < line && text.size() + 2 < octets; ++i) text += letters[any(random)];
    text += "\r\n";
  }
  return text;
}

mapi::Message message_of(std::size_t octets) {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  message.set(mapi::PR_SUBJECT, "A message of postern bench");
  message.set(mapi::PR_BODY, text_of(octets));
  message.set(mapi::PR_DELETE_AFTER_SUBMIT, true);
  mapi::set_address(message, mapi::sender_group, "sender@bench.invalid");
  message.recipients.push_back(
      mapi::make_recipient(mapi::RecipientType::to, "recipient@bench.invalid"));
  return message;
}

Submissions measure_submissions(mapi::MsgStore& store, const mapi::Message& message,
                                const SubmissionOrder& order) {
  Submitters submitters(store, message, order);
  const auto start = steady_clock::now();
  const auto used_before = processor_time();
  submitters.run(order.threads);
  const auto used = processor_time() - used_before;
  const auto elapsed = steady_clock::now() - start;
  const double cores = std::chrono::duration<double>(used) / std::chrono::duration<double>(elapsed);
  return {timings_of(submitters.result(), elapsed), cores};
}

}  // namespace postern::cli
