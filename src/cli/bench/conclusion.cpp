#include "cli/bench/conclusion.h"

#include <algorithm>

#include "base/text.h"

namespace postern::cli {
namespace {

/// A message is committed when it is submitted, and again with its verdict.
constexpr double commits_of_a_message = 2;
/// What takes so much of a time limits it.
constexpr double most_of_it = 0.5;
/// Submissions, of which one writes at a time, keep so much of a core busy where nothing else makes
/// them wait.
constexpr double busy_cores = 0.75;

std::string a_second(double rate) {
  return "some " + rough_text(rate) + " a second";
}

double share(const std::optional<Timings>& part, const std::optional<Timings>& whole) {
  return part && whole && whole->median_ms > 0 ? part->median_ms / whole->median_ms : 0;
}

/// The processor of a database's server is out of sight: it is what neither its commits nor the way
/// to it explain.
std::string limit_of(const StoreFigures& store) {
  if (store.cores >= busy_cores) return "processor";
  if (!store.is_database) return "disk";
  if (share(store.sync, store.alone) < most_of_it) return "processor";
  return share(store.round_trip, store.sync) < most_of_it ? "disk" : "network";
}

/// "The disk limits, where a sync takes 1.20 ms"
std::string cause(const std::string& limit, const StoreFigures& store) {
  const auto median = [](const std::optional<Timings>& of) {
    return milliseconds_text(of ? of->median_ms : 0);
  };
  if (limit == "network") {
    return "The way to the database limits, to which a round trip takes " +
           median(store.round_trip);
  }
  if (limit == "processor" && store.is_database) {
    return "Processors limit, here or at the database: a submission takes " + median(store.alone) +
           " where a commit takes " + median(store.sync);
  }
  if (limit == "processor") {
    return "The processor limits, not the disk: submitting keeps " +
           number_text(100 * store.cores) + " % of a core busy where a sync takes " +
           median(store.sync);
  }
  if (store.is_database) {
    return "The database's disk limits, where a commit takes " + median(store.sync);
  }
  return "The disk limits, where a sync takes " + median(store.sync);
}

std::string submitted(const StoreFigures& store) {
  return std::to_string(store.threads) + " threads, which share " +
         (store.is_database ? "commits" : "syncs") + ", submit " +
         a_second(store.together->per_second) + " (" +
         number_text(store.together->per_second / std::max(store.alone->per_second, 1e-9)) +
         " times what one does)";
}

std::string carried(double rate) {
  return "since a verdict costs a message about what its submission does, this store carries " +
         a_second(rate) + " from submission to verdict";
}

std::string by_sessions(const RelayFigures& relay) {
  return std::to_string(relay.sessions) + (relay.sessions == 1 ? " session" : " sessions");
}

std::string waits_text(const RelayFigures& relay) {
  const std::size_t waits = waits_of_a_message(relay);
  return std::to_string(waits) + (waits == 1 ? " round trip of " : " round trips of ") +
         milliseconds_text(relay.round_trip->median_ms);
}

std::optional<double> carried_by(const RelayFigures& relay) {
  constexpr double second_ms = 1000;
  if (relay.sent && relay.sent->count > 0) return relay.sent->per_second;
  if (!relay.round_trip || relay.round_trip->median_ms <= 0) return std::nullopt;
  const double waited = relay.round_trip->median_ms * double(waits_of_a_message(relay));
  return double(relay.sessions) * second_ms / waited;
}

bool was_sent(const RelayFigures& relay) {
  return relay.sent && relay.sent->count > 0;
}

std::string relay_text(const RelayFigures& relay, double rate) {
  if (was_sent(relay)) {
    return "the relay took " + a_second(rate) + " by " + by_sessions(relay);
  }
  return "the relay takes at most " + a_second(rate) + " by " + by_sessions(relay) +
         ", because a message waits for " + waits_text(relay) + " (its own work comes on top)";
}

std::string sentence(std::string text) {
  text.front() = upper_case(text.substr(0, 1)).front();
  return text + '.';
}

std::string relay_limits_text(const RelayFigures& relay, double rate) {
  if (was_sent(relay)) {
    return "The relay limits: by " + by_sessions(relay) + " it took " + a_second(rate) +
           " and answered each after " + milliseconds_text(relay.sent->median_ms);
  }
  return "The relay limits: a message waits for " + waits_text(relay) + ", so " +
         by_sessions(relay) + " carry " + a_second(rate) + " at most";
}

/// Both that were measured.
std::string sentence_of(const std::string& limit, const StoreFigures& store, double store_rate,
                        const std::optional<RelayFigures>& relay,
                        std::optional<double> relay_rate) {
  if (limit == "relay") {
    return relay_limits_text(*relay, *relay_rate) + "; the store would carry " +
           a_second(store_rate) + " from submission to verdict.";
  }
  const std::string own =
      cause(limit, store) + "; " + submitted(store) + ", and " + carried(store_rate);
  return own + (relay_rate ? "; " + relay_text(*relay, *relay_rate) : "") + ".";
}

std::string without_submissions(const StoreFigures& store) {
  if (!store.sync) return "Too little was measured to say what limits.";
  const std::string what = store.is_database ? "commits" : "syncs";
  return "Submissions were not measured; one connection makes some " +
         rough_text(store.sync->per_second) + ' ' + what +
         " a second, several share each, and a message needs two.";
}

}  // namespace

std::size_t waits_of_a_message(const RelayFigures& relay) {
  return relay.pipelining ? 1 : 4;
}

Conclusion conclude(const StoreFigures& store, const std::optional<RelayFigures>& relay) {
  Conclusion result;
  if (relay) result.relay_carries = carried_by(*relay);
  if (store.together && store.together->count > 0) {
    result.store_carries = store.together->per_second / commits_of_a_message;
  }
  if (!result.store_carries) {
    result.sentence = store.sync || !result.relay_carries
                          ? without_submissions(store)
                          : sentence(relay_text(*relay, *result.relay_carries));
    return result;
  }
  const bool relay_is_slower =
      result.relay_carries.value_or(*result.store_carries) < *result.store_carries;
  result.limit = relay_is_slower ? "relay" : limit_of(store);
  result.sentence =
      sentence_of(result.limit, store, *result.store_carries, relay, result.relay_carries);
  return result;
}

}  // namespace postern::cli
