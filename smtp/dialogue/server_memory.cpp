#include "smtp/dialogue/server_memory.h"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace postern::smtp {
namespace {

struct ExtensionRow {
  Extension extension;
  std::string_view keyword;  ///< in lower case
  bool Capabilities::*member;
};
constexpr std::array extensions{
    ExtensionRow{Extension::pipelining, "pipelining", &Capabilities::pipelining},
    ExtensionRow{Extension::chunking, "chunking", &Capabilities::chunking},
    ExtensionRow{Extension::dsn, "dsn", &Capabilities::dsn},
    ExtensionRow{Extension::size, "size", &Capabilities::size},
    ExtensionRow{Extension::eight_bit_mime, "8bitmime", &Capabilities::eight_bit_mime},
    ExtensionRow{Extension::smtputf8, "smtputf8", &Capabilities::smtputf8}};

}  // namespace

void ServerMemory::flight_failed(SteadyTime now) {
  if (current(pipelining_, now) == Works::untried) pipelining_ = {Works::doubtful, {}};
}

void ServerMemory::flight_lost(SteadyTime now) {
  if (++flights_lost_ > 1) flight_failed(now);
}

void ServerMemory::lock_step_ended(bool well, SteadyTime now) {
  flights_lost_ = 0;
  news_ = news_ || well;
  pipelining_ = well ? Until<Works>{Works::no, now + kept} : Until<Works>{};
}

std::optional<std::size_t> ServerMemory::recipient_limit(SteadyTime now) const {
  return limit_.until > now ? std::optional(limit_.value) : std::nullopt;
}

ParameterSet ServerMemory::without(SteadyTime now) const {
  return without_.until > now ? without_.value : ParameterSet();
}

void ServerMemory::parameters_refused(const ParameterSet& refused, SteadyTime now) {
  if (refused.empty()) return;
  ParameterSet all = without(now);
  all |= refused;
  without_ = {all, now + kept};
  news_ = true;
}

std::vector<ServerMemory::Fact> ServerMemory::facts(SteadyTime now) const {
  std::vector<Fact> known;
  if (pipelining(now) == Works::no) {
    known.push_back({"PIPELINING is offered and does not work", pipelining_.until});
  }
  if (chunking(now) == Works::no) {
    known.push_back({"CHUNKING is offered and refused", chunking_.until});
  }
  if (const auto limit = recipient_limit(now)) {
    known.push_back({fmt::format("at most {} recipients at once", *limit), limit_.until});
  }
  const std::vector<std::string_view> refused = names(without(now));
  if (!refused.empty()) {
    known.push_back(
        {fmt::format("refused although offered: {}", fmt::join(refused, ", ")), without_.until});
  }
  return known;
}

std::optional<Extension> extension_named(std::string_view keyword) {
  const std::string wanted = lower_case(keyword);
  for (const ExtensionRow& row : extensions) {
    if (row.keyword == wanted) return row.extension;
  }
  return std::nullopt;
}

Capabilities without(Capabilities offered, const std::vector<UnusedExtension>& unused,
                     std::string_view host) {
  for (const UnusedExtension& one : unused) {
    if (!one.host.empty() && lower_case(one.host) != host) continue;
    for (const ExtensionRow& row : extensions) {
      if (row.extension == one.extension) offered.*row.member = false;
    }
  }
  return offered;
}

Capabilities usable(Capabilities offered, const Modes& modes, const ServerMemory& memory,
                    SteadyTime now) {
  using Works = ServerMemory::Works;
  const Works flights = memory.pipelining(now);
  const bool in_flights = flights == Works::untried || flights == Works::yes;
  offered.pipelining = offered.pipelining && modes.pipelining && in_flights;
  offered.chunking = offered.chunking && modes.chunking && memory.chunking(now) != Works::no;
  return offered;
}

}  // namespace postern::smtp
