#include "cli/option/mail_input.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "mapi/error.h"

namespace postern::cli {
namespace {

class DescriptorReader final : public OctetReader {
 public:
  DescriptorReader(int descriptor, bool owned, std::string name)
      : descriptor_(descriptor), owned_(owned), name_(std::move(name)) {}
  ~DescriptorReader() override {
    if (owned_) ::close(descriptor_);
  }
  DescriptorReader(const DescriptorReader&) = delete;
  DescriptorReader& operator=(const DescriptorReader&) = delete;

  std::size_t read(std::span<std::byte> into) override {
    while (true) {
      const auto count = ::read(descriptor_, into.data(), into.size());
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno == EINTR) continue;
      throw mapi::system_failure(mapi::MAPI_E_NOT_FOUND, name_ + " cannot be read", errno);
    }
  }

 private:
  int descriptor_;
  bool owned_;
  std::string name_;
};

}  // namespace

void MailInput::add_to(CLI::App& command) {
  command.add_option("FILE", file_, "A mail (RFC 5322); -: standard input")->capture_default_str();
}

std::unique_ptr<OctetReader> MailInput::open() const {
  if (file_ == "-") {
    return std::make_unique<DescriptorReader>(STDIN_FILENO, false, "standard input");
  }
  const int descriptor = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  auto name = "'" + file_ + "'";
  if (descriptor < 0) {
    throw mapi::system_failure(mapi::MAPI_E_NOT_FOUND, name + " cannot be opened", errno);
  }
  return std::make_unique<DescriptorReader>(descriptor, true, std::move(name));
}

}  // namespace postern::cli
