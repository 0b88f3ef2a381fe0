// An open connection: greeted, with TLS and logged on where that was asked for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "smtp/dialogue/capabilities.h"
#include "smtp/dialogue/secret_mask.h"
#include "smtp/io/socket_stream.h"

namespace postern::smtp {

struct Connection {
  std::unique_ptr<SocketStream> stream;
  Capabilities server;
  std::string host;         ///< "name[address]"; "name" where a proxy knows the address
  std::string server_name;  ///< what the server calls itself in its reply to EHLO
  bool lmtp = false;
  bool tls = false;
  /// It is the server that was asked for: by its certificate, a fingerprint or a TLSA record.
  bool verified = false;
  std::string tls_text;                 ///< "TLSv1.3, TLS_AES_256_GCM_SHA384"
  std::vector<std::string> transcript;  ///< ConnectTranscript::lines
  SecretMask mask{};                    ///< knows what must not be shown if the server repeats it
};

}  // namespace postern::smtp
