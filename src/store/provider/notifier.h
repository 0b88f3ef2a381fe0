// Notifications to observers, on a thread of their own that holds no lock while it calls them.
//
// The thread runs from the first subscription on. Four times a second it also checks whether
// another process has written to the store; then observers of the queue get table_changed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "mapi/msg_store.h"
#include "store/database/commit_group.h"

namespace postern::store {

class Notifier {
 public:
  /// `foreign_version` changes when another process has written to the store.
  explicit Notifier(std::function<std::int64_t()> foreign_version);
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;
  ~Notifier();

  /// Throws mapi::Failure(MAPI_E_NOT_ENOUGH_RESOURCES) if there is no thread for it.
  std::unique_ptr<mapi::Subscription> advise(mapi::StoreObserver observer);

  void changed(std::vector<StoreChange> changes);
  void new_mail(mapi::NewMail mail);
  void warn(mapi::EntryId entry, std::string sentence);

 private:
  class Subscriber;
  class Ticket;
  struct Warning {
    mapi::EntryId entry;
    std::string sentence;
  };
  using Event = std::variant<QueueChange, mapi::NewMail, Warning>;

  void post(std::vector<Event> events);
  void add(Event event);
  void start_thread();
  void run();
  void deliver(const std::deque<Event>& events);
  bool other_process_wrote();
  std::vector<std::shared_ptr<Subscriber>> subscribers();

  std::function<std::int64_t()> foreign_version_;
  std::int64_t seen_version_ = 0;  ///< the thread's own
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Event> events_;
  std::vector<std::weak_ptr<Subscriber>> subscribers_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace postern::store
