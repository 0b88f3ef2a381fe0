// A stream over a socket, whose readiness can be waited for.
#pragma once

#include "smtp/io/stream.h"

namespace postern::smtp {

class SocketStream : public Stream {
 public:
  /// For readiness only.
  [[nodiscard]] virtual int socket() const = 0;
};

}  // namespace postern::smtp
