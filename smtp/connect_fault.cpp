#include "smtp/connect_fault.h"

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "smtp/verdict.h"

namespace postern::smtp {
namespace {

std::string base64(std::string_view octets) {
  std::string out(4 * ((octets.size() + 2) / 3) + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                  reinterpret_cast<const unsigned char*>(octets.data()),
                  static_cast<int>(octets.size()));
  out.pop_back();
  return out;
}

/// Servers repeat commands they did not understand, so the forms in which AUTH carries the password
/// are taken out of whatever they say.
std::string without_secrets(std::string text, const Relay& relay) {
  if (relay.password.empty()) return text;
  using namespace std::string_literals;
  const std::array secrets{base64("\0"s + relay.user + '\0' + relay.password),
                           base64(relay.password), relay.password};
  for (const std::string& secret : secrets) {
    constexpr std::string_view mask = "…";
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + mask.size())) {
      text.replace(at, secret.size(), mask);
    }
  }
  return text;
}

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
    Wording{Kind::ca_file,
            {4, 7, 5},
            true,
            "the file of trusted authorities for {0} cannot be used: {1}"},
    Wording{Kind::auth_not_offered,
            {4, 7, 0},
            true,
            "{0} does not offer AUTH, but a user name is set; use the submission port (587 or "
            "465), or set no user name"},
    Wording{Kind::no_mechanism,
            {4, 7, 0},
            true,
            "{0} offers no AUTH mechanism that is known here (PLAIN and LOGIN are)"},
    Wording{Kind::not_smtp, {4, 5, 0}, false, "{0} does not speak SMTP: it sent {1}"},
    Wording{Kind::lost, {4, 4, 2}, false, "the connection to {0} was lost: {1}"},
    Wording{Kind::stopped, {4, 3, 0}, false, "connecting to {0} was stopped"},
};

RouteFault refused_by_reply(const ConnectFailure& failure, const Relay& relay, Moment now) {
  const bool auth = failure.stage == Stage::auth;
  RouteFault fault{retry_outcome_of(failure.stage, failure.reply, relay.host, now),
                   auth && failure.reply.reply_class() == 5};
  const std::string_view what = failure.stage == Stage::starttls ? "refused STARTTLS"
                                : auth                           ? "refused the log-on"
                                                                 : "refused the session";
  fault.outcome.text =
      fmt::format("{} {}: {} {}{}", relay.text(), what, failure.reply.code, failure.reply.text,
                  fault.configuration ? "; check the user name and the password" : "");
  return fault;
}

}  // namespace

RouteFault connect_fault(const ConnectFailure& failure, const Relay& relay, Moment now) {
  RouteFault fault;
  if (failure.kind == Kind::refused) fault = refused_by_reply(failure, relay, now);
  for (const Wording& wording : wordings) {
    if (wording.kind != failure.kind) continue;
    fault.configuration = wording.configuration;
    fault.outcome = {Verdict::retry,
                     failure.stage,
                     0,
                     wording.status,
                     fmt::format(fmt::runtime(wording.text), relay.text(), failure.detail),
                     relay.host,
                     now.wall};
  }
  fault.outcome.text = without_secrets(std::move(fault.outcome.text), relay);
  return fault;
}

}  // namespace postern::smtp
