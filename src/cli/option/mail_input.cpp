#include "cli/option/mail_input.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/input/descriptor_reader.h"
#include "mapi/error.h"

namespace postern::cli {

void MailInput::add_to(CLI::App& command) {
  command.add_option("FILE", file_, "A mail (RFC 5322); -: standard input")->capture_default_str();
}

std::unique_ptr<OctetReader> MailInput::open() const {
  if (file_ == "-") {
    return read_descriptor(STDIN_FILENO, false, "standard input");
  }
  const int descriptor = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  auto name = "'" + file_ + "'";
  if (descriptor < 0) {
    throw mapi::system_failure(mapi::MAPI_E_NOT_FOUND, name + " cannot be opened", errno);
  }
  return read_descriptor(descriptor, true, std::move(name));
}

}  // namespace postern::cli
