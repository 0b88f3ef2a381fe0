#include "smtp/connect/fault.h"

#include <array>

#include <fmt/format.h>
#include <openssl/x509_vfy.h>

#include "smtp/dialogue/refusal.h"
#include "smtp/dialogue/verdict.h"

namespace postern::smtp {
namespace {

struct Wording {
  ConnectFailure::Kind kind;
  EnhancedStatus status;
  bool configuration;
  /// {0} the relay, {1} the detail, {2} an advice about the certificate
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
    Wording{Kind::certificate, {4, 7, 5}, false, "the certificate of {0} is not trusted: {1}; {2}"},
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

/// libcurl compares the name itself and has no code for it.
bool is_of_another_name(const ConnectFailure& failure) {
  return failure.verify_error == X509_V_ERR_HOSTNAME_MISMATCH ||
         failure.verify_error == X509_V_ERR_IP_ADDRESS_MISMATCH ||
         failure.detail.find("target host name") != std::string::npos;
}

std::string_view certificate_advice(const ConnectFailure& failure) {
  if (is_of_another_name(failure)) {
    return "write the name that it is for, or give its fingerprint (--fingerprint)";
  }
  if (failure.verify_error == X509_V_ERR_CERT_HAS_EXPIRED) {
    return "the server's operator must renew it";
  }
  return "give the file of the authority that signed it (--ca-file), or ask for TLS without "
         "verification where that is safe";
}

/// What an operator can do about a refusal of AUTH (RFC 4954 §6, RFC 5248 §2.4), from the top.
struct AuthAdvice {
  int code;             ///< 0: any
  int security_detail;  ///< of x.7.detail; 0: any
  const char* text;
};
constexpr const char* use_tls = "use TLS: smtps://, or --tls verify";
constexpr const char* stronger = "allow a stronger mechanism with --auth";
constexpr const char* another = "allow another mechanism with --auth";
constexpr const char* no_log_on = "use another port (587, or smtps://), or set no user name";
constexpr std::array auth_advices{
    AuthAdvice{0, 9, stronger},
    AuthAdvice{0, 11, use_tls},
    AuthAdvice{0, 12, "log on once in another program, which sets the password anew"},
    AuthAdvice{0, 13, "ask the server's operator what became of the account"},
    AuthAdvice{530, 0, use_tls},
    AuthAdvice{538, 0, use_tls},
    AuthAdvice{534, 0, stronger},
    AuthAdvice{500, 0, another},
    AuthAdvice{501, 0, another},
    AuthAdvice{502, 0, no_log_on},
    AuthAdvice{503, 0, no_log_on},
    AuthAdvice{504, 0, another},
    AuthAdvice{0, 0, "check the user name and the password"},
};

std::string_view auth_advice(const Reply& reply) {
  const auto own = own_status(reply);
  const int detail = own && own->subject == 7 ? own->detail : 0;
  for (const AuthAdvice& advice : auth_advices) {
    if (advice.code != 0 && advice.code != reply.code) continue;
    if (advice.security_detail == 0 || advice.security_detail == detail) return advice.text;
  }
  return {};
}

/// RFC 5321 §4.1.4, §4.3.2: what EHLO may be refused with for the name's sake.
bool is_about_our_name(const ConnectFailure& failure) {
  if (failure.stage != Stage::ehlo) return false;
  const int code = failure.reply.code;
  return code == 501 || code == 504 || code == 553 || says_our_name(failure.reply);
}

struct Refusal {
  std::string_view what;
  std::string_view advice;
  bool configuration;
};

Refusal refusal_of(const ConnectFailure& failure) {
  if (failure.kind == Kind::token_refused) {
    return {"refused the token", "check the user name and what the token command gives", true};
  }
  if (is_about_our_name(failure)) {
    return {"refused our name", advice_about(RefusalSubject::our_name), true};
  }
  if (failure.stage == Stage::auth && failure.reply.reply_class() == 5) {
    return {"refused the log-on", auth_advice(failure.reply), true};
  }
  const std::string_view what = failure.stage == Stage::starttls ? "refused STARTTLS"
                                : failure.stage == Stage::auth   ? "refused the log-on"
                                                                 : "refused the session";
  return {what, {}, false};
}

RouteFault refused_by_reply(const ConnectFailure& failure, const Relay& relay,
                            std::string_view named, TimePoint now) {
  const Refusal refusal = refusal_of(failure);
  RouteFault fault{retry_outcome_of(failure.stage, failure.reply, relay.host, now),
                   refusal.configuration};
  fault.outcome.own_words = true;
  fault.outcome.text =
      fmt::format("{} {}: {} {}{}{}", named, refusal.what, failure.reply.code, failure.reply.text,
                  refusal.advice.empty() ? "" : "; ", refusal.advice);
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
    fault.outcome = {
        Verdict::retry,
        failure.stage,
        0,
        wording.status,
        fmt::format(fmt::runtime(wording.text), named, failure.detail, certificate_advice(failure)),
        relay.host,
        now.wall};
  }
  return fault;
}

}  // namespace postern::smtp
