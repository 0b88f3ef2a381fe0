#include "cli/sendmail/arguments.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "cli/option/usage_error.h"

namespace postern::cli {
namespace {

UsageError wrong_value(char option, std::string_view value, std::string_view values) {
  return UsageError(std::string("sendmail -") + option + ": '" + printable(value) + "' is not " +
                    std::string(values));
}

void ignore(SendmailArguments&, std::string_view) {}

void set_sender(SendmailArguments& arguments, std::string_view value) {
  arguments.envelope_sender = value == "<>" ? "" : value;
}

/// Every o option that begins with i (-oi, -oitrue); the others configure other programs.
void set_other(SendmailArguments& arguments, std::string_view value) {
  if (value.starts_with('i')) arguments.ends_at_dot = false;
}

/// A body is sent as the next server takes it, whatever it is said to be.
void check_body(SendmailArguments&, std::string_view value) {
  if (!equals_ignoring_case(value, "7BIT") && !equals_ignoring_case(value, "8BITMIME")) {
    throw wrong_value('B', value, "7BIT or 8BITMIME");
  }
}

/// An upper bound: Postern asks for the header alone.
void check_return(SendmailArguments&, std::string_view value) {
  if (!equals_ignoring_case(value, "hdrs") && !equals_ignoring_case(value, "full")) {
    throw wrong_value('R', value, "hdrs or full");
  }
}

void set_wanted_reports(SendmailArguments& arguments, std::string_view value) {
  WantedReports wanted;
  const bool is_never = equals_ignoring_case(value, "never");
  for (auto rest = value; !rest.empty() && !is_never;) {
    const auto comma = std::min(rest.find(','), rest.size());
    const auto event = trim(rest.substr(0, comma));
    if (equals_ignoring_case(event, "success")) {
      wanted.success = true;
    } else if (equals_ignoring_case(event, "failure") || equals_ignoring_case(event, "delay")) {
      wanted.failure = true;
    } else {
      throw wrong_value('N', value, "never or a list of success, failure and delay");
    }
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  arguments.wanted_reports = wanted;
}

UsageError other_task(std::string_view option, std::string_view instead) {
  return UsageError("sendmail " + printable(option) + ": this program only takes a mail; " +
                    std::string(instead));
}

constexpr auto no_aliases = "there is no table of aliases: addresses are sent to as they are";

void check_mode(SendmailArguments&, std::string_view value) {
  struct Mode {
    char letter;
    const char* instead;
  };
  constexpr std::array modes{
      Mode{'s', "it speaks no SMTP on standard input; give it the mail itself, without -bs"},
      Mode{'d', "it is no server; `postern spool` sends what is queued"},
      Mode{'D', "it is no server; `postern spool` sends what is queued"},
      Mode{'l', "it is no server; `postern spool` sends what is queued"},
      Mode{'p', "`postern queue` shows the queue"},
      Mode{'i', no_aliases},
      Mode{'v', "addresses are verified by sending to them"},
      Mode{'t', no_aliases},
      Mode{'h', "`postern status` shows hosts"},
      Mode{'H', "`postern flush` forgets what is known of hosts"}};
  if (value == "m") return;
  const auto* mode = std::ranges::find(modes, value.front(), &Mode::letter);
  const auto option = "-b" + std::string(value);
  throw mode == modes.end() ? UsageError("sendmail " + printable(option) + ": no such mode")
                            : other_task(option, mode->instead);
}

/// -XV: each recipient would see a sender of its own; -X FILE: the traffic of other programs.
void check_log(SendmailArguments&, std::string_view value) {
  constexpr std::size_t with_delimiters = 3;
  if (value == "V" || (value.starts_with('V') && value.size() == with_delimiters)) {
    throw other_task("-XV", "it makes no sender of its own for each recipient; send one by one");
  }
}

void refuse_queue_run(SendmailArguments&, std::string_view) {
  throw other_task("-q", "`postern spool` sends what is queued, `postern flush` at once");
}

void refuse_aliases(SendmailArguments&, std::string_view) {
  throw other_task("-I", no_aliases);
}

enum class Value {
  none,
  required,  ///< the rest of the word, or the next one
  attached   ///< the rest of the word, which may be empty
};

struct Rule {
  char letter;
  Value value;
  void (*take)(SendmailArguments&, std::string_view);
};
constexpr std::array rules{
    Rule{'t', Value::none,
         [](SendmailArguments& all, std::string_view) { all.takes_header_recipients = true; }},
    Rule{'i', Value::none,
         [](SendmailArguments& all, std::string_view) { all.ends_at_dot = false; }},
    Rule{'f', Value::required, set_sender},
    Rule{'r', Value::required, set_sender},
    Rule{'F', Value::required,
         [](SendmailArguments& all, std::string_view value) { all.full_name = value; }},
    Rule{'N', Value::required, set_wanted_reports},
    Rule{'R', Value::required, check_return},
    Rule{'V', Value::required,
         [](SendmailArguments& all, std::string_view value) { all.envelope_id = value; }},
    Rule{'B', Value::required, check_body},
    Rule{'b', Value::required, check_mode},
    Rule{'o', Value::required, set_other},
    Rule{'q', Value::attached, refuse_queue_run},
    Rule{'I', Value::none, refuse_aliases},
    Rule{'X', Value::required, check_log},
    Rule{'A', Value::required, ignore},
    Rule{'C', Value::required, ignore},
    Rule{'L', Value::required, ignore},
    Rule{'O', Value::required, ignore},
    Rule{'e', Value::required, ignore},
    Rule{'h', Value::required, ignore},
    Rule{'p', Value::required, ignore},
    Rule{'d', Value::attached, ignore},
    Rule{'G', Value::none, ignore},
    Rule{'U', Value::none, ignore},
    Rule{'a', Value::none, ignore},
    Rule{'c', Value::none, ignore},
    Rule{'m', Value::none, ignore},
    Rule{'n', Value::none, ignore},
    Rule{'v', Value::none, ignore},
    Rule{'x', Value::none, ignore},
};

const Rule& rule_of(char letter) {
  const auto* rule = std::ranges::find(rules, letter, &Rule::letter);
  if (rule != rules.end()) return *rule;
  throw UsageError("sendmail: there is no option '-" + printable(std::string(1, letter)) +
                   "'; `postern sendmail --help` tells how it is used");
}

/// Takes the options of one word, with the word behind it if the last one needs a value, off the
/// words.
void take_options(SendmailArguments& arguments, std::span<const std::string>& words) {
  std::string_view letters = words.front();
  letters.remove_prefix(1);
  words = words.subspan(1);
  while (!letters.empty()) {
    const auto& rule = rule_of(letters.front());
    letters.remove_prefix(1);
    if (rule.value == Value::none) {
      rule.take(arguments, {});
      continue;
    }
    if (letters.empty() && rule.value == Value::required) {
      if (words.empty() || words.front().empty()) {
        throw UsageError(std::string("sendmail: the option -") + rule.letter + " needs a value");
      }
      letters = words.front();
      words = words.subspan(1);
    }
    rule.take(arguments, letters);
    return;
  }
}

}  // namespace

SendmailArguments parse_sendmail_arguments(std::span<const std::string> words) {
  SendmailArguments arguments;
  while (!words.empty() && words.front().size() > 1 && words.front().front() == '-') {
    if (words.front() == "--") {
      words = words.subspan(1);
      break;
    }
    take_options(arguments, words);
  }
  arguments.recipients.assign(words.begin(), words.end());
  if (arguments.recipients.empty() && !arguments.takes_header_recipients) {
    throw UsageError(
        "sendmail: nobody is named to whom the mail goes; name the recipients, or "
        "give -t for those of its header");
  }
  return arguments;
}

}  // namespace postern::cli
