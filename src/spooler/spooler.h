// The spooler: takes messages from the outgoing queue in order, offers them to the transports,
// retries on schedule, makes the reports and finishes what is done (mapi-submission.md §§3.6-3.11).
//
// It depends neither on SMTP nor on SQL, only on MsgStore and XPProvider. Several sessions send at
// once; messages are started in queue order. All state that matters is in the store: a crash of the
// spooler loses no message. If the process or its machine is out of a resource, or the store is
// busy, no message is charged with it: what was heard is kept, nothing is begun for a pause
// (spooler/course/exhaustion.h), and all goes on by itself.
//
// Errors: a failure of the store ends the spooler and is passed to SpoolerObserver::failed; what is
// wrong with one message or one transport does not stop the others; outcomes of recipients are
// values. Threads: all methods may be called from any thread. The observer is called on threads of
// the spooler's, and must call neither stop nor a wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mapi/error.h"
#include "mapi/msg_store.h"
#include "mapi/transport.h"
#include "session/reporter.h"
#include "spooler/retry_schedule.h"

#pragma GCC visibility push(default)
namespace postern::spooler {

/// How a spooler works.
struct SpoolerOptions {
  std::size_t sessions = 10;  ///< messages sent at once; at least 1
  /// What `open_messages` is to be for transports with several destinations.
  static constexpr std::size_t with_many_destinations = 1000;
  /// The same for a transport with one: a session has its next message at hand while what was said
  /// of the last one is saved. A single session still has one message at a time. After a crash, so
  /// many messages may be sent again at most, whose final replies were not saved.
  static constexpr std::size_t with_one_destination(std::size_t sessions) {
    return sessions < 2 ? 1 : 2 * sessions;
  }
  /// Messages that are open at once, most of which wait for servers, which costs memory only: more
  /// than `sessions` if the transports share them out among destinations
  /// (mapi::SubmitResult::destination). 0: as many as sessions.
  std::size_t open_messages = 0;
  /// The transports by their index, all of them, in the order in which they have the first chance
  /// (MsgServiceTransportOrder); empty: as they were given, those that prefer it last at the end.
  std::vector<std::size_t> transport_order;
  RetrySchedule retry;
  session::Reporter reporter;
  /// How long a transport that does not pace itself is suspended after a critical error.
  std::chrono::milliseconds suspension = std::chrono::minutes{5};
  /// Messages that an earlier spooler has held for their next attempt are tried at once.
  bool flush_at_start = false;
  /// For how long nothing is begun after an exhausted resource was met: at first, and at most.
  std::chrono::milliseconds first_rest = std::chrono::seconds{1};
  std::chrono::milliseconds longest_rest = std::chrono::minutes{1};
};

/// Callbacks on the spooler's threads, one call at a time; they must return soon and not throw.
struct SpoolerObserver {
  /// A message's recipients have new outcomes; `finished`: it has left the queue.
  std::function<void(const mapi::EntryId&, const mapi::Message&, bool finished)> message;
  /// A message stays queued until then.
  std::function<void(const mapi::EntryId&, std::chrono::system_clock::time_point until)> held;
  /// A message is no longer in the queue, because somebody has cancelled it.
  std::function<void(const mapi::EntryId&)> gone;
  /// A transport, or a route of it, cannot be used until the operator has corrected what `reason`
  /// names.
  std::function<void(const std::string& reason)> suspended;
  /// A message could not be processed (its data is damaged); it stays queued, is tried again, and
  /// expires if it can be read so far.
  std::function<void(const mapi::EntryId&, const std::string& sentence)> trouble;
  /// A resource is exhausted; the sentence says what follows from it and names the cure.
  std::function<void(const std::string& sentence)> exhausted;
  /// No mail waits for that any more.
  std::function<void()> recovered;
  /// A row of Spooler::status is another; a transport that begins or ends to send is none.
  std::function<void()> status_changed;
  /// The store failed, or another error that is fatal; the spooler stops by itself.
  std::function<void(const mapi::Failure& failure)> failed;
};

/// A running spooler.
class Spooler {
 public:
  /// `store` is a spooler logon; it and the providers must outlive the spooler. Sending starts at
  /// once, on as many threads as there can be; throws mapi::Failure(MAPI_E_NOT_ENOUGH_RESOURCES) if
  /// there is not one.
  Spooler(mapi::MsgStore& store, std::vector<mapi::XPProvider*> providers, SpoolerOptions options,
          SpoolerObserver observer = {});
  ~Spooler();  ///< stop()
  Spooler(const Spooler&) = delete;
  Spooler& operator=(const Spooler&) = delete;

  /// Starts no further message; messages being sent may finish within `grace`, then they are
  /// cancelled and stay queued. Returns when all threads have ended.
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds{0});

  /// Waits until the queue is empty or all its messages are held. Returns false if `until` came
  /// first or the spooler stopped.
  bool wait_idle(std::chrono::steady_clock::time_point until);

  /// Waits until the queue is empty. Returns false if `until` came first or the spooler stopped.
  bool wait_empty(std::chrono::steady_clock::time_point until);

  /// Tries all messages that wait for their next attempt now, on suspended transports too.
  void flush();

  /// The status table (mapi-submission.md §5.4): the spooler's row, and one for each transport in
  /// the order given. PR_STATUS_CODE says what it does; while it can send nothing, PR_STATUS_STRING
  /// says why and PR_POSTERN_NEXT_ATTEMPT until when.
  [[nodiscard]] std::vector<mapi::PropertyBag> status() const;

  /// Sends a message no further that is being sent: recipients who have it keep it, and it leaves
  /// the queue as by MsgStore::abort_submit, soon. Returns false if it is not being sent;
  /// abort_submit then does it.
  bool cancel(const mapi::EntryId& entry);

 private:
  class Driver;
  std::unique_ptr<Driver> driver_;
};

}  // namespace postern::spooler
#pragma GCC visibility pop
