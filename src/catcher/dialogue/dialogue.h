// The server's side of an SMTP dialogue (RFC 5321 with the extensions of catcher.h), without
// sockets or clock: its input is lines and octets, its output reactions.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "catcher/behaviour.h"
#include "catcher/dialogue/attempts.h"
#include "catcher/dialogue/authentication.h"
#include "catcher/dialogue/dot_decoder.h"
#include "catcher/maildrop/maildrop.h"

namespace postern::catcher {

/// What the server does next: wait, send the reply, read on.
struct Reaction {
  /// What comes after the reply.
  enum class Next {
    command,    ///< a line, for `line`
    content,    ///< octets, for `content`
    handshake,  ///< TLS, then `secured`
    end,        ///< the connection is closed once the reply has arrived
    drop,       ///< the connection is closed at once
  };

  std::string reply;  ///< whole lines with their line ends; may be empty
  Next next = Next::command;
  std::chrono::seconds delay{0};
};

class ServerDialogue {
 public:
  /// Everything referred to must outlive the dialogue. `client` is the peer's address:port.
  ServerDialogue(const CatcherOptions& options, Maildrop& maildrop, Attempts& attempts,
                 std::string client);

  Reaction greeting();
  /// A command, or a response during AUTH, without its line end; nullopt for one that was too long.
  Reaction line(std::optional<std::string_view> line);

  struct Taken {
    std::size_t octets;                ///< how much of the block belongs to the content
    std::optional<Reaction> reaction;  ///< nullopt: more content must come
  };
  Taken content(std::string_view block);

  /// TLS is established; everything known from before it is discarded (RFC 3207 §4.2).
  void secured(std::string version);
  /// One line for CatcherOptions::on_event.
  void note(const std::string& what) const;

 private:
  struct MailTransaction {
    std::unique_ptr<Maildrop::Draft> draft;
    Path sender;
    std::vector<Path> recipients;
    /// The first recipient whose name concerns the content.
    std::optional<Behaviour> on_content;
    std::string on_content_name;
    bool chunked = false;  ///< BDAT was used, DATA no longer may be
    DotDecoder decoder;
  };
  struct Chunk {
    std::uint64_t left;
    bool last;
    bool refused;  ///< out of sequence: its octets are discarded
  };
  struct Verb;

  static const Verb verbs[];

  static Reaction answer(int code, std::string_view text);
  Reaction helo(std::string_view argument);
  Reaction ehlo(std::string_view argument);
  Reaction mail(std::string_view argument);
  Reaction rcpt(std::string_view argument);
  Reaction data(std::string_view argument);
  Reaction bdat(std::string_view argument);
  Reaction rset(std::string_view argument);
  Reaction noop(std::string_view argument);
  Reaction help(std::string_view argument);
  Reaction vrfy(std::string_view argument);
  Reaction quit(std::string_view argument);
  Reaction starttls(std::string_view argument);
  Reaction auth(std::string_view argument);

  [[nodiscard]] bool offers(std::string_view extension) const;
  [[nodiscard]] std::optional<Reaction> parameter_fault(const Path& path, bool mail) const;
  [[nodiscard]] std::optional<Reaction> address_fault(const Path& path, bool utf8) const;
  Reaction identify(std::string_view name, bool extended);
  Reaction accept_sender(Path sender);
  Reaction accept_recipient(Path recipient);
  std::optional<Behaviour> still_in_force(std::optional<Behaviour> behaviour,
                                          std::string_view sender, std::string_view recipient);
  Reaction greylist(std::string_view recipient);
  Reaction refuse(RefusalStage stage, int code, std::string_view address);
  Reaction authenticate(Authentication::Step step);
  Reaction chunk_ended();
  std::optional<Reaction> draft_fault(Maildrop::Draft::State state);
  Reaction content_ended();
  [[nodiscard]] CaughtMessage envelope(const MailTransaction& transaction) const;

  const CatcherOptions& options_;
  Maildrop& maildrop_;
  Attempts& attempts_;
  const std::string client_;

  std::string helo_;
  bool extended_ = false;
  std::string tls_;
  std::string auth_user_;
  std::optional<Authentication> authentication_;
  std::optional<MailTransaction> transaction_;
  std::optional<Chunk> chunk_;
  std::size_t commands_ = 0;
};

}  // namespace postern::catcher
