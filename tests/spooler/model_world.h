// A world for the model test: a spooler that is stepped in any order, transports that answer when
// they are told to, a store in memory that outlives crashes of the spooler, and the truth about who
// was served, kept beside them (mapi-submission.md §§3.11, 4, 6).
//
// Everything happens on the caller's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "mapi/msg_store.h"
#include "mapi/transport.h"
#include "session/store_support.h"
#include "spooler/run/engine.h"
#include "spooler/run/executor.h"

namespace postern::spooler::test {

/// Runs its pieces one by one, in any order.
class SteppedExecutor final : public Executor {
 public:
  void run(std::function<void()> work) override { pieces_.push_back(std::move(work)); }
  [[nodiscard]] bool is_empty() const { return pieces_.empty(); }
  void step(std::mt19937_64& random);
  void drop_all() { pieces_.clear(); }

 private:
  std::vector<std::function<void()>> pieces_;
};

/// What is true of one recipient, whatever the store says.
struct Recipient {
  std::string type;
  bool wants_delivery_report = false;
  bool wants_non_delivery_report = true;
  int accepted = 0;        ///< by the server, in all
  int may_repeat = 0;      ///< a crash came between an acceptance and its saving
  bool is_saved = false;   ///< its verdict is in the store
  bool delivered = false;  ///< and this is it
};

/// A message that was submitted.
struct Submitted {
  mapi::EntryId entry;
  bool cancelled = false;
};

/// One transport, and the server behind it.
class ModelTransport final : public mapi::XPProvider {
 public:
  ModelTransport(std::string type, std::map<std::string, Recipient>& truth)
      : type_(std::move(type)), truth_(truth) {}

  std::unique_ptr<mapi::XPLogon> transport_logon(mapi::TransportSupport& support) override;

  [[nodiscard]] bool is_busy() const { return !offers_.empty(); }
  /// One of the offers goes on, some way or to its end. `honest`: it settles every row.
  void step(std::mt19937_64& random, bool honest);
  /// It asks for a message that it keeps.
  void ask(std::mt19937_64& random);
  void ask_for_all();
  /// The spooler has died.
  void crash();

 private:
  class Logon;
  class Sender;
  struct Offer {
    mapi::MessageHandle* view;
    mapi::SenderSupport* support;
    mapi::XPSender::Done done;
    Sender* sender;
    bool is_cancelled = false;
  };
  using Settled = std::map<std::string, bool>;  ///< by address: delivered

  Settled serve(const Offer& offer, std::mt19937_64& random, bool honest);
  void save(Offer& offer, const Settled& settled);
  void answer(std::size_t index, const Settled& settled, std::mt19937_64& random, bool honest);

  std::string type_;
  std::map<std::string, Recipient>& truth_;
  std::vector<std::shared_ptr<Offer>> offers_;
  std::set<mapi::EntryId> kept_;
  std::set<std::string> unsaved_;  ///< accepted, and the store does not know yet
  mapi::TransportSupport* support_ = nullptr;
};

class ModelWorld {
 public:
  explicit ModelWorld(std::uint64_t seed);
  ~ModelWorld();
  ModelWorld(const ModelWorld&) = delete;
  ModelWorld& operator=(const ModelWorld&) = delete;

  /// Whatever may happen next, happens.
  void step();
  /// Nothing bad happens any more, and time goes on until the queue is empty.
  void settle();
  /// What is wrong with the end; empty: nothing.
  [[nodiscard]] std::vector<std::string> faults() const;

 private:
  void submit();
  void cancel();
  void crash();
  void start();
  void check_reports(std::vector<std::string>& faults) const;
  void check_message(const Submitted& message, std::vector<std::string>& faults) const;
  [[nodiscard]] bool chance(int percent);

  std::mt19937_64 random_;
  mapi::FileTime now_;
  session::DefaultStoreSupport support_;
  std::unique_ptr<mapi::MSProvider> provider_;
  std::unique_ptr<mapi::MsgStore> client_;
  std::map<std::string, Recipient> truth_;  ///< by address
  std::vector<Submitted> messages_;
  SteppedExecutor executor_;
  std::vector<std::unique_ptr<ModelTransport>> transports_;
  std::unique_ptr<mapi::MsgStore> spooler_;
  std::unique_ptr<Engine> engine_;
};

/// What was wrong while the sequence ran; a test fails with it.
std::vector<std::string>& model_faults();

}  // namespace postern::spooler::test
