// Where a destination's hosts come from: configured relays, or the DNS.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/outcome.h"
#include "smtp/connect/connector.h"
#include "smtp/connect/target.h"
#include "smtp/mx/router.h"

namespace postern::smtp {

class Hosts {
 public:
  /// In the order in which they are to be tried; or the outcome for all recipients.
  using Found = std::variant<std::vector<ConnectTarget>, Outcome>;
  virtual ~Hosts() = default;
  /// Throws what says that something has run out (base/resource_exhaustion.h).
  virtual asio::awaitable<Found> find() = 0;
  /// What came of a host that was found; for reports.
  virtual void heard(const ConnectTarget& target, const Connected& result) = 0;
  /// A host that calls itself by our name is ourselves: mail must not go round in a circle
  /// (RFC 5321 §6.3). A relay on this machine may do so.
  [[nodiscard]] virtual bool may_be_ourselves() const = 0;
  /// For people: the relays, or the domain, and which of its messages if not the usual ones.
  [[nodiscard]] virtual std::string name() const = 0;
};

class RelayHosts final : public Hosts {
 public:
  explicit RelayHosts(std::vector<ConnectTarget> targets) : targets_(std::move(targets)) {}
  asio::awaitable<Found> find() override { co_return targets_; }
  void heard(const ConnectTarget&, const Connected&) override {}  // reports are about domains
  [[nodiscard]] bool may_be_ourselves() const override { return true; }
  [[nodiscard]] std::string name() const override;

 private:
  std::vector<ConnectTarget> targets_;
};

class MxHosts final : public Hosts {
 public:
  /// The router outlives it. `wanted`: of TLS, where the domain asks for nothing.
  MxHosts(MxRouter& router, std::string domain, TlsRequirement wanted, DomainPolicies policies)
      : router_(router),
        domain_(std::move(domain)),
        wanted_(std::move(wanted)),
        policies_(policies) {}
  asio::awaitable<Found> find() override;
  void heard(const ConnectTarget& target, const Connected& result) override;
  [[nodiscard]] bool may_be_ourselves() const override { return false; }
  [[nodiscard]] std::string name() const override;

 private:
  MxRouter& router_;
  const std::string domain_;
  const TlsRequirement wanted_;
  const DomainPolicies policies_;
};

}  // namespace postern::smtp
