#include "catcher/maildrop/maildrop.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "catcher/parse_count.h"

namespace postern::catcher {

namespace {

namespace fs = std::filesystem;

/// What a kept message costs beside its octets: the structures that hold it.
constexpr std::size_t message_overhead = 512;

std::string numbered(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

/// The highest number in use, so that a second run in the same directory does not overwrite
/// messages.
std::uint64_t highest_number(const fs::path& directory) {
  std::uint64_t highest = 0;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const auto number = parse_count(entry.path().stem().string());
    if (number) highest = std::max(highest, *number);
  }
  return highest;
}

[[noreturn]] void fail(const fs::path& path, const std::string& why) {
  throw std::runtime_error("The catcher cannot write " + path.string() + ": " + why + ".");
}

void write_file(const fs::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text << std::flush;
  if (!file) fail(path, "no room or no permission");
}

void move_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) fail(to, error.message());
}

}  // namespace

Maildrop::Maildrop(const CatcherOptions& options)
    : directory_(options.directory),
      limit_(options.memory_limit),
      maximum_size_(directory_.empty()
                        ? std::min<std::uint64_t>(options.maximum_message_size, limit_)
                        : options.maximum_message_size) {
  if (directory_.empty()) return;
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error) fail(directory_, error.message());
  if (access(directory_.c_str(), W_OK | X_OK) != 0) fail(directory_, "no permission");
  last_number_ = highest_number(directory_);
}

std::unique_ptr<Maildrop::Draft> Maildrop::begin() {
  return std::make_unique<Draft>(*this);
}

CaughtMessage Maildrop::keep(Draft& draft, CaughtMessage message) {
  message.size = draft.size_;
  if (directory_.empty()) {
    message.memory = std::make_shared<const std::string>(std::move(draft.memory_));
  }
  {
    const std::lock_guard lock(mutex_);
    message.number = ++last_number_;
  }
  if (!directory_.empty()) put_into_place(draft, message);

  const std::lock_guard lock(mutex_);
  const auto later = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
    return kept.message.number > message.number;
  });
  kept_.insert(later, {message, std::exchange(draft.reserved_, 0)});
  ++count_;
  kept_one_.notify_all();
  return message;
}

void Maildrop::put_into_place(Draft& draft, CaughtMessage& message) {
  draft.write({});  // an empty message is a file too
  draft.file_.close();
  if (draft.state_ != Draft::State::good || !draft.file_) {
    fail(draft.file_name_, "no room or no permission");
  }
  message.file = directory_ / (numbered(message.number) + ".eml");
  const fs::path description = temporary_name();
  try {
    write_file(description, to_json(message));
    move_file(draft.file_name_, message.file);
    draft.file_name_.clear();
    move_file(description, directory_ / (numbered(message.number) + ".json"));
  } catch (...) {
    std::error_code ignored;
    fs::remove(description, ignored);
    throw;
  }
}

std::vector<CaughtMessage> Maildrop::messages() const {
  const std::lock_guard lock(mutex_);
  std::vector<CaughtMessage> messages;
  messages.reserve(kept_.size());
  for (const Kept& kept : kept_) messages.push_back(kept.message);
  return messages;
}

std::uint64_t Maildrop::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

bool Maildrop::wait_for(std::uint64_t count, std::chrono::milliseconds limit) const {
  std::unique_lock lock(mutex_);
  return kept_one_.wait_for(lock, limit, [&] { return count_ >= count; });
}

bool Maildrop::reserve(std::size_t octets) {
  const std::lock_guard lock(mutex_);
  while (octets > limit_ - used_ && !directory_.empty() && !kept_.empty()) {
    used_ -= kept_.front().weight;
    kept_.pop_front();
  }
  if (octets > limit_ - used_) return false;
  used_ += octets;
  return true;
}

void Maildrop::release(std::size_t octets) {
  const std::lock_guard lock(mutex_);
  used_ -= octets;
}

fs::path Maildrop::temporary_name() {
  const std::lock_guard lock(mutex_);
  return directory_ / ("incoming-" + std::to_string(getpid()) + "-" +
                       std::to_string(++temporary_names_) + ".part");
}

Maildrop::Draft::~Draft() {
  if (!file_name_.empty()) {
    file_.close();
    std::error_code ignored;
    fs::remove(file_name_, ignored);
  }
  maildrop_.release(reserved_);
}

bool Maildrop::Draft::reserve(std::size_t octets) {
  const std::size_t wanted = octets + (reserved_ == 0 ? message_overhead : 0);
  if (!maildrop_.reserve(wanted)) return false;
  reserved_ += wanted;
  return true;
}

void Maildrop::Draft::append(std::string_view octets) {
  if (state_ != State::good) return;
  size_ += octets.size();
  if (size_ > maildrop_.maximum_size_) {
    state_ = State::too_big;
  } else if (!maildrop_.directory_.empty()) {
    write(octets);
  } else if (reserve(octets.size())) {
    memory_ += octets;
  } else {
    state_ = State::no_room;
  }
}

void Maildrop::Draft::write(std::string_view octets) {
  if (file_name_.empty()) {
    file_name_ = maildrop_.temporary_name();
    file_.open(file_name_, std::ios::binary);
  }
  file_.write(octets.data(), static_cast<std::streamsize>(octets.size()));
  if (!file_) state_ = State::write_failed;
}

}  // namespace postern::catcher
