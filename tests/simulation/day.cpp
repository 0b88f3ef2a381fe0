#include "tests/simulation/day.h"

#include <array>

namespace postern::simulation {
namespace {

using namespace std::chrono_literals;

BadDay draw_servers(Chance& chance, std::size_t badness) {
  const auto rate = [&](std::size_t most) { return chance.below(badness * most / 4 + 1); };
  return {.refuses = rate(80),
          .ends_session = rate(20),
          .cuts = rate(40),
          .falls_silent = rate(12),
          .is_late = rate(20),
          .talks_garbage = rate(12),
          .takes_octets_singly = rate(100)};
}

spooler::RetrySchedule draw_retry(Chance& chance) {
  spooler::RetrySchedule retry;
  if (chance.one_in(8)) return retry;
  constexpr std::array lifetimes{1h, 4h, 8h, 24h};
  retry.give_up_after = chance.pick(lifetimes);
  if (chance.one_in(2)) retry.delay_warning = 30min;
  return retry;
}

}  // namespace

Day draw_day(Chance& chance) {
  const auto badness = chance.below(5);
  const auto some = [&](std::size_t most) { return chance.below(badness * most / 4 + 1); };
  Day day;
  day.network.servers = draw_servers(chance, badness);
  day.network.refuses_connections = some(150);
  day.network.is_away = some(400);
  day.network.domains = 1 + chance.below(6);
  if (chance.one_in(2)) day.disk = {.fails = some(60), .dies = some(6)};
  day.has_relays = chance.one_in(4);
  day.lives = 8 + chance.below(25);
  day.longest = std::chrono::minutes{1 + chance.below(chance.one_in(3) ? 20 : 600)};
  day.crashes = some(3);
  day.restarts = some(3);
  day.clock_jumps = chance.one_in(3) ? some(4) : 0;
  day.cancels = chance.below(3);
  day.holds = chance.below(3);
  day.retries = chance.below(3);
  day.flushes = chance.below(3);
  day.sessions = 1 + chance.below(8);
  day.open_messages = chance.one_in(2) ? 100 : 0;
  day.connections = 1 + chance.below(4);
  day.is_grouped = !chance.one_in(4);
  day.overlap = 1 + chance.below(3);
  day.recipients_per_transaction = chance.one_in(6) ? 1 + chance.below(5) : 0;
  day.has_local_delivery_reports = chance.one_in(6);
  day.retry = draw_retry(chance);
  return day;
}

}  // namespace postern::simulation
