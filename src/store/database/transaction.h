// A transaction of a store: the connection to write with, and what observers are told once it is
// durable.
#pragma once

#include <functional>
#include <utility>
#include <variant>
#include <vector>

#include "mapi/msg_store.h"
#include "store/database/connection.h"

namespace postern::store {

/// A notification for observers of the outgoing queue after the commit.
struct QueueChange {
  mapi::QueueEvent event = mapi::QueueEvent::table_changed;
  mapi::EntryId entry;
};

/// What observers are told after a commit.
using StoreChange = std::variant<QueueChange, mapi::NewMail>;

struct Transaction {
  Connection& connection;
  std::vector<StoreChange>& changes;

  void tell(mapi::QueueEvent event, mapi::EntryId entry) {
    changes.emplace_back(QueueChange{event, std::move(entry)});
  }
};

/// May be carried out more than once (and rolled back in between), on another thread than the
/// caller's: it must start afresh each time and must not wait.
using Work = std::function<void(Transaction&)>;

}  // namespace postern::store
