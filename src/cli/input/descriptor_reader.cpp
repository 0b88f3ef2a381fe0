#include "cli/input/descriptor_reader.h"

#include <cerrno>
#include <unistd.h>
#include <utility>

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

std::unique_ptr<OctetReader> read_descriptor(int descriptor, bool owned, std::string name) {
  return std::make_unique<DescriptorReader>(descriptor, owned, std::move(name));
}

}  // namespace postern::cli
