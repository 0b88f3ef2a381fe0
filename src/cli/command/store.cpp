// postern store: what an operator does to the store itself.
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/command/command.h"
#include "cli/option/store_option.h"
#include "cli/output/exit_status.h"
#include "cli/output/verdict_view.h"
#include "store/postgresql_store.h"

namespace postern::cli {
namespace {

class StoreCommand {
 public:
  explicit StoreCommand(CLI::App& command) {
    command.require_subcommand(1);
    migrate_ = command.add_subcommand(
        "migrate", "Make the tables in a database, or bring older ones up to date");
    migrate_->add_flag("--json", json_, "One JSON object: the versions before and now");
    store_.add_to(*migrate_);
    command.footer(
        "A database must have its tables before the other commands can use it, and after an\n"
        "update of Postern perhaps new ones: stop what sends and submits, migrate, start it\n"
        "again. All is done in one transaction, or nothing. A store in a file needs none of\n"
        "this, because it is brought up to date when it is opened.\n\n"
        "  createdb mail\n"
        "  postern store migrate --store postgresql:///mail\n\n"
        "Exit status: 0 done, or nothing was to be done, 65 tables of a newer Postern, 66 no\n"
        "such database, 75 it cannot be reached, 77 the user may not make tables there.");
  }

  int run() {
    const auto location = store_.location();
    if (!store::is_postgresql_url(location.native())) {
      store_.open();
      if (!json_) std::printf("The store '%s' is up to date.\n", store_.name().c_str());
      return all_delivered;
    }
    const auto [before, now] = store::migrate_postgresql_store(location.native());
    if (json_) {
      print_json({{"before", before}, {"now", now}});
    } else if (before == now) {
      std::printf("The store '%s' is up to date.\n", store_.name().c_str());
    } else {
      std::printf("The store '%s' has tables of version %lld now; it had %s before.\n",
                  store_.name().c_str(), static_cast<long long>(now),
                  before == 0 ? "none" : ("those of version " + std::to_string(before)).c_str());
    }
    return all_delivered;
  }

 private:
  StoreOption store_;
  CLI::App* migrate_ = nullptr;
  bool json_ = false;
};

}  // namespace

Run add_store(CLI::App& program) {
  auto command = std::make_shared<StoreCommand>(
      *program.add_subcommand("store", "Make or update the tables of a store in a database"));
  return [command] { return command->run(); };
}

}  // namespace postern::cli
