#include "tests/smtp/support/connecting.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unistd.h>

#include "smtp/connect/options.h"

namespace postern::smtp::test {

struct Connecting::Origin {
  explicit Origin(ClientOptions options)
      : connector(context, std::make_shared<const ClientOptions>(checked(std::move(options)))) {}
  asio::io_context context{1};
  Connector connector;
};

Connecting::Connecting(ClientOptions options) {
  options.helo_name = "client.example";
  origin_ = std::make_shared<Origin>(std::move(options));
}

Opened Connecting::connect(const ConnectTarget& target) {
  Opened opened{origin_, {}, {}, {}};
  asio::io_context& context = origin_->context;
  const bool stop = false;
  const auto event = std::make_shared<AsyncEvent>(context);
  std::exception_ptr failed;
  asio::co_spawn(
      context,
      [&]() -> asio::awaitable<void> {
        auto result = co_await origin_->connector.connect(target, event, stop);
        opened.tls_failure = std::move(result.tls_failure);
        if (auto* fault = std::get_if<RouteFault>(&result.opened)) {
          opened.fault = std::move(*fault);
        } else {
          opened.connection = std::get<Connection>(std::move(result.opened));
        }
        context.stop();
      },
      [&](const std::exception_ptr& failure) { failed = failure; });
  context.restart();
  context.run();
  if (failed) std::rethrow_exception(failed);
  synchronise_with_plays();
  return opened;
}

ConnectTarget target_at(int port, TlsPolicy policy, const std::string& scheme,
                        const std::string& credentials) {
  ConnectTarget target;
  target.relay = Relay::parse(scheme + "://" + credentials + "127.0.0.1:" + std::to_string(port));
  target.tls.policy = policy;
  return target;
}

TextFile::TextFile(const std::string& text) {
  char path[] = "/tmp/postern-smtp-text-XXXXXX";
  const int descriptor = ::mkstemp(path);
  if (descriptor < 0) throw std::runtime_error("cannot make a file in /tmp");
  ::close(descriptor);
  path_ = path;
  std::ofstream(path_) << text;
}

TextFile::~TextFile() {
  ::unlink(path_.c_str());
}

std::string TextFile::text() const {
  std::ifstream file(path_);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace postern::smtp::test
