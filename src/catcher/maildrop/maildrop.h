// The storage of caught messages: memory or a directory, under one limit.
//
// A Draft receives one message's octets; it is not visible before `keep`, and is discarded without
// it. With a directory, content is written directly to a temporary file. Safe to use from several
// threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "catcher/options.h"

namespace postern::catcher {

class Maildrop {
 public:
  class Draft;

  /// Makes the directory if it is missing. Throws std::runtime_error if it cannot be written to.
  explicit Maildrop(const CatcherOptions& options);

  /// The largest content one message can have.
  [[nodiscard]] std::uint64_t maximum_size() const { return maximum_size_; }

  [[nodiscard]] std::unique_ptr<Draft> begin();

  /// Stores a complete message: numbers it, renames its files and returns it completed. Throws
  /// std::runtime_error if the files cannot be written.
  CaughtMessage keep(Draft& draft, CaughtMessage message);

  [[nodiscard]] std::vector<CaughtMessage> messages() const;
  [[nodiscard]] std::uint64_t count() const;
  bool wait_for(std::uint64_t count, std::chrono::milliseconds limit) const;

 private:
  struct Kept {
    CaughtMessage message;
    std::size_t weight;  ///< octets counted against the limit
  };

  bool reserve(std::size_t octets);
  void release(std::size_t octets);
  std::filesystem::path temporary_name();
  void put_into_place(Draft& draft, CaughtMessage& message);

  const std::filesystem::path directory_;
  const std::size_t limit_;
  const std::uint64_t maximum_size_;

  mutable std::mutex mutex_;
  mutable std::condition_variable kept_one_;
  std::deque<Kept> kept_;
  std::size_t used_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t last_number_ = 0;
  std::uint64_t temporary_names_ = 0;
};

class Maildrop::Draft {
 public:
  explicit Draft(Maildrop& maildrop) : maildrop_(maildrop) {}
  ~Draft();
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  enum class State { good, too_big, no_room, write_failed };

  /// Counts octets of the envelope against the limit; returns false if they exceed it.
  bool reserve(std::size_t octets);
  /// Adds content. Once the state is no longer good, further octets are discarded.
  void append(std::string_view octets);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  friend class Maildrop;

  void write(std::string_view octets);

  Maildrop& maildrop_;
  State state_ = State::good;
  std::size_t reserved_ = 0;
  std::uint64_t size_ = 0;
  std::string memory_;
  std::filesystem::path file_name_;  ///< of the temporary file, once there is one
  std::ofstream file_;
};

}  // namespace postern::catcher
