#include "cli/convert/converter.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/thread_signals.h"
#include "cli/input/message_file.h"
#include "mime/compose.h"
#include "msg/msg_file.h"

namespace postern::cli {
namespace {

void write(const mime::Plan& plan, OutputFile& file) {
  const auto reader = plan.content().open();
  std::array<std::byte, 65536> block{};
  while (const auto count = reader->read(block)) file.write(std::span(block).first(count));
}

void append(std::vector<mapi::Loss>& losses, std::vector<mapi::Loss> others) {
  std::move(others.begin(), others.end(), std::back_inserter(losses));
}

void convert_to_eml(MessageFile& read, const Conversion& conversion,
                    const ConverterOptions& options) {
  auto plan = mime::compose(read.message, options.compose);
  append(read.losses, std::move(plan.losses));
  OutputFile file(conversion.output, options.existing);
  write(plan, file);
  file.finish();
}

void convert_to_msg(const MessageFile& read, const Conversion& conversion,
                    const ConverterOptions& options) {
  OutputFile file(conversion.output, options.existing);
  msg::write(read.message, file.part());
  file.finish();
}

Converted convert(const Conversion& conversion, const ConverterOptions& options) {
  Converted result{conversion, {}, {}};
  try {
    auto read = read_message_file(conversion.input);
    if (options.form == OutputForm::eml) {
      convert_to_eml(read, conversion, options);
    } else {
      convert_to_msg(read, conversion, options);
    }
    result.losses = std::move(read.losses);
  } catch (const std::exception& failure) {
    result.error = failure.what();
  }
  return result;
}

/// The results that the threads have made, waiting for their turn.
class Results {
 public:
  explicit Results(std::size_t count) : results_(count) {}

  void put(std::size_t index, Converted result) {
    const std::scoped_lock lock(mutex_);
    results_[index] = std::move(result);
    ++done_;
    changed_.notify_one();
  }
  /// The next one in order; nullopt after a while without it.
  std::optional<Converted> next() {
    constexpr std::chrono::milliseconds a_while{100};
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, a_while, [this] { return results_[next_].has_value(); });
    if (!results_[next_]) return std::nullopt;
    return std::exchange(results_[next_++], std::nullopt);
  }
  [[nodiscard]] bool is_over() const { return next_ == results_.size(); }
  [[nodiscard]] std::size_t done() {
    const std::scoped_lock lock(mutex_);
    return done_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::optional<Converted>> results_;
  std::size_t done_ = 0;
  std::size_t next_ = 0;
};

}  // namespace

void convert_all(const std::vector<Conversion>& conversions, const ConverterOptions& options,
                 const std::function<void(const Converted&)>& told,
                 const std::function<bool(std::size_t done)>& go_on) {
  Results results(conversions.size());
  std::atomic<std::size_t> started = 0;
  const auto work = [&](const std::stop_token& stop) {
    for (auto at = started++; at < conversions.size() && !stop.stop_requested(); at = started++) {
      results.put(at, convert(conversions[at], options));
    }
  };
  std::vector<std::jthread> threads;
  {
    const SignalsBlocked for_the_threads;
    const auto count = std::clamp<std::size_t>(options.threads, 1, conversions.size() + 1);
    threads.reserve(count);
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back(work);
  }
  while (!results.is_over()) {
    if (const auto result = results.next()) told(*result);
    if (!go_on(results.done())) return;
  }
}

}  // namespace postern::cli
