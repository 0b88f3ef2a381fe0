// The options that say how fast a route is fed.
#pragma once

#include <string>

#include "smtp/client.h"

namespace CLI {
class App;
}

namespace postern::cli {

class RateOptions {
 public:
  void add_to(CLI::App& command);
  /// UsageError for a rate that is none.
  [[nodiscard]] smtp::PaceOptions pace() const;

 private:
  std::string messages_;
  std::string recipients_;
  std::string connections_;
};

}  // namespace postern::cli
