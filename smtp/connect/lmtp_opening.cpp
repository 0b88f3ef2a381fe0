#include "smtp/connect/lmtp_opening.h"

#include <array>

#include <fmt/format.h>

#include "smtp/io/descriptor_watcher.h"

namespace postern::smtp {

asio::awaitable<std::optional<ConnectFailure>> LmtpOpening::run(std::shared_ptr<AsyncEvent> event,
                                                                const bool& stop) {
  const Timeouts& times = options_.timeouts;
  auto greeting = co_await exchange({}, times.greeting, event, stop);
  if (greeting) co_return greeting;
  const std::string hello = fmt::format("LHLO {}\r\n", options_.helo_name);
  auto answer = co_await exchange(hello, times.ehlo, event, stop);
  co_return answer;
}

ConnectFailure LmtpOpening::failure(Kind kind, std::string detail) const {
  const Stage stage = transcript_.stage() == Stage::connect ? Stage::greeting : transcript_.stage();
  return {kind, stage, std::move(detail), {}};
}

asio::awaitable<LmtpOpening::Result> LmtpOpening::exchange(std::string_view command,
                                                           std::chrono::milliseconds limit,
                                                           std::shared_ptr<AsyncEvent> event,
                                                           const bool& stop) {
  DescriptorWatcher watcher(duplicate_for_watching(context_, stream_.socket()));
  const SteadyTime deadline = std::chrono::steady_clock::now() + limit;
  if (!command.empty()) transcript_.client_said(command);
  for (;;) {
    if (auto lost = write(command)) co_return lost;
    if (auto lost = read()) co_return lost;
    if (const auto& reply = transcript_.reply()) {
      if (reply->reply_class() == 2) co_return std::nullopt;
      co_return ConnectFailure{Kind::refused, transcript_.stage(), {}, *reply};
    }
    if (stop) co_return failure(Kind::stopped, {});
    if (std::chrono::steady_clock::now() >= deadline) {
      const std::chrono::duration<double> seconds = limit;
      co_return failure(Kind::timed_out, fmt::format("the limit is {} s", seconds.count()));
    }
    watcher.watch(event, !command.empty());
    co_await event->wait(deadline);
  }
}

LmtpOpening::Result LmtpOpening::write(std::string_view& command) {
  while (!command.empty()) {
    const StreamResult result = stream_.write(command);
    if (result.state == StreamResult::State::would_block) break;
    if (result.state == StreamResult::State::closed) return failure(Kind::lost, result.why);
    command.remove_prefix(result.octets);
  }
  return std::nullopt;
}

LmtpOpening::Result LmtpOpening::read() {
  std::array<char, 4096> octets;
  while (!transcript_.reply()) {
    const StreamResult result = stream_.read(octets);
    if (result.state == StreamResult::State::would_block) break;
    if (result.state == StreamResult::State::closed) return failure(Kind::lost, result.why);
    if (auto refused = receive({octets.data(), result.octets})) return refused;
  }
  return std::nullopt;
}

/// Line by line, to detect octets after the reply, which are unexpected.
LmtpOpening::Result LmtpOpening::receive(std::string_view octets) {
  while (!octets.empty()) {
    if (transcript_.reply()) {
      return failure(Kind::not_smtp, "octets behind its reply that nobody asked for");
    }
    const std::size_t end = std::min(octets.find('\n'), octets.size() - 1) + 1;
    if (!transcript_.server_said(octets.substr(0, end))) {
      return failure(Kind::not_smtp, transcript_.refusal());
    }
    octets.remove_prefix(end);
  }
  return std::nullopt;
}

}  // namespace postern::smtp
