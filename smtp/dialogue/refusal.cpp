#include "smtp/dialogue/refusal.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.h"
#include "smtp/dialogue/stage_set.h"
#include "smtp/dialogue/verdict.h"

namespace postern::smtp {
namespace {

using Subject = RefusalSubject;

constexpr StageSet anywhere = at_mail | at_rcpt | at_data | at_content;

/// What went before, as a row asks for it.
enum class Given {
  always,
  pipelined_and_nobody_yet,  ///< no recipient is accepted yet
  pipelined,
  others_accepted,  ///< another recipient was
  several,          ///< the transaction has more than one recipient
  limit_reached,    ///< and the refusal is permanent: a temporary one repeats nothing at once
};

constexpr int any_code = 0;

struct Status {
  int subject = 0;  ///< zero: whatever it is
  int detail = 0;
};

struct Row {
  StageSet stages;
  int code;
  Status status;
  std::span<const std::string_view> phrases;  ///< one of them is in the text; empty: any text
  Given given;
  Subject subject;
};

// As Postfix (reject_invalid_helo_hostname, reject_non_fqdn_…, reject_unknown_…), Exim
// (helo_verify) and Sendmail say it, each with any code.
constexpr std::array<std::string_view, 5> of_our_name{"helo", "ehlo", "fully-qualified hostname",
                                                      "fully qualified hostname",
                                                      "fully qualified host name"};
// Postfix's reject_unauth_pipelining; Exim's "SMTP synchronization error".
constexpr std::array<std::string_view, 3> of_flights{"pipelining", "synchronization error",
                                                     "synchronisation error"};
// Postfix, Exim's recipients_max, Sendmail's MaxRecipientsPerMessage, qmail's patches, Exchange.
constexpr std::array<std::string_view, 7> of_too_many{
    "too many recipients",  "too many rcpt",       "recipient limit",      "recipients limit",
    "number of recipients", "recipients exceeded", "maximum of recipients"};
// Servers from before RFC 4954, which do not say 530 to MAIL: qmail-smtpd's patches, MailEnable.
constexpr std::array<std::string_view, 5> of_credentials{
    "authentication required", "authentication is required", "must authenticate",
    "authenticate first", "not authenticated"};
constexpr std::span<const std::string_view> any_text{};

/// Read from the top.
constexpr std::array rows{
    // RFC 2920 §3.2: a server that loses what is sent together finds the rest out of sequence.
    Row{at_mail | at_rcpt, 503, {}, any_text, Given::pipelined_and_nobody_yet, Subject::flight},
    Row{at_data | at_content, 503, {}, any_text, Given::pipelined, Subject::flight},
    Row{at_mail | at_rcpt,
        any_code,
        {},
        of_flights,
        Given::pipelined_and_nobody_yet,
        Subject::flight},
    Row{at_data, any_code, {}, of_flights, Given::pipelined, Subject::flight},
    // RFC 5321 §4.1.4: a server may verify the name, and says what it thinks of it when it likes.
    Row{anywhere, any_code, {}, of_our_name, Given::always, Subject::our_name},
    // RFC 4954 §6, RFC 3207 §4.
    Row{anywhere, 530, {}, any_text, Given::always, Subject::credentials},
    Row{anywhere, 534, {}, any_text, Given::always, Subject::credentials},
    Row{anywhere, 535, {}, any_text, Given::always, Subject::credentials},
    Row{anywhere, 538, {}, any_text, Given::always, Subject::credentials},
    // RFC 4954 §6, RFC 5248 §2.4: credentials, mechanism, encryption, the account.
    Row{anywhere, any_code, {7, 8}, any_text, Given::always, Subject::credentials},
    Row{anywhere, any_code, {7, 9}, any_text, Given::always, Subject::credentials},
    Row{anywhere, any_code, {7, 10}, any_text, Given::always, Subject::credentials},
    Row{anywhere, any_code, {7, 11}, any_text, Given::always, Subject::credentials},
    Row{anywhere, any_code, {7, 12}, any_text, Given::always, Subject::credentials},
    Row{anywhere, any_code, {7, 13}, any_text, Given::always, Subject::credentials},
    // Exchange: "Client was not authenticated to send anonymous mail during MAIL FROM".
    Row{anywhere, any_code, {7, 57}, any_text, Given::always, Subject::credentials},
    Row{at_mail, any_code, {}, of_credentials, Given::always, Subject::credentials},
    // RFC 5321 §4.1.4: the commands' order is ours to keep.
    Row{anywhere, 503, {}, any_text, Given::always, Subject::sequence},
    // RFC 5321 §4.5.3.1.10, RFC 3463 §3.6.
    Row{at_rcpt, any_code, {5, 3}, any_text, Given::others_accepted, Subject::recipient_count},
    Row{at_rcpt, any_code, {}, of_too_many, Given::others_accepted, Subject::recipient_count},
    // Exim's recipients_max_reject: the surplus is refused, and then the message for all.
    Row{at_data | at_content,
        any_code,
        {},
        any_text,
        Given::limit_reached,
        Subject::recipient_count},
    Row{at_data | at_content, any_code, {5, 3}, any_text, Given::several, Subject::recipient_count},
    Row{at_data | at_content, any_code, {}, of_too_many, Given::several, Subject::recipient_count},
    Row{at_rcpt, any_code, {}, any_text, Given::always, Subject::recipient},
};

bool holds(Given given, const Reply& reply, const Before& before) {
  switch (given) {
    case Given::always:
      return true;
    case Given::pipelined_and_nobody_yet:
      return before.pipelined && before.accepted == 0;
    case Given::pipelined:
      return before.pipelined;
    case Given::others_accepted:
      return before.accepted > 0;
    case Given::several:
      return before.recipients > 1;
    case Given::limit_reached:
      return before.limit_reached && reply.reply_class() == 5;
  }
  return false;
}

/// Whether it stands there as words, and not within an address or a URL.
bool stands_in(std::string_view text, std::string_view phrase) {
  const auto joins = [&](std::size_t at) {
    constexpr std::string_view joining = "@.-_=&?%+";
    const char c = at < text.size() ? text[at] : ' ';
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           joining.find(c) != std::string_view::npos;
  };
  for (auto at = text.find(phrase); at != std::string_view::npos; at = text.find(phrase, at + 1)) {
    const std::size_t end = at + phrase.size();
    const bool sentence_ends = end + 1 >= text.size() || text[end + 1] == ' ';
    const bool joined_before = at > 0 && joins(at - 1);
    const bool joined_behind = joins(end) && !(text[end] == '.' && sentence_ends);
    if (!joined_before && !joined_behind) return true;
  }
  return false;
}

bool has_one_of(const Reply& reply, std::span<const std::string_view> phrases) {
  std::string text = lower_case(reply.text);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](std::string_view phrase) { return stands_in(text, phrase); });
}

/// What the server means, whether or not the class fits the code. RFC 5321 §4.5.3.1.10 wants a bare
/// 552 to RCPT read as 452.
EnhancedStatus meant_status(Stage stage, const Reply& reply) {
  constexpr int storage_exceeded = 552;
  if (const auto own = own_status(reply)) return *own;
  if (stage == Stage::rcpt && reply.code == storage_exceeded) return {4, 5, 3};
  return status_of(stage, reply);
}

bool fits(const Row& row, Stage stage, const Reply& reply, const Before& before) {
  if ((row.stages & set_of(stage)) == 0 || !holds(row.given, reply, before)) return false;
  if (row.code != any_code && row.code != reply.code) return false;
  if (row.status.subject != 0) {
    const EnhancedStatus status = meant_status(stage, reply);
    if (status.subject != row.status.subject || status.detail != row.status.detail) return false;
  }
  return row.phrases.empty() || has_one_of(reply, row.phrases);
}

}  // namespace

RefusalSubject subject_of(Stage stage, const Reply& reply, const Before& before) {
  const auto* const found = std::find_if(
      rows.begin(), rows.end(), [&](const Row& row) { return fits(row, stage, reply, before); });
  return found == rows.end() ? Subject::message : found->subject;
}

bool says_too_many_recipients(const Reply& reply) {
  const auto status = own_status(reply);
  return (status && status->subject == 5 && status->detail == 3) || has_one_of(reply, of_too_many);
}

bool says_our_name(const Reply& reply) {
  return has_one_of(reply, of_our_name);
}

bool is_unknown_command(const Reply& reply) {
  return (reply.code == 500 || reply.code == 502 || reply.code == 504) && !says_our_name(reply);
}

std::string_view advice_about(RefusalSubject subject) {
  switch (subject) {
    case Subject::our_name:
      return "give a full name of this machine that the DNS knows with --helo";
    case Subject::credentials:
      return "set the user name and the password that the server wants, and TLS";
    case Subject::sequence:
      return "the server wants something else first: check --helo, the user name and TLS";
    default:
      return {};
  }
}

}  // namespace postern::smtp
