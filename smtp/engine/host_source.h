// The hosts of a destination: configured relays, or looked up in the DNS.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include "base/clock.h"
#include "base/outcome.h"
#include "smtp/connect/connector.h"
#include "smtp/connect/target.h"
#include "smtp/mx/router.h"

namespace postern::smtp {

class HostSource {
 public:
  /// The hosts in the order in which they are to be tried; or the outcome for all recipients.
  using Result = std::variant<std::vector<ConnectTarget>, Outcome>;
  virtual ~HostSource() = default;
  /// Throws what says that something has run out (base/resource_exhaustion.h).
  virtual asio::awaitable<Result> resolve() = 0;
  /// The result of connecting to a host; for TLS reports.
  virtual void record_result(const ConnectTarget& target, const Connected& result) = 0;
  /// Whether a host may give our own name in its reply to EHLO. A relay on this machine may; a mail
  /// host that does is ourselves, and mail would loop (RFC 5321 §6.3).
  [[nodiscard]] virtual bool may_be_ourselves() const = 0;
  /// For people: the relays, or the domain with a note on messages with `TLS-Required: No`.
  [[nodiscard]] virtual std::string name() const = 0;
};

/// The relays in their order, each at all its addresses (RFC 5321 §5.1), the families taken in turn
/// (RFC 8305 §4). Addresses are looked up again after a short time. Of a relay that is not found,
/// the attempt to connect will say so.
class RelayHostSource final : public HostSource {
 public:
  static constexpr std::chrono::seconds kept{5};
  static constexpr std::size_t max_addresses = 8;
  using Addresses = std::vector<asio::ip::address>;
  using Lookup = std::function<asio::awaitable<Addresses>(std::string host)>;

  /// `lookup`: none if a proxy looks names up.
  RelayHostSource(std::vector<ConnectTarget> targets, Lookup lookup)
      : targets_(std::move(targets)), lookup_(std::move(lookup)) {}
  asio::awaitable<Result> resolve() override;
  void record_result(const ConnectTarget&, const Connected&) override {
  }  // reports are about domains
  [[nodiscard]] bool may_be_ourselves() const override { return true; }
  [[nodiscard]] std::string name() const override;

 private:
  std::vector<ConnectTarget> targets_;
  Lookup lookup_;
  std::vector<ConnectTarget> resolved_;
  SteadyTime resolved_until_{};
};

class MxHostSource final : public HostSource {
 public:
  /// The router must outlive it. `wanted`: the TLS for a domain without a policy.
  MxHostSource(MxRouter& router, std::string domain, TlsRequirement wanted, DomainPolicies policies)
      : router_(router),
        domain_(std::move(domain)),
        wanted_(std::move(wanted)),
        policies_(policies) {}
  asio::awaitable<Result> resolve() override;
  void record_result(const ConnectTarget& target, const Connected& result) override;
  [[nodiscard]] bool may_be_ourselves() const override { return false; }
  [[nodiscard]] std::string name() const override;

 private:
  MxRouter& router_;
  const std::string domain_;
  const TlsRequirement wanted_;
  const DomainPolicies policies_;
};

}  // namespace postern::smtp
