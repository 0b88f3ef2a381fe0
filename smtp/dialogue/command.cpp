#include "smtp/dialogue/command.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace postern::smtp {
namespace {

constexpr std::size_t longest_envelope_id = 100;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// utf-8-addr-xtext of RFC 6533 §3, which is ASCII and goes without SMTPUTF8.
std::string utf8_address_xtext(std::string_view address) {
  std::string out;
  while (!address.empty()) {
    const char32_t character = take_character(address).value_or(U'?');
    const bool plain = character > 0x20 && character < 0x7F && character != U'+' &&
                       character != U'=' && character != U'\\';
    if (plain) {
      out += static_cast<char>(character);
    } else {
      out += fmt::format("\\x{{{:X}}}", static_cast<std::uint32_t>(character));
    }
  }
  return out;
}

std::string notify_value(const Notify& notify) {
  std::string value;
  const auto add = [&value](bool asked, std::string_view keyword) {
    if (!asked) return;
    if (!value.empty()) value += ',';
    value += keyword;
  };
  add(notify.success, "SUCCESS");
  add(notify.failure, "FAILURE");
  add(notify.delay, "DELAY");
  return value.empty() ? "NEVER" : value;
}

std::string deliver_by_value(const DeliverBy& deliver_by) {
  return fmt::format("BY={};{}{}", deliver_by.within.count(),
                     deliver_by.mode == DeliverBy::Mode::give_back ? 'R' : 'N',
                     deliver_by.trace ? "T" : "");
}

/// A command line that grows by parameters.
class CommandBuilder {
 public:
  CommandBuilder(std::string_view verb, std::string_view path, const ParameterSet& without)
      : without_(without) {
    line_.octets.reserve(usual_line);
    line_.octets.append(verb).append(":<").append(path).append(">");
  }
  void add_droppable(Parameter parameter, std::string_view text) {
    if (without_.has(parameter)) return;
    line_.parameters.add(parameter);
    add(text);
  }
  void add(std::string_view text) { line_.octets.append(" ").append(text); }
  CommandLine finish() {
    line_.octets += "\r\n";
    return std::move(line_);
  }

 private:
  static constexpr std::size_t usual_line = 120;

  const ParameterSet& without_;
  CommandLine line_;
};

/// Whether the keyword stands in the text as a word of its own; both lower case.
bool names(std::string_view text, std::string_view keyword) {
  for (std::size_t at = text.find(keyword); at != std::string_view::npos;
       at = text.find(keyword, at + 1)) {
    const std::size_t end = at + keyword.size();
    const bool starts = at == 0 || !is_letter_or_digit(text[at - 1]);
    const bool ends = end == text.size() || !is_letter_or_digit(text[end]);
    if (starts && ends) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> envelope_id_fault(std::string_view envelope_id) {
  if (envelope_id.size() <= longest_envelope_id && is_ascii(envelope_id) &&
      !has_control(envelope_id)) {
    return std::nullopt;
  }
  return fmt::format("the envelope id \"{}\" is not at most 100 printable ASCII characters",
                     printable(envelope_id.substr(0, longest_envelope_id)));
}

std::optional<std::string> envelope_limits_fault(const Envelope& envelope) {
  constexpr std::int64_t longest = 999'999'999;  // nine digits (RFC 2852 §4, RFC 4865 §4.2)
  if (envelope.deliver_by) {
    const auto within = envelope.deliver_by->within.count();
    const bool give_back = envelope.deliver_by->mode == DeliverBy::Mode::give_back;
    if (within > longest || within < (give_back ? 1 : -longest)) {
      return fmt::format("{} s is no time to deliver by", within);
    }
  }
  if (envelope.hold_for &&
      (envelope.hold_for->count() < 1 || envelope.hold_for->count() > longest)) {
    return fmt::format("{} s is no time to hold a message for", envelope.hold_for->count());
  }
  if (envelope.priority && (*envelope.priority < -9 || *envelope.priority > 9)) {
    return fmt::format("{} is no priority: it goes from -9 to 9", *envelope.priority);
  }
  return std::nullopt;
}

std::optional<MissingPromise> missing_promise(const Envelope& envelope,
                                              const Capabilities& server) {
  if (envelope.require_tls && !server.require_tls) {
    return MissingPromise{{5, 7, 30}, "does not offer REQUIRETLS, which the message requires"};
  }
  if (envelope.require_tls && !server.tls_verified) {
    return MissingPromise{{5, 7, 30}, "is not verified by TLS, which the message requires"};
  }
  const auto& deliver_by = envelope.deliver_by;
  if (deliver_by && deliver_by->mode == DeliverBy::Mode::give_back) {
    if (!server.deliver_by) {
      return MissingPromise{{5, 3, 3},
                            "does not offer DELIVERBY, but the message is to be given "
                            "back when it is late"};
    }
    if (server.min_deliver_by.value_or(0) >
        static_cast<std::uint64_t>(deliver_by->within.count())) {
      return MissingPromise{
          {5, 4, 7},
          fmt::format("promises no delivery within less than {} s", *server.min_deliver_by)};
    }
  }
  if (!envelope.hold_for) return std::nullopt;
  if (!server.future_release) {
    return MissingPromise{{5, 3, 3}, "does not offer FUTURERELEASE, but the message is to be held"};
  }
  if (server.longest_hold &&
      static_cast<std::uint64_t>(envelope.hold_for->count()) > *server.longest_hold) {
    return MissingPromise{{5, 3, 3},
                          fmt::format("holds messages for {} s at most", *server.longest_hold)};
  }
  return std::nullopt;
}

std::string xtext(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 0x20 && octet < 0x7F && c != '+' && c != '=') {
      out += c;
    } else {
      out += fmt::format("+{:02X}", octet);
    }
  }
  return out;
}

CommandLine mail_command(const Envelope& envelope, const MessageFacts& message, bool smtputf8,
                         const Capabilities& server, const ParameterSet& without) {
  CommandBuilder line("MAIL FROM", envelope.reverse_path, without);
  if (server.size) line.add_droppable(Parameter::size, "SIZE=" + std::to_string(message.size));
  if (message.has_8bit && server.eight_bit_mime) line.add("BODY=8BITMIME");
  if (smtputf8) line.add("SMTPUTF8");
  if (server.dsn && envelope.return_content != ReturnContent::unspecified) {
    const bool full = envelope.return_content == ReturnContent::full;
    line.add_droppable(Parameter::ret, full ? "RET=FULL" : "RET=HDRS");
  }
  if (server.dsn && !envelope.envelope_id.empty()) {
    line.add_droppable(Parameter::envid, "ENVID=" + xtext(envelope.envelope_id));
  }
  if (envelope.require_tls) line.add("REQUIRETLS");
  if (envelope.hold_for) line.add(fmt::format("HOLDFOR={}", envelope.hold_for->count()));
  if (server.deliver_by && envelope.deliver_by) {
    const std::string value = deliver_by_value(*envelope.deliver_by);
    if (envelope.deliver_by->mode == DeliverBy::Mode::give_back) {
      line.add(value);
    } else {
      line.add_droppable(Parameter::by, value);
    }
  }
  if (server.mt_priority && envelope.priority) {
    line.add_droppable(Parameter::mt_priority, fmt::format("MT-PRIORITY={}", *envelope.priority));
  }
  return line.finish();
}

CommandLine rcpt_command(const EnvelopeRecipient& recipient, const Capabilities& server,
                         const ParameterSet& without) {
  CommandBuilder line("RCPT TO", recipient.address, without);
  if (server.dsn && recipient.notify.asked) {
    line.add_droppable(Parameter::notify, "NOTIFY=" + notify_value(recipient.notify));
  }
  if (server.dsn && !recipient.original_recipient.empty()) {
    const std::string& original = recipient.original_recipient;
    line.add_droppable(Parameter::orcpt, is_ascii(original)
                                             ? "ORCPT=rfc822;" + xtext(original)
                                             : "ORCPT=utf-8;" + utf8_address_xtext(original));
  }
  return line.finish();
}

std::vector<std::string_view> names(const ParameterSet& parameters) {
  static constexpr std::array<std::string_view, 7> all{"SIZE",  "RET", "ENVID",      "NOTIFY",
                                                       "ORCPT", "BY",  "MT-PRIORITY"};
  std::vector<std::string_view> named;
  for (std::size_t index = 0; index < all.size(); ++index) {
    if (parameters.has(static_cast<Parameter>(index))) named.push_back(all[index]);
  }
  return named;
}

ParameterSet refused_parameters(const Reply& reply, const ParameterSet& used) {
  struct Keyword {
    std::string_view text;
    Parameter parameter;
  };
  static constexpr std::array<Keyword, 12> keywords{{{"size", Parameter::size},
                                                     {"ret", Parameter::ret},
                                                     {"envid", Parameter::envid},
                                                     {"notify", Parameter::notify},
                                                     {"orcpt", Parameter::orcpt},
                                                     {"by", Parameter::by},
                                                     {"deliverby", Parameter::by},
                                                     {"mt-priority", Parameter::mt_priority},
                                                     {"dsn", Parameter::ret},
                                                     {"dsn", Parameter::envid},
                                                     {"dsn", Parameter::notify},
                                                     {"dsn", Parameter::orcpt}}};
  ParameterSet refused;
  if (reply.code != 501 && reply.code != 504 && reply.code != 555) return refused;
  const std::string text = lower_case(reply.text);
  for (const Keyword& keyword : keywords) {
    if (used.has(keyword.parameter) && names(text, keyword.text)) refused.add(keyword.parameter);
  }
  return refused;
}

}  // namespace postern::smtp
