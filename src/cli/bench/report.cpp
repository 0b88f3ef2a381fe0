#include "cli/bench/report.h"

#include <array>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/output/table.h"

namespace postern::cli {
namespace {

using nlohmann::ordered_json;

struct Extension {
  const char* name;
  bool smtp::OfferedExtensions::*offered;
};
constexpr std::array extensions{Extension{"PIPELINING", &smtp::OfferedExtensions::pipelining},
                                Extension{"CHUNKING", &smtp::OfferedExtensions::chunking},
                                Extension{"SIZE", &smtp::OfferedExtensions::size},
                                Extension{"STARTTLS", &smtp::OfferedExtensions::starttls},
                                Extension{"8BITMIME", &smtp::OfferedExtensions::eight_bit_mime},
                                Extension{"SMTPUTF8", &smtp::OfferedExtensions::smtputf8},
                                Extension{"DSN", &smtp::OfferedExtensions::dsn}};

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

void add_row(Table& table, const std::string& what, const std::optional<Timings>& timings) {
  if (!timings || timings->count == 0) return;
  table.add({what, std::to_string(timings->count), number_text(timings->per_second),
             milliseconds_text(timings->median_ms), milliseconds_text(timings->p99_ms)});
}

void add_rows(Table& table, const StoreFigures& store) {
  add_row(table, "round trip to the database", store.round_trip);
  add_row(table, store.is_database ? "commit, 1 connection" : "append and sync", store.sync);
  add_row(table, "submission, 1 thread", store.alone);
  add_row(table, "submission, " + counted(store.threads, "thread"), store.together);
}

void add_rows(Table& table, const RelayReport& relay) {
  add_row(table, "connection ready for mail", timings_of(relay.seen.connecting));
  add_row(table, "round trip to the relay", timings_of(relay.seen.round_trips));
  if (!relay.sent) return;
  add_row(table, "message taken, " + counted(relay.order.sessions, "session"), relay.sent->timings);
}

std::string listed(const smtp::OfferedExtensions& offered, bool wanted) {
  std::string names;
  for (const Extension& extension : extensions) {
    if (offered.*(extension.offered) != wanted) continue;
    names += (names.empty() ? "" : ", ") + std::string(extension.name);
    if (wanted && extension.offered == &smtp::OfferedExtensions::size && offered.size_limit) {
      names += " " + std::to_string(*offered.size_limit);
    }
  }
  return names.empty() ? "none" : names;
}

std::string relay_text(const RelayReport& relay) {
  const smtp::Probe& seen = relay.seen;
  if (seen.connecting.empty()) return "";
  return "The relay is " + for_display(seen.host) + ", " +
         (seen.tls.empty() ? "without TLS" : "with " + seen.tls) +
         ".\nOffered:     " + listed(seen.offered, true) +
         "\nNot offered: " + listed(seen.offered, false) + "\n\n";
}

/// A reply as it was said, or our sentence.
std::string answer_text(const Outcome& outcome) {
  if (!outcome.has_reply()) return outcome.text;
  return std::to_string(outcome.code) + ' ' + outcome.text;
}

ordered_json to_json(const Timings& timings) {
  return {{"count", timings.count},
          {"per_second", timings.per_second},
          {"median_ms", timings.median_ms},
          {"p99_ms", timings.p99_ms}};
}

ordered_json to_json(const StoreReport& report) {
  const StoreFigures& store = report.figures;
  ordered_json object{{"place", report.place}, {"kind", store.is_database ? "database" : "file"}};
  if (store.round_trip) object["round_trip"] = to_json(*store.round_trip);
  if (store.sync) object[store.is_database ? "commit" : "sync"] = to_json(*store.sync);
  object["submissions"] = ordered_json::array();
  const auto add = [&object](std::size_t threads, const std::optional<Timings>& timings) {
    if (!timings) return;
    ordered_json row{{"threads", threads}};
    row.update(to_json(*timings));
    object["submissions"].push_back(std::move(row));
  };
  add(1, store.alone);
  add(store.threads, store.together);
  if (store.together) object["cores"] = store.cores;
  if (!report.not_measured.empty()) object["not_measured"] = report.not_measured;
  return object;
}

ordered_json to_json(const Outcome& outcome) {
  return {{"verdict", std::string(name(outcome.verdict))},
          {"stage", std::string(name(outcome.stage))},
          {"code", outcome.code},
          {"text", outcome.text},
          {"host", outcome.host}};
}

ordered_json to_json(const Sent& sent, const SendOrder& order) {
  ordered_json object{{"from", order.from},
                      {"to", order.to},
                      {"sessions", order.sessions},
                      {"wanted", order.count},
                      {"begun", sent.begun}};
  object.update(to_json(sent.timings));
  if (sent.refusal) object["refusal"] = to_json(*sent.refusal);
  return object;
}

ordered_json to_json(const RelayReport& relay) {
  ordered_json object{{"relay", relay.relay}};
  const smtp::Probe& seen = relay.seen;
  if (!seen.connecting.empty()) {
    object["host"] = seen.host;
    object["tls"] = seen.tls;
    for (const Extension& extension : extensions) {
      object["offers"][extension.name] = seen.offered.*(extension.offered);
    }
    if (seen.offered.size_limit) object["size_limit"] = *seen.offered.size_limit;
    object["connection"] = to_json(timings_of(seen.connecting));
    object["round_trip"] = to_json(timings_of(seen.round_trips));
  }
  if (relay.sent) object["sent"] = to_json(*relay.sent, relay.order);
  if (const auto trouble = relay_trouble(relay)) object["error"] = *trouble;
  return object;
}

std::optional<RelayFigures> figures_of(const std::optional<RelayReport>& relay) {
  if (!relay) return std::nullopt;
  const smtp::Probe& seen = relay->seen;
  RelayFigures figures{.pipelining = seen.offered.pipelining, .sessions = relay->order.sessions};
  if (!seen.round_trips.empty()) figures.round_trip = timings_of(seen.round_trips);
  if (relay->sent) figures.sent = relay->sent->timings;
  return figures;
}

}  // namespace

Conclusion conclude(const BenchReport& report) {
  return conclude(report.store ? report.store->figures : StoreFigures{}, figures_of(report.relay));
}

std::optional<std::string> relay_trouble(const RelayReport& relay) {
  if (relay.seen.fault) {
    const Outcome& why = relay.seen.fault->outcome;
    const bool is_named = why.text.find(relay.relay) != std::string::npos;
    return (is_named ? "" : "the relay " + relay.relay + " cannot be measured: ") +
           answer_text(why);
  }
  if (!relay.sent || !relay.sent->refusal) return std::nullopt;
  return "the relay " + relay.relay + " took " + std::to_string(relay.sent->timings.count) +
         " of " + counted(relay.order.count, "message") +
         "; then: " + answer_text(*relay.sent->refusal);
}

std::string report_text(const BenchReport& report) {
  std::string text;
  Table table({"WHAT", "COUNT", "A SECOND", "MEDIAN", "99 OF 100 WITHIN"});
  if (report.store) {
    text += "A store in " + for_display(report.store->place) + ", " +
            counted(report.order.octets, "octet") + " each:\n\n";
    add_rows(table, report.store->figures);
  }
  if (report.relay) add_rows(table, *report.relay);
  if (!table.empty()) text += table.text() + '\n';
  if (report.store && !report.store->not_measured.empty()) {
    text += "Not measured were " + for_display(report.store->not_measured) + ".\n\n";
  }
  if (report.relay) text += relay_text(*report.relay);
  return table.empty() ? text : text + conclude(report).sentence + '\n';
}

ordered_json to_json(const BenchReport& report) {
  const std::chrono::duration<double> seconds = report.order.time;
  ordered_json object{{"seconds", seconds.count()}, {"octets", report.order.octets}};
  if (report.store) object["store"] = to_json(*report.store);
  if (report.relay) object["relay"] = to_json(*report.relay);
  const Conclusion conclusion = conclude(report);
  object["limit"] = conclusion.limit;
  if (conclusion.store_carries) object["store_carries_per_second"] = *conclusion.store_carries;
  if (conclusion.relay_carries) object["relay_carries_per_second"] = *conclusion.relay_carries;
  object["conclusion"] = conclusion.sentence;
  return object;
}

}  // namespace postern::cli
