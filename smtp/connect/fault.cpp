#include "smtp/connect/fault.h"

#include <array>

#include <fmt/format.h>

#include "smtp/dialogue/verdict.h"

namespace postern::smtp {
namespace {

struct Wording {
  ConnectFailure::Kind kind;
  EnhancedStatus status;
  bool configuration;
  /// {0} the relay, {1} the detail
  const char* text;
};

using Kind = ConnectFailure::Kind;
constexpr std::array wordings{
    Wording{Kind::no_such_host,
            {4, 4, 4},
            false,
            "the host of {0} cannot be found: {1}; check its name and the name service"},
    Wording{Kind::unreachable,
            {4, 4, 1},
            false,
            "{0} cannot be reached: {1}; check that a server listens there"},
    Wording{Kind::proxy,
            {4, 4, 1},
            false,
            "{0} cannot be reached: {1}; check the proxy and what it allows"},
    Wording{Kind::proxy_auth,
            {4, 7, 0},
            true,
            "{0} cannot be reached: the proxy refused the log-on ({1}); check the user name and "
            "the password for the proxy"},
    Wording{Kind::timed_out, {4, 4, 2}, false, "{0} did not answer in time: {1}"},
    Wording{Kind::starttls_not_offered,
            {4, 7, 4},
            false,
            "{0} does not offer STARTTLS, but TLS is required; use another port or server, or ask "
            "for no TLS where that is safe"},
    Wording{Kind::handshake, {4, 7, 5}, false, "the TLS handshake with {0} failed: {1}"},
    Wording{Kind::certificate,
            {4, 7, 5},
            false,
            "the certificate of {0} is not trusted: {1}; give the file of the authority that "
            "signed it, or ask for TLS without verification where that is safe"},
    Wording{Kind::fingerprint,
            {4, 7, 5},
            false,
            "{0} showed none of the fingerprints that are required: {1}; add one of these if the "
            "server's operator confirms it"},
    Wording{Kind::tlsa,
            {4, 7, 5},
            false,
            "the certificate of {0} matches none of its TLSA records: {1}; the server's operator "
            "must make the two agree"},
    Wording{Kind::ca_file,
            {4, 7, 5},
            true,
            "the file of trusted authorities for {0} cannot be used: {1}"},
    Wording{Kind::client_certificate,
            {4, 7, 5},
            true,
            "the client certificate for {0} or its key cannot be used: {1}"},
    Wording{Kind::auth_not_offered,
            {4, 7, 0},
            true,
            "{0} does not offer AUTH, but a user name is set; use the submission port (587 or "
            "465), or set no user name"},
    Wording{Kind::no_mechanism,
            {4, 7, 0},
            true,
            "{0} offers no AUTH mechanism that may be used here, but {1}; allow one of those, or "
            "set the credentials it needs"},
    Wording{Kind::no_credentials, {4, 7, 0}, true, "nobody can log on to {0}: {1}"},
    Wording{Kind::no_token, {4, 7, 0}, false, "nobody can log on to {0}: {1}"},
    Wording{Kind::not_smtp, {4, 5, 0}, false, "{0} does not speak SMTP: it sent {1}"},
    Wording{Kind::lost, {4, 4, 2}, false, "the connection to {0} was lost: {1}"},
    Wording{Kind::stopped, {4, 3, 0}, false, "connecting to {0} was stopped"},
    Wording{Kind::bad_target, {4, 3, 5}, false, "{1}"},
    Wording{Kind::no_resources, {4, 3, 0}, false, "{0} cannot be reached for now: {1}"},
};

RouteFault refused_by_reply(const ConnectFailure& failure, const Relay& relay,
                            std::string_view named, TimePoint now) {
  const bool token = failure.kind == Kind::token_refused;
  const bool auth = failure.stage == Stage::auth;
  RouteFault fault{retry_outcome_of(failure.stage, failure.reply, relay.host, now),
                   token || (auth && failure.reply.reply_class() == 5)};
  const std::string_view what = failure.stage == Stage::starttls ? "refused STARTTLS"
                                : token                          ? "refused the token"
                                : auth                           ? "refused the log-on"
                                                                 : "refused the session";
  const std::string_view advice = token ? "; check the user name and what the token command gives"
                                  : fault.configuration ? "; check the user name and the password"
                                                        : "";
  fault.outcome.text =
      fmt::format("{} {}: {} {}{}", named, what, failure.reply.code, failure.reply.text, advice);
  return fault;
}

}  // namespace

RouteFault connect_fault(const ConnectFailure& failure, const Relay& relay, std::string_view proxy,
                         TimePoint now) {
  const std::string named =
      proxy.empty() ? relay.text() : fmt::format("{} (through the proxy {})", relay.text(), proxy);
  if (failure.kind == Kind::refused || failure.kind == Kind::token_refused) {
    return refused_by_reply(failure, relay, named, now);
  }
  RouteFault fault;
  fault.out_of_resources = failure.kind == Kind::no_resources;
  for (const Wording& wording : wordings) {
    if (wording.kind != failure.kind) continue;
    fault.configuration = wording.configuration;
    fault.outcome = {Verdict::retry,
                     failure.stage,
                     0,
                     wording.status,
                     fmt::format(fmt::runtime(wording.text), named, failure.detail),
                     relay.host,
                     now.wall};
  }
  return fault;
}

}  // namespace postern::smtp
