#include "mx_domain.h"

#include <utility>

#include <fmt/format.h>

namespace postern::smtp::test {

TlsMailHost::TlsMailHost(const Certificate* certificate, std::string extensions)
    : certificate_(certificate), extensions_(std::move(extensions)) {}

NetworkServer::Play TlsMailHost::play() {
  return [this](Peer& peer, int connection) { serve(peer, connection); };
}

void TlsMailHost::serve(Peer& peer, int connection) {
  bool tls = false;
  peer.greet(certificate_ == nullptr ? "250 mail.example\r\n"
                                     : "250-mail.example\r\n250 STARTTLS\r\n");
  for (;;) {
    const std::string command = peer.line();
    if (command == "STARTTLS") {
      peer.say("220 go\r\n");
      peer.start_tls(*certificate_);
      tls = true;
    } else if (command.starts_with("EHLO")) {
      peer.say("250-mail.example\r\n" + extensions_ + "250 8BITMIME\r\n");
    } else if (command == "DATA") {
      peer.say("354 go\r\n");
      peer.content();
      peer.say("250 2.0.0 ok\r\n");
    } else {
      if (command.starts_with("MAIL FROM:")) {
        const std::scoped_lock lock(mutex_);
        arrivals_.push_back({connection, tls, command.substr(command.find(':') + 1)});
      }
      peer.say(command == "QUIT" ? "221 bye\r\n" : "250 2.0.0 ok\r\n");
    }
  }
}

std::vector<TlsMailHost::Arrival> TlsMailHost::arrivals() {
  const std::scoped_lock lock(mutex_);
  return arrivals_;
}

void PolicyHost::announce(const std::string& domain) {
  dns_.txt("_mta-sts." + domain, "v=STSv1; id=1;");
  dns_.a("mta-sts." + domain, "127.0.0.1");
}

void PolicyHost::says(std::string policy) {
  const std::scoped_lock lock(mutex_);
  policy_ = std::move(policy);
}

void PolicyHost::apply_to(MxOptions& mx) const {
  mx.mta_sts = true;
  mx.mta_sts_port = server_.port();
  mx.mta_sts_ca_file = certificate_.file();
}

void PolicyHost::serve(Peer& peer) {
  peer.start_tls(certificate_);
  while (!peer.line().empty()) continue;
  std::string policy;
  {
    const std::scoped_lock lock(mutex_);
    policy = policy_;
  }
  peer.say(
      fmt::format("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}",
                  policy.size(), policy));
}

std::string sts_policy(const std::string& mode, const std::string& host) {
  return fmt::format("version: STSv1\nmode: {}\nmx: {}\nmax_age: 86400\n", mode, host);
}

}  // namespace postern::smtp::test
