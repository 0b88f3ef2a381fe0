#include "tests/kill/trial.h"

#include <algorithm>
#include <poll.h>
#include <sstream>
#include <utility>

#include "mapi/address.h"
#include "session/store_support.h"
#include "tests/kill/letter.h"
#include "tests/kill/opening.h"

namespace postern::kill {
namespace {

using std::chrono::milliseconds;

#if defined(POSTERN_ADDRESS_SANITIZER) || defined(__SANITIZE_THREAD__)
constexpr std::int64_t slowness = 6;
#else
constexpr std::int64_t slowness = 1;
#endif
constexpr int way_to_a_point = 3;  ///< in longest lives
constexpr std::uint64_t most_crossings = 3;
constexpr std::chrono::seconds longest_wait{1};
/// So many kills are made beyond those asked for until each point has had one.
constexpr std::size_t most_further_kills = 1000;
constexpr unsigned share_of_points = 60;  ///< of the lives, in percent

std::vector<std::string> words_in(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

}  // namespace

Kills& Kills::operator+=(const Kills& other) {
  of_spoolers += other.of_spoolers;
  of_submitters += other.of_submitters;
  at_points += other.at_points;
  return *this;
}

Trial::Trial(TrialOptions options) : options_(std::move(options)), dice_(options_.seed) {
  for (const auto role : {Role::spooler, Role::submitter}) {
    for (const auto point : points_of(role)) result_.kills_at[point] = 0;
  }
}

Result Trial::run() {
  for (std::size_t i = 0; i < options_.spoolers; ++i) slots_.push_back({Role::spooler, {}});
  for (const auto& mailbox : mailboxes) slots_.push_back({Role::submitter, mailbox});
  for (auto& slot : slots_) start(slot);
  while (!is_enough()) {
    wait_for_output();
    for (auto& slot : slots_) attend(slot);
  }
  for (auto& slot : slots_) {
    if (!slot.child) continue;
    slot.child->kill();
    bury(slot);
  }
  finish();
  result_.judgement = ledger_.judge(spooler_sessions);
  return std::move(result_);
}

bool Trial::is_enough() const {
  if (has_failed_) return true;
  const auto kills = result_.kills.count();
  if (kills < options_.kills) return false;
  const bool is_each_visited =
      std::ranges::all_of(result_.kills_at, [](const auto& entry) { return entry.second > 0; });
  return is_each_visited || kills >= options_.kills + most_further_kills;
}

void Trial::start(Slot& slot) {
  slot.life = ++lives_;
  slot.dies_at.reset();
  if (dice_.chance(share_of_points)) slot.dies_at = choose_point(slot.role);
  const bool is_first = slot.dies_at && result_.kills_at.at(*slot.dies_at) == 0;
  const auto crossing = is_first ? 1 : dice_.between(1, most_crossings);
  const auto longest = options_.longest_life * slowness;
  const milliseconds length{dice_.below(static_cast<std::uint64_t>(longest.count()))};
  slot.end = Clock::now() + (slot.dies_at ? longest * way_to_a_point : length);
  const bool is_spooler = slot.role == Role::spooler;
  std::vector<std::string> command{options_.helper,
                                   is_spooler ? "spool" : "submit",
                                   options_.location,
                                   std::to_string(slot.life),
                                   slot.dies_at ? name_of(*slot.dies_at) : "-",
                                   std::to_string(crossing)};
  if (is_spooler) {
    command.push_back(std::to_string(sink_.port()));
  } else {
    command.push_back(slot.mailbox);
    command.push_back(std::to_string(dice_.seed()));
  }
  slot.child = std::make_unique<Child>(std::move(command));
}

/// One of those where fewest have died, and to which fewest were sent.
Point Trial::choose_point(Role role) {
  const auto points = points_of(role);
  const auto first = dice_.below(points.size());
  const auto uses = [this](Point point) {
    return std::pair(result_.kills_at.at(point), lives_for_[point]);
  };
  auto chosen = points[first];
  for (std::size_t i = 1; i < points.size(); ++i) {
    const auto point = points[(first + i) % points.size()];
    if (uses(point) < uses(chosen)) chosen = point;
  }
  ++lives_for_[chosen];
  return chosen;
}

void Trial::wait_for_output() {
  std::vector<pollfd> descriptors;
  auto end = Clock::now() + longest_wait;
  for (const auto& slot : slots_) {
    descriptors.push_back({slot.child->descriptor(), POLLIN, 0});
    end = std::min(end, slot.end);
  }
  const auto left = std::chrono::ceil<milliseconds>(end - Clock::now());
  ::poll(descriptors.data(), descriptors.size(), static_cast<int>(std::max(left, {}).count()));
}

void Trial::attend(Slot& slot) {
  if (!slot.child) return;
  for (const auto& line : slot.child->read_lines()) take(slot, line);
  if (slot.child->has_ended()) {
    bury(slot);
    if (!is_enough()) start(slot);
  } else if (slot.end <= Clock::now()) {
    slot.child->kill();
    slot.end = Clock::time_point::max();
  }
}

void Trial::take(Slot& slot, const std::string& line) {
  const auto words = words_in(line);
  const auto& what = words.at(0);
  if (what == "begins") {
    ledger_.begin(words.at(1), words.at(2), {words.begin() + 3, words.end()});
  } else if (what == "acknowledged") {
    ledger_.acknowledge(words.at(1));
  } else if (what == "saved") {
    for (std::size_t i = 1; i < words.size(); ++i) saved_.emplace_back(slot.life, words[i]);
  } else if (what == "dies") {
    ++result_.kills_at.at(*slot.dies_at);
    ++result_.kills.at_points;
  } else if (what == "finished") {
    is_finished_ = true;
  } else {
    ledger_.complain("life " + std::to_string(slot.life) + " says: " + line);
  }
}

/// It is dead, or about to be. What it has said until then counts.
void Trial::bury(Slot& slot) {
  while (!slot.child->has_ended()) {
    pollfd descriptor{slot.child->descriptor(), POLLIN, 0};
    ::poll(&descriptor, 1, -1);
    for (const auto& line : slot.child->read_lines()) take(slot, line);
  }
  const auto end = slot.child->end();
  slot.child.reset();
  if (!end.empty()) {
    has_failed_ = true;
    return ledger_.complain("life " + std::to_string(slot.life) + " has ended by itself: " + end);
  }
  ledger_.kill(slot.life);
  ++(slot.role == Role::spooler ? result_.kills.of_spoolers : result_.kills.of_submitters);
}

void Trial::finish() {
  Slot last{Role::spooler, {}};
  last.life = ++lives_;
  last.child = std::make_unique<Child>(
      std::vector<std::string>{options_.helper, "finish", options_.location,
                               std::to_string(last.life), "-", "1", std::to_string(sink_.port())});
  while (!last.child->has_ended()) {
    pollfd descriptor{last.child->descriptor(), POLLIN, 0};
    ::poll(&descriptor, 1, -1);
    for (const auto& line : last.child->read_lines()) take(last, line);
  }
  const auto end = last.child->end();
  if (!is_finished_) ledger_.complain("the last spooler has not finished: " + end);
  const auto found = sink_.close();
  for (const auto& copy : found.copies) ledger_.deliver(copy);
  for (const auto& [life, address] : saved_) ledger_.record(life, address);
  for (const auto& [life, address] : found.refusals) ledger_.refuse(life, address);
  read_reports();
}

void Trial::read_reports() {
  session::DefaultStoreSupport support;
  const auto provider = open_store(options_.location, support);
  for (const auto& mailbox : mailboxes) {
    const auto store = provider->logon({mailbox});
    const auto inbox = store->folder(mapi::SpecialFolder::inbox);
    auto rows = store->contents(inbox);
    while (!rows.empty()) {
      for (const auto& row : rows) {
        const auto report = store->open_entry(row.entry_id, mapi::Access::read_only);
        for (const auto& recipient : report->message().recipients) {
          ledger_.report(mailbox, mapi::address_text(recipient));
        }
      }
      rows = store->contents(inbox, rows.back().entry_id);
    }
  }
}

}  // namespace postern::kill
