#include "transport/host_name.h"

#include <array>
#include <unistd.h>

#include "mapi/address.h"
#include "mapi/utf.h"

namespace postern::transport {

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  auto host = mapi::ascii_lower(name.data());
  return mapi::is_smtp_address("postmaster@" + host) ? host : "localhost";
}

}  // namespace postern::transport
