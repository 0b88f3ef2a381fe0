// A mail as octets: a file, or standard input.
#pragma once

#include <memory>
#include <string>

#include "base/octet_reader.h"

namespace CLI {
class App;
}

namespace postern::cli {

class MailInput {
 public:
  void add_to(CLI::App& command);

  /// The mail from its beginning; standard input can be read once. Throws mapi::Failure, one
  /// sentence that names the file, if it cannot be read; so does the reader.
  [[nodiscard]] std::unique_ptr<OctetReader> open() const;

 private:
  std::string file_ = "-";
};

}  // namespace postern::cli
