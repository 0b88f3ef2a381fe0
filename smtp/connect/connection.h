// An open connection: after the greeting and EHLO, and after TLS and AUTH if they were asked for.
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
  std::string host;         ///< "name[address]"; "name" if only a proxy knows the address
  std::string server_name;  ///< the name in the server's reply to EHLO
  bool lmtp = false;
  bool tls = false;
  /// The server is authenticated: by its certificate, a fingerprint or a TLSA record.
  bool verified = false;
  std::string tls_text;                 ///< "TLSv1.3, TLS_AES_256_GCM_SHA384"
  std::vector<std::string> transcript;  ///< ConnectTranscript::lines
  SecretMask mask{};                    ///< hides secrets that the server repeats
};

}  // namespace postern::smtp
