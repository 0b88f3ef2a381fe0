#include "catcher/server/session.h"

#include <exception>

#include "catcher/dialogue/reply.h"

namespace postern::catcher {

namespace asio = boost::asio;
using Next = Reaction::Next;

namespace {

struct Session {
  ServerConnection& connection;
  ServerDialogue& dialogue;
  const CatcherOptions& options;
  asio::ssl::context* tls;

  asio::awaitable<Reaction> next_line() {
    co_return dialogue.line(co_await connection.read_line(options.command_timeout));
  }

  asio::awaitable<Reaction> next_content() {
    for (;;) {
      const std::string_view block = co_await connection.read_block(options.content_timeout);
      auto taken = dialogue.content(block);
      connection.consume(taken.octets);
      if (taken.reaction) co_return *std::move(taken.reaction);
    }
  }

  asio::awaitable<void> secure() {
    co_await connection.flush(options.command_timeout);
    dialogue.secured(co_await connection.handshake(*tls, options.command_timeout));
  }

  asio::awaitable<void> reply(const Reaction& reaction) {
    if (reaction.delay.count() != 0) {
      co_await connection.flush(options.command_timeout);
      co_await connection.pause(reaction.delay);
    }
    connection.put(reaction.reply);
  }

  asio::awaitable<void> talk() {
    if (options.implicit_tls) co_await secure();
    Reaction reaction = dialogue.greeting();
    while (reaction.next != Next::drop) {
      if (reaction.next == Next::handshake && connection.has_input()) {
        // RFC 3207 §5: octets sent without TLS must not count as sent inside TLS.
        reaction = {postern::catcher::reply(554, "5.5.1 nothing may follow STARTTLS in its flight"),
                    Next::end};
      }
      co_await reply(reaction);
      if (reaction.next == Next::end) {
        co_await connection.finish();
        co_return;
      }
      if (reaction.next == Next::content) {
        reaction = co_await next_content();
      } else {
        if (reaction.next == Next::handshake) co_await secure();
        reaction = co_await next_line();
      }
    }
    co_await connection.flush(options.command_timeout);
  }
};

}  // namespace

asio::awaitable<void> serve(ServerConnection& connection, ServerDialogue& dialogue,
                            const CatcherOptions& options, asio::ssl::context* tls) {
  Session session{connection, dialogue, options, tls};
  bool too_slow = false;
  try {
    co_await session.talk();
  } catch (const TimedOut&) {
    too_slow = true;
  } catch (const std::exception&) {
    // End of file is how many clients say goodbye; whatever else it is, the connection is over.
  }
  if (too_slow) {
    dialogue.note("took too long");
    connection.put(reply(421, "4.4.2 you took too long, closing the connection"));
    co_await connection.finish();
  }
  connection.close();
}

}  // namespace postern::catcher
