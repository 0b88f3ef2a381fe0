#include "tests/smtp/support/mx_domain.h"

#include <utility>

#include <fmt/format.h>

#include "tests/smtp/support/scripted_server.h"

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

MxDomainTest::MxDomainTest() {
  dns_.mx("x.example", 10, "mx.x.example");
  dns_.a("mx.x.example", "127.0.0.1");
  policies_.says(sts_policy("enforce", "mx.x.example"));
}

ClientOptions MxDomainTest::options() {
  ClientOptions options;
  options.mx.emplace();
  options.mx->port = server_.port();
  options.mx->ipv6 = false;
  options.mx->dns_servers = {dns_.address()};
  options.mx->hosts_on_this_machine = true;
  policies_.apply_to(*options.mx);
  options.ca_file = authority_.file();
  options.helo_name = "we.example";
  return options;
}

Outcome MxDomainTest::deliver(const Envelope& envelope) {
  if (!client_) client_.emplace(options());
  static const TextSource letter("Subject: x\r\n\r\nbody\r\n");
  return client_->deliver(envelope, letter).recipients.at(0);
}

Envelope MxDomainTest::ordinary(const std::string& domain) {
  return envelope_to({"a@" + domain});
}

Envelope MxDomainTest::relaxed(const std::string& domain) {
  Envelope envelope = ordinary(domain);
  envelope.tls_required_no = true;
  return envelope;
}

void MxDomainTest::move_host(const std::string& address) {
  dns_.no_data("mx.x.example", DnsType::a);
  dns_.a("mx.x.example", address);
}

}  // namespace postern::smtp::test
