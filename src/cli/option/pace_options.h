// The options that limit the rates of a route.
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
  /// Throws UsageError for an invalid rate.
  [[nodiscard]] smtp::PaceOptions pace() const;

 private:
  std::string messages_;
  std::string recipients_;
  std::string connections_;
};

}  // namespace postern::cli
