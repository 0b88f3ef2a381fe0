// The socket at which a running `postern spool` can be asked: lines in, lines out
// (control/request.h).
//
// It has a thread of its own, so that a client that is slow, stuck or hostile stops no mail: a
// connection carries one request, of bounded length and within bounded time, and only so many are
// open at once. The socket has the owner and the permissions of the store: who may read the mail
// may ask. Whoever makes this object must be the store's only spooler: a socket that is there
// already was left by a dead one, and is replaced.
//
// Threads: `answer` is called on the server's thread, one call at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace postern::cli {

class ControlServer {
 public:
  /// The answer to a line without its end; it brings its own. If it throws, there is none.
  using Answer = std::function<std::string(std::string_view line)>;

  /// Throws mapi::Failure if the socket cannot be made: MAPI_E_COLLISION if something else is in
  /// its place, MAPI_E_STRING_TOO_LONG, MAPI_E_NO_ACCESS; std::exception if there are not enough
  /// descriptors, threads or memory (mapi::exhaustion).
  ControlServer(const std::filesystem::path& store, Answer answer);
  /// Drops all connections and removes the socket.
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace postern::cli
