#include "tests/simulation/world.h"

#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "mapi/property_tags.h"
#include "transport/smtp_transport.h"

std::unique_ptr<postern::mapi::MSProvider> make_memory_store(postern::mapi::StoreSupport& support);

namespace postern::simulation {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_world = 24h * 400;
constexpr std::size_t most_steps = 20'000'000;

transport::SmtpTransportOptions transport_options(const Day& day) {
  transport::SmtpTransportOptions options;
  if (day.has_relays) {
    const std::string scheme = "smtp://";
    options.client.relay = smtp::Relay::parse(scheme + Network::relays[0]);
    options.client.further_relays = {smtp::Relay::parse(scheme + Network::relays[1])};
    options.client.tls = smtp::TlsPolicy::may;
  } else {
    options.client.mx.emplace();
    options.client.mx->mta_sts = false;
    options.client.mx->hosts_on_this_machine = true;
  }
  options.client.helo_name = "simulation.example";
  options.client.connections = day.connections;
  options.client.modes.grouping = day.is_grouped;
  options.client.modes.overlap = day.overlap;
  options.client.recipients_per_transaction = day.recipients_per_transaction;
  options.message_id_domain = "simulation.example";
  options.local_delivery_reports = day.has_local_delivery_reports;
  return options;
}

}  // namespace

World::World(std::uint64_t seed, bool is_traced)
    : chance_(seed),
      day_(draw_day(chance_)),
      trace_(clock_, is_traced),
      agenda_(clock_),
      ledger_(Rules{[this](const Life& life) { return may_expire(life); },
                    day_.has_local_delivery_reports}),
      network_({chance_, ledger_, trace_}, agenda_, day_.network),
      disk_(chance_, ledger_, trace_, [this] { network_.cut_all(); }),
      provider_(make_memory_store(support_)),
      client_(provider_->logon()) {
  plan();
  start();
}

World::~World() {
  disk_.die();
  wind_down();
  end_process();
}

/// Where somebody sets the clock, nobody can tell.
bool World::may_expire(const Life& life) const {
  if (day_.clock_jumps > 0 || life.has_end) return true;
  return clock_.now() >= life.submitted + day_.retry.give_up_after;
}

void World::start() {
  network_.begin_anew();
  disk_.begin_anew();
  disk_.set_rates(clock_.now() < end_of_trouble_ ? day_.disk : Disk::Rates{});
  transport_ = transport::make_smtp_transport(transport_options(day_));
  auto logon = provider_->spooler_logon();
  queue_ = logon.get();
  spooler_ = on_disk(disk_, std::move(logon));
  spooler::SpoolerOptions options;
  options.sessions = day_.sessions;
  options.open_messages = day_.open_messages;
  options.retry = day_.retry;
  options.reporter.host = "simulation.example";
  spooler::SpoolerObserver observer;
  observer.trouble = [this](const mapi::EntryId& entry, const std::string& sentence) {
    const Life* const life = ledger_.find(entry);
    ledger_.add_fault(life == nullptr ? std::nullopt : std::optional(life->number),
                      "the spooler is in trouble: " + sentence);
  };
  observer.failed = [this](const mapi::Failure& failure) {
    if (!disk_.is_dead())
      ledger_.add_fault(std::nullopt, fmt::format("the spooler gave up: {}", failure.what()));
  };
  observer.held = [this](const mapi::EntryId& entry, std::chrono::system_clock::time_point until) {
    if (const Life* const life = ledger_.find(entry)) {
      trace_.note(life->number, [&] {
        return fmt::format("life {} is held for {} s", life->number,
                           (until - clock_.wall().time_point()) / std::chrono::seconds{1});
      });
    }
  };
  engine_ = std::make_unique<spooler::Engine>(
      *spooler_, std::vector<mapi::XPProvider*>{transport_.get()}, options, observer, executor_,
      [this] { return clock_.wall(); }, [this] { is_awake_ = true; });
  is_awake_ = true;
}

/// Whatever is under way meets a dead disk and a dead network, and comes to its end without them.
void World::crash() {
  disk_.die();
  wind_down();
  end_process();
  start();
}

/// An orderly end, for which the disk is well.
void World::restart() {
  trace_.note(std::nullopt, [] { return "the spooler is stopped, and started anew"; });
  ledger_.figures().add(Count::restarts);
  disk_.set_rates({});
  wind_down();
  end_process();
  start();
}

void World::wind_down() {
  engine_->begin_stop();
  if (disk_.is_dead()) engine_->cancel_all();
  is_awake_ = true;
  while (!engine_->is_stopped() && !is_stuck_) {
    if (!step()) pass_time();
  }
}

void World::end_process() {
  network_.cut_all();
  executor_.drop_all();
  engine_.reset();
  executor_.drop_all();
  network_.let_end();
  transport_.reset();
  spooler_.reset();
  queue_ = nullptr;
}

bool World::step() {
  std::array<void (World::*)(), 3> ways{};
  std::size_t count = 0;
  if (!executor_.is_empty()) ways[count++] = &World::step_executor;
  if (network_is_due_) ways[count++] = &World::work_network;
  if (is_awake_) ways[count++] = &World::turn;
  if (count == 0) return false;
  (this->*ways[chance_.below(count)])();
  return true;
}

void World::step_executor() {
  executor_.step(chance_);
  network_is_due_ = true;
}

void World::work_network() {
  network_is_due_ = network_.work();
}

void World::turn() {
  is_awake_ = false;
  engine_->turn();
}

/// When the engine has something to do. Its looks at a queue in which nothing is due are left out.
std::optional<Moment> World::next_turn() {
  const auto wall = clock_.wall();
  std::optional<mapi::FileTime> time;
  if (engine_->is_idle()) time = queue_->next_due();
  if (!engine_->is_idle() || (time && *time <= wall)) time = engine_->next_turn();
  if (!time) return std::nullopt;
  const mapi::FileTime::Ticks ticks{
      *time > wall ? static_cast<std::int64_t>(time->ticks - wall.ticks) : 0};
  return clock_.now() + ticks;
}

void World::pass_time() {
  const auto turn_at = next_turn();
  const auto event_at = agenda_.next();
  if (!turn_at && !event_at) {
    ledger_.add_fault(std::nullopt, "nothing will happen any more");
    is_stuck_ = true;
    return;
  }
  clock_.advance_to(turn_at && event_at ? std::min(*turn_at, *event_at)
                                        : turn_at.value_or(*event_at));
  agenda_.run();
  network_is_due_ = true;
  is_awake_ = is_awake_ || engine_->next_turn() <= clock_.wall();
}

bool World::is_over() const {
  return submissions_left_ == 0 && holds_left_ == 0 && client_->queue_is_empty();
}

void World::run() {
  for (std::size_t steps = 0; !is_over() && !is_stuck_; ++steps) {
    if (steps > most_steps || clock_.now() > begun_ + longest_world) {
      ledger_.add_fault(std::nullopt, "the queue does not become empty");
      for (const auto& row : client_->outgoing_queue()) {
        trace_.note(ledger_.find(row.entry_id)->number, [&] {
          return fmt::format(
              "it is queued: flags {}, deferred {}, next attempt {}, on hold {}, kept {}",
              row.submit_flags, row.deferred_send_time.has_value(), row.next_attempt.has_value(),
              row.on_hold, row.held_without_end);
        });
      }
      break;
    }
    if (disk_.is_dead()) {
      crash();
    } else if (std::exchange(wants_restart_, false)) {
      restart();
    } else if (!step()) {
      pass_time();
    }
  }
  if (!is_stuck_ && !disk_.is_dead()) restart();
  check();
}

void World::check() {
  const auto reports = read_reports();
  std::set<mapi::EntryId> sent;
  for (const auto& row : client_->contents(client_->folder(mapi::SpecialFolder::sent_items))) {
    sent.insert(row.entry_id);
  }
  for (const Life& life : ledger_.lives()) {
    Remains remains;
    remains.is_in_sent_folder = sent.contains(life.entry);
    try {
      remains.rows = client_->open_entry(life.entry, mapi::Access::read_only)->message().recipients;
      remains.exists = true;
      remains.is_queued = client_->queue_row(life.entry).has_value();
    } catch (const mapi::Failure&) {  // it was deleted, or is still locked
    }
    ledger_.check(life, remains, reports);
  }
}

std::map<std::string, Reports, std::less<>> World::read_reports() {
  std::map<std::string, Reports, std::less<>> reports;
  const auto inbox = client_->folder(mapi::SpecialFolder::inbox);
  mapi::EntryId last;
  for (auto rows = client_->contents(inbox, last); !rows.empty();
       rows = client_->contents(inbox, last)) {
    for (const auto& row : rows) {
      const auto report = client_->open_entry(row.entry_id, mapi::Access::read_only)->message();
      const bool is_delay = row.message_class.ends_with(".Delayed.DR");
      const bool has_failed = row.message_class.ends_with(".NDR");
      for (const auto& recipient : report.recipients) {
        auto& about = reports[std::string(recipient.get_or(mapi::PR_EMAIL_ADDRESS, ""))];
        ++(is_delay ? about.delay : has_failed ? about.non_delivery : about.delivery);
      }
    }
    last = rows.back().entry_id;
  }
  return reports;
}

}  // namespace postern::simulation
