#include "smime/key/key_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

namespace postern::smime {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 20U;

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(descriptor_); }
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

mapi::Code code_of(int error) {
  if (error == ENOENT || error == ENOTDIR) return mapi::MAPI_E_NOT_FOUND;
  return error == EACCES || error == EPERM ? mapi::MAPI_E_NO_ACCESS : mapi::MAPI_E_DISK_ERROR;
}

void check(const struct stat& facts, Secrecy secrecy, const std::string& name) {
  if (!S_ISREG(facts.st_mode)) {
    throw mapi::Failure(mapi::MAPI_E_NO_ACCESS, name + " is no regular file");
  }
  constexpr auto others = static_cast<mode_t>(S_IROTH | S_IWOTH);
  if (secrecy == Secrecy::secret && (facts.st_mode & others) != 0) {
    throw mapi::Failure(mapi::MAPI_E_NO_ACCESS,
                        name +
                            " holds a private key and is open to every user of this machine; "
                            "take that away with chmod o-rwx");
  }
  if (static_cast<std::uint64_t>(facts.st_size) > largest_file) {
    throw mapi::Failure(mapi::MAPI_E_TOO_BIG, name + " is too large for keys or certificates");
  }
}

}  // namespace

std::string quoted(const std::filesystem::path& path) {
  return "'" + printable(path.string()) + "'";
}

void read_key_file(const std::filesystem::path& path, Secrecy secrecy, Secret& octets) {
  const auto name = quoted(path);
  const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0) {
    const int error = errno;
    throw mapi::system_failure(code_of(error), name + " cannot be opened", error);
  }
  const Descriptor file(opened);
  struct stat facts {};
  if (::fstat(file.get(), &facts) != 0) {
    throw mapi::system_failure(mapi::MAPI_E_DISK_ERROR, name + " cannot be read", errno);
  }
  check(facts, secrecy, name);
  octets.text.resize(static_cast<std::size_t>(facts.st_size));
  std::size_t filled = 0;
  while (filled < octets.text.size()) {
    const auto count = ::read(file.get(), octets.text.data() + filled, octets.text.size() - filled);
    if (count < 0) {
      throw mapi::system_failure(mapi::MAPI_E_DISK_ERROR, name + " cannot be read", errno);
    }
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  octets.text.resize(filled);
}

}  // namespace postern::smime
