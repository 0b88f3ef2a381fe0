#include "smtp/auth/token_command.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/resource_exhaustion.h"
#include "base/text.h"

namespace postern::smtp {
namespace {

/// RFC 6750 §2.1 allows less than this; what it allows and what a SASL message can carry is between
/// the two.
bool is_token(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

/// Only one at a time; when it ends, however it ends, those who waited for it go on.
struct TokenCommand::Run {
  explicit Run(TokenCommand& of) : command(of) { command.running_ = true; }
  ~Run() {
    command.running_ = false;
    for (const auto& waiting : std::exchange(command.waiting_, {})) waiting->set();
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  TokenCommand& command;
};

std::string TokenCommand::text() const {
  return fmt::format("the token command \"{}\"", printable(argv_.front()));
}

void TokenCommand::refused(std::string_view token) {
  if (token_ == token) token_.clear();
}

TokenFailure TokenCommand::failure(std::string_view what) const {
  return {fmt::format("{} {}; run it by hand to see why", text(), what)};
}

asio::awaitable<std::variant<std::string, TokenFailure>> TokenCommand::token(
    std::shared_ptr<AsyncEvent> event, const bool& stop) {
  while (running_ && token_.empty()) {
    if (stop) co_return TokenFailure{"", false, true};
    waiting_.push_back(event);
    co_await event->wait(std::nullopt);
  }
  if (!token_.empty()) co_return token_;
  const Run guard(*this);
  auto result = co_await run(event, stop);
  if (const auto* token = std::get_if<std::string>(&result)) token_ = *token;
  co_return result;
}

asio::awaitable<std::variant<std::string, TokenFailure>> TokenCommand::run(
    std::shared_ptr<AsyncEvent> event, const bool& stop) try {
  ChildOutput child(context_, argv_);
  const bool ended = co_await child.run(event, stop, std::chrono::steady_clock::now() + limit_);
  if (stop) co_return TokenFailure{"", false, true};
  if (!ended) {
    co_return failure(
        fmt::format("did not end within {} s", std::chrono::duration<double>(limit_).count()));
  }
  if (!child.succeeded()) co_return failure("failed");
  const std::string_view token = first_line(child.text());
  if (!is_token(token)) co_return failure("printed no token on its first line");
  co_return std::string(token);
} catch (const std::system_error& error) {
  if (exhausted_resource(error.code())) throw;
  co_return TokenFailure{fmt::format("{} cannot be started: {}", text(), error.code().message()),
                         true};
}

}  // namespace postern::smtp
