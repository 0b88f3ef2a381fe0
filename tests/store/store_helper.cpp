// Another process at the store, for the tests: told what to do by its arguments and input, says by
// lines of output what it has done.
//
//   store_helper submit STORE        submits without end; prints "<message> <serial>" after each
//   store_helper abort STORE         cancels each message named on a line; prints the code
//   store_helper lock STORE MESSAGE  locks it as the spooler, prints "locked", waits for the end
#include <iostream>
#include <string>

#include "store/display_id.h"
#include "tests/store/store_fixture.h"

namespace postern::store::test {
namespace {

int submit_without_end(mapi::MsgStore& store) {
  const auto outbox = store.folder(mapi::SpecialFolder::outbox);
  for (int serial = 0;; ++serial) {
    auto message = letter("serial " + std::to_string(serial), 1 + serial % 3);
    // Small data goes with the commit, big data before it.
    const std::size_t size = serial % 5 == 4 ? 700'000 : 1'000;
    message.attachments.push_back(mapi::make_attachment(
        "data", mapi::Content::from_bytes(std::vector<std::byte>(size, std::byte{7}))));
    const auto entry = store.submit(outbox, std::move(message));
    std::cout << display_id(entry) << ' ' << serial << std::endl;
  }
}

int abort_what_is_named(mapi::MsgStore& store) {
  std::cout << "ready" << std::endl;
  std::string id;
  while (std::getline(std::cin, id)) {
    const auto code = code_of([&] { store.abort_submit(entry_of(store, id)); });
    std::cout << mapi::name(code) << std::endl;
  }
  return 0;
}

int lock(mapi::MsgStore& spooler, const std::string& id) {
  spooler.set_lock_state(entry_of(spooler, id), mapi::LockState::locked);
  std::cout << "locked" << std::endl;
  std::string line;
  std::getline(std::cin, line);
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  ScriptedSupport support;
  const auto provider = open_sqlite_store(arguments.at(1), support);
  if (arguments.at(0) == "submit") return submit_without_end(*provider->logon());
  if (arguments.at(0) == "abort") return abort_what_is_named(*provider->logon());
  if (arguments.at(0) == "lock") return lock(*provider->spooler_logon(), arguments.at(2));
  return 2;
}

}  // namespace
}  // namespace postern::store::test

int main(int count, char** arguments) {
  try {
    return postern::store::test::run({arguments + 1, arguments + count});
  } catch (const std::exception& error) {
    std::cout << error.what() << std::endl;
    return 1;
  }
}
