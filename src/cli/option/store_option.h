// The store of a command: --store PATH or URL, else $POSTERN_STORE, else perhaps that of the
// system, else the user's own.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "mapi/msg_store.h"
#include "session/store_support.h"

namespace CLI {
class App;
}

namespace postern::cli {

class StoreOption {
 public:
  /// `of_system`: is used where its folder is there; empty: there is none.
  explicit StoreOption(std::filesystem::path of_system = {}) : of_system_(std::move(of_system)) {}

  void add_to(CLI::App& command);
  /// --store alone, for commands that open no store there; `help` says what it is to them.
  void add_location_to(CLI::App& command, const std::string& help);

  /// A path, or the URL of a database; by default $XDG_DATA_HOME/postern/store.sqlite, which is
  /// below ~/.local/share. Throws UsageError for a URL on the command line that tells a password.
  [[nodiscard]] std::filesystem::path location() const;
  /// The location for sentences, without a password.
  [[nodiscard]] std::string name() const;

  /// The file beside which the socket of a spooler on this machine lies, and which has its
  /// permissions: the store, or for a database an empty file among those of the user that runs.
  [[nodiscard]] std::filesystem::path control_path() const;

  /// Opens the store, making it if it is an absent file. `resolver` knows the lists among the
  /// recipients of what is submitted. Throws mapi::Failure.
  mapi::MSProvider& open(session::RecipientResolver resolver = {});

  /// The same for commands that only read: MAPI_E_NOT_FOUND if there is no store yet.
  mapi::MSProvider& open_existing();

 private:
  std::filesystem::path of_system_;
  std::string given_;
  double wait_ = 0;
  std::unique_ptr<session::DefaultStoreSupport> support_;
  std::unique_ptr<mapi::MSProvider> provider_;
};

}  // namespace postern::cli
