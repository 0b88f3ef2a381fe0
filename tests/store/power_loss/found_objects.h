// What a store has: every message and folder of every mailbox, and whether its file is sound.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "mapi/msg_store.h"
#include "tests/store/power_loss/ledger.h"

namespace postern::store::test {

struct FoundObject {
  ObjectKind kind = ObjectKind::message;
  mapi::EntryId entry{};
  mapi::EntryId folder{};  ///< in which it lies
  mapi::Message value{};   ///< of a folder, its name alone
  std::optional<mapi::OutgoingQueueRow> queued{};
};

/// Everything that the provider shows, but for the special folders. Throws mapi::Failure.
std::vector<FoundObject> find_objects(mapi::MSProvider& provider);

/// What SQLite and the store's own rules find wrong with the file that is open in no transaction:
/// damage, rows without those that they refer to, attachment data that nobody has.
std::vector<std::string> faults_of_file(const std::filesystem::path& store);

/// How what was found differs from what was expected; empty if it does not. Attachments are read.
std::string difference(const FoundObject& found, const Expected& expected);

}  // namespace postern::store::test
