// A stream over a socket that can be watched for readable and writable.
#pragma once

#include "smtp/io/stream.h"

namespace postern::smtp {

class SocketStream : public Stream {
 public:
  /// For watching only.
  [[nodiscard]] virtual int socket() const = 0;
};

}  // namespace postern::smtp
