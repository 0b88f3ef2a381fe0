#include "store/postgresql/numbers.h"

#include <algorithm>
#include <string_view>

namespace postern::store {
namespace {

constexpr std::int64_t most_at_once = 64;

/// In the order of Numbered.
constexpr std::array<std::string_view, 5> statements{
    "SELECT nextval('mailbox_number') FROM generate_series(1, ?)",
    "SELECT nextval('folder_number') FROM generate_series(1, ?)",
    "SELECT nextval('message_number') FROM generate_series(1, ?)",
    "SELECT nextval('content_number') FROM generate_series(1, ?)",
    "SELECT nextval('attachment_number') FROM generate_series(1, ?)",
};

}  // namespace

std::int64_t Numbers::next(Connection& connection, Numbered table) {
  const auto which = static_cast<std::size_t>(table);
  const std::lock_guard lock(mutex_);
  auto& stock = stocks_.at(which);
  if (stock.numbers.empty()) {
    auto row = connection.query(statements.at(which), stock.taken_at_once);
    while (row.next()) stock.numbers.push_back(row.integer(0));
    stock.taken_at_once = std::min(most_at_once, stock.taken_at_once * 2);
  }
  const auto number = stock.numbers.front();
  stock.numbers.pop_front();
  return number;
}

void Numbers::forget() {
  const std::lock_guard lock(mutex_);
  for (auto& stock : stocks_) stock.numbers.clear();
}

}  // namespace postern::store
