#include "cli/option/store_option.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/option/runtime_file.h"
#include "cli/option/usage_error.h"
#include "cli/output/diagnostic.h"
#include "store/open_store.h"
#include "store/postgresql_store.h"

namespace postern::cli {
namespace {

std::filesystem::path environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool is_database(const std::filesystem::path& location) {
  return store::is_postgresql_url(location.native());
}

}  // namespace

void StoreOption::add_location_to(CLI::App& command, const std::string& help) {
  command.add_option("--store", given_, help)->type_name("PATH");
}

void StoreOption::add_to(CLI::App& command) {
  add_location_to(command,
                  "The message store, a file or postgresql://USER@HOST/DATABASE;\n"
                  "by default $POSTERN_STORE, else\n"
                  "~/.local/share/postern/store.sqlite");
  command
      .add_option("--store-wait", wait_,
                  "For how long a database that is away is waited for (default: 0)")
      ->type_name("SECONDS")
      ->envname("POSTERN_STORE_WAIT")
      ->check(CLI::Range(0.0, 86'400.0));
}

std::filesystem::path StoreOption::location() const {
  if (!given_.empty()) {
    if (store::has_password(given_)) {
      throw UsageError(
          "every user sees a password in the command line; leave it out of --store and put it into "
          "~/.pgpass or $PGPASSWORD");
    }
    return given_;
  }
  if (auto store = environment("POSTERN_STORE"); !store.empty()) return store;
  std::error_code unknown;
  if (std::filesystem::is_directory(of_system_.parent_path(), unknown)) return of_system_;
  auto data = environment("XDG_DATA_HOME");
  if (data.empty()) {
    const auto home = environment("HOME");
    if (home.empty())
      throw UsageError("there is no home directory for the store; give --store PATH");
    data = home / ".local" / "share";
  }
  return data / "postern" / "store.sqlite";
}

std::string StoreOption::name() const {
  return store::location_name(location());
}

std::filesystem::path StoreOption::control_path() const {
  auto place = location();
  return is_database(place) ? runtime_file(name()) : place;
}

mapi::MSProvider& StoreOption::open(session::RecipientResolver resolver) {
  support_ = std::make_unique<session::DefaultStoreSupport>(session::SupportOptions{
      .resolver = std::move(resolver),
      .warn = [](const std::string& sentence) { print_diagnostic("warning: " + sentence); }});
  const auto patience = std::chrono::duration<double>(wait_);
  provider_ = store::open_store(location(), *support_,
                                std::chrono::duration_cast<std::chrono::milliseconds>(patience));
  return *provider_;
}

mapi::MSProvider& StoreOption::open_existing() {
  if (const auto place = location(); !is_database(place) && !std::filesystem::exists(place)) {
    throw mapi::Failure(mapi::MAPI_E_NOT_FOUND, "there is no message store at '" + place.string() +
                                                    "'; `postern submit` or `send` makes one");
  }
  return open();
}

}  // namespace postern::cli
