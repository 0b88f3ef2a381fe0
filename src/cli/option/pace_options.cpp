#include "cli/option/pace_options.h"

#include <charconv>

#include <CLI/CLI.hpp>

#include "cli/option/duration.h"
#include "cli/option/usage_error.h"

namespace postern::cli {
namespace {

/// "100/1m"; empty: no bound.
smtp::Rate parse_rate(const char* option, const std::string& text) {
  smtp::Rate rate;
  if (text.empty()) return rate;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate.count);
  const auto slash = static_cast<std::size_t>(end - text.data());
  const auto time = slash < text.size() && text[slash] == '/'
                        ? parse_duration(std::string_view(text).substr(slash + 1))
                        : std::nullopt;
  if (error != std::errc() || rate.count == 0 || !time || time->count() <= 0) {
    throw UsageError("'" + text + "' is no rate; " + option + " takes e.g. 100/1m or 5/1s");
  }
  rate.per = *time;
  return rate;
}

}  // namespace

void RateOptions::add_to(CLI::App& command) {
  command
      .add_option("--message-rate", messages_,
                  "At most so many messages in a time to each relay or, with --mx, domain; what\n"
                  "is beyond waits")
      ->type_name("N/TIME");
  command.add_option("--recipient-rate", recipients_, "At most so many recipients in a time")
      ->type_name("N/TIME");
  command
      .add_option("--connection-rate", connections_, "At most so many new connections in a time")
      ->type_name("N/TIME");
}

smtp::PaceOptions RateOptions::pace() const {
  smtp::PaceOptions pace;
  pace.messages = parse_rate("--message-rate", messages_);
  pace.recipients = parse_rate("--recipient-rate", recipients_);
  pace.connections = parse_rate("--connection-rate", connections_);
  return pace;
}

}  // namespace postern::cli
