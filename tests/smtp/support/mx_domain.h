// Mail domains on 127.0.0.0/8 for tests of delivery by MX under TLS policies: a mail host with
// STARTTLS that remembers what came how, and the host of MTA-STS policies.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "smtp/client.h"
#include "tests/smtp/support/dns_responder.h"
#include "tests/smtp/support/network_server.h"

namespace postern::smtp::test {

/// Takes messages, over TLS where the client wants it.
class TlsMailHost {
 public:
  struct Arrival {
    int connection;
    bool tls;
    std::string from;  ///< the parameters of MAIL after FROM:
    friend bool operator==(const Arrival&, const Arrival&) = default;
  };

  /// `certificate`: null: STARTTLS is not offered. `extensions`: EHLO lines over TLS.
  explicit TlsMailHost(const Certificate* certificate, std::string extensions = "");

  NetworkServer::Play play();
  std::vector<Arrival> arrivals();

 private:
  void serve(Peer& peer, int connection);

  const Certificate* certificate_;
  std::string extensions_;
  std::mutex mutex_;
  std::vector<Arrival> arrivals_;
};

/// Serves one text as the MTA-STS policy of every domain that is announced.
class PolicyHost {
 public:
  explicit PolicyHost(DnsResponder& dns) : dns_(dns) {}

  void announce(const std::string& domain);
  void says(std::string policy);
  void apply_to(MxOptions& mx) const;

 private:
  void serve(Peer& peer);

  DnsResponder& dns_;
  Certificate certificate_{"DNS:*.x.example,DNS:mta-sts.x.example"};
  std::mutex mutex_;
  std::string policy_;
  NetworkServer server_{[this](Peer& peer, int) { serve(peer); }};
};

std::string sts_policy(const std::string& mode, const std::string& host);

/// x.example with the mail host mx.x.example at 127.0.0.1, which shows a certificate for another
/// name; its MTA-STS policy, which is enforced, is yet to be announced.
class MxDomainTest : public testing::Test {
 protected:
  MxDomainTest();

  ClientOptions options();
  /// By a client that is made with the options, unless there is one.
  Outcome deliver(const Envelope& envelope);
  static Envelope ordinary(const std::string& domain = "x.example");
  /// With `TLS-Required: No`.
  static Envelope relaxed(const std::string& domain = "x.example");
  /// mx.x.example is another machine from now on, for clients that are made then.
  void move_host(const std::string& address);

  DnsResponder dns_;
  PolicyHost policies_{dns_};
  Certificate authority_{"DNS:authority.example"};
  Certificate wrong_{"DNS:elsewhere.example", 1, &authority_};
  Certificate right_{"DNS:mx.x.example", 1, &authority_};
  TlsMailHost host_{&wrong_};
  NetworkServer server_{host_.play()};
  std::optional<Client> client_;
};

}  // namespace postern::smtp::test
