#include "cli/option/store_option.h"

#include <cstdlib>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/option/usage_error.h"
#include "cli/output/diagnostic.h"
#include "store/sqlite_store.h"

namespace postern::cli {

void StoreOption::add_to(CLI::App& command) {
  command
      .add_option("--store", given_,
                  "The message store (a file); by default $POSTERN_STORE, else\n"
                  "~/.local/share/postern/store.sqlite")
      ->type_name("PATH");
}

std::filesystem::path StoreOption::path() const {
  if (!given_.empty()) return given_;
  const auto environment = [](const char* name) {
    const char* value = std::getenv(name);
    return std::filesystem::path(value != nullptr ? value : "");
  };
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

mapi::MSProvider& StoreOption::open(session::RecipientResolver resolver) {
  support_ = std::make_unique<session::DefaultStoreSupport>(session::SupportOptions{
      .resolver = std::move(resolver),
      .warn = [](const std::string& sentence) { print_diagnostic("warning: " + sentence); }});
  provider_ = store::open_sqlite_store(path(), *support_);
  return *provider_;
}

mapi::MSProvider& StoreOption::open_existing() {
  if (!std::filesystem::exists(path())) {
    throw mapi::Failure(mapi::MAPI_E_NOT_FOUND, "there is no message store at '" + path().string() +
                                                    "'; `postern submit` or `send` makes one");
  }
  return open();
}

}  // namespace postern::cli
