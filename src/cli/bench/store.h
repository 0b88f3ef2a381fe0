// What a disk or a database gives to a store, measured beside the store that is or will be there,
// which is not touched.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "cli/bench/conclusion.h"

namespace postern::cli {

struct StoreOrder {
  std::chrono::nanoseconds time{};  ///< of each measurement
  std::size_t octets = 0;           ///< of an append, a commit, the text of a message
  std::size_t threads = 10;         ///< beside the one alone
};

struct StoreReport {
  std::string place;  ///< a directory, or a URL without its password
  StoreFigures figures{};
  std::string not_measured{};  ///< why submissions or commits were not; empty: they were
};

/// `location`: a directory, the file of a store in one, or the URL of a database. `tell` hears what
/// is measured now. Ends early when the program is interrupted; in each case all that was made is
/// removed. Throws mapi::Failure with one sentence.
StoreReport measure_store(const std::filesystem::path& location, const StoreOrder& order,
                          const std::function<void(const std::string& what)>& tell);

}  // namespace postern::cli
