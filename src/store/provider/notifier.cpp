#include "store/provider/notifier.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "mapi/error.h"

namespace postern::store {
namespace {

constexpr std::chrono::milliseconds poll_interval{250};
// Observers that are too slow for this many events get one "read the table again" instead.
constexpr std::size_t waiting_limit = 10'000;

}  // namespace

/// One observer. `end` returns when no call is running and none will come.
class Notifier::Subscriber {
 public:
  explicit Subscriber(mapi::StoreObserver observer) : observer_(std::move(observer)) {}

  void call(const Event& event) {
    {
      const std::lock_guard lock(mutex_);
      if (ended_) return;
      caller_ = std::this_thread::get_id();
    }
    try {
      tell(event);
    } catch (...) {
      // An observer's exception must not affect the others.
    }
    const std::lock_guard lock(mutex_);
    caller_ = {};
    idle_.notify_all();
  }

  void end() {
    std::unique_lock lock(mutex_);
    ended_ = true;
    idle_.wait(lock, [this] {  // an observer may end its own subscription
      return caller_ == std::thread::id{} || caller_ == std::this_thread::get_id();
    });
  }

 private:
  void tell(const Event& event) const {
    std::visit([this](const auto& what) { tell(what); }, event);
  }
  void tell(const QueueChange& change) const {
    if (observer_.outgoing_queue) observer_.outgoing_queue(change.event, change.entry);
  }
  void tell(const mapi::NewMail& mail) const {
    if (observer_.new_mail) observer_.new_mail(mail);
  }
  void tell(const Warning& warning) const {
    if (observer_.warning) observer_.warning(warning.entry, warning.sentence);
  }

  mapi::StoreObserver observer_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::thread::id caller_;  ///< of the running call
  bool ended_ = false;
};

class Notifier::Ticket final : public mapi::Subscription {
 public:
  explicit Ticket(std::shared_ptr<Subscriber> subscriber) : subscriber_(std::move(subscriber)) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() override { subscriber_->end(); }

 private:
  std::shared_ptr<Subscriber> subscriber_;
};

Notifier::Notifier(std::function<std::int64_t()> foreign_version)
    : foreign_version_(std::move(foreign_version)) {}

Notifier::~Notifier() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::unique_ptr<mapi::Subscription> Notifier::advise(mapi::StoreObserver observer) {
  auto subscriber = std::make_shared<Subscriber>(std::move(observer));
  const auto version = foreign_version_();  // waits for a commit, which may wait for `mutex_`
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) {
    seen_version_ = version;
    start_thread();
  }
  subscribers_.push_back(subscriber);
  wake_.notify_all();
  return std::make_unique<Ticket>(std::move(subscriber));
}

void Notifier::start_thread() {
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    throw mapi::system_failure(mapi::MAPI_E_NOT_ENOUGH_RESOURCES,
                               "nobody can be notified of changes in the store",
                               error.code().value());
  }
}

void Notifier::changed(std::vector<StoreChange> changes) {
  std::vector<Event> events;
  events.reserve(changes.size());
  for (auto& change : changes) {
    std::visit([&events](auto& event) { events.emplace_back(std::move(event)); }, change);
  }
  post(std::move(events));
}

void Notifier::new_mail(mapi::NewMail mail) {
  post({std::move(mail)});
}

void Notifier::warn(mapi::EntryId entry, std::string sentence) {
  post({Warning{std::move(entry), std::move(sentence)}});
}

/// The thread is woken once, however many events it has to deliver.
void Notifier::post(std::vector<Event> events) {
  bool is_thread_waiting = false;
  {
    const std::lock_guard lock(mutex_);
    if (subscribers_.empty()) return;
    is_thread_waiting = events_.empty();
    for (auto& event : events) add(std::move(event));
  }
  if (is_thread_waiting) wake_.notify_all();
}

void Notifier::add(Event event) {
  if (events_.size() >= waiting_limit) {
    std::erase_if(events_, [](const Event& e) { return std::holds_alternative<QueueChange>(e); });
    events_.emplace_back(QueueChange{});
  }
  events_.push_back(std::move(event));
}

void Notifier::run() {
  auto next_poll = std::chrono::steady_clock::now() + poll_interval;
  std::unique_lock lock(mutex_);
  while (!ending_) {
    std::erase_if(subscribers_, [](const auto& subscriber) { return subscriber.expired(); });
    if (subscribers_.empty()) {
      events_.clear();
      wake_.wait(lock, [this] { return ending_ || !subscribers_.empty(); });
      continue;
    }
    wake_.wait_until(lock, next_poll, [this] { return ending_ || !events_.empty(); });
    const auto events = std::exchange(events_, {});
    lock.unlock();
    deliver(events);
    if (std::chrono::steady_clock::now() >= next_poll) {
      if (other_process_wrote()) deliver({QueueChange{}});
      next_poll = std::chrono::steady_clock::now() + poll_interval;
    }
    lock.lock();
  }
}

void Notifier::deliver(const std::deque<Event>& events) {
  for (const auto& subscriber : subscribers()) {
    for (const auto& event : events) subscriber->call(event);
  }
}

bool Notifier::other_process_wrote() {
  try {
    const auto version = foreign_version_();
    return std::exchange(seen_version_, version) != version;
  } catch (const std::exception&) {
    return false;  // what is wrong with the store shows in the calls that use it
  }
}

std::vector<std::shared_ptr<Notifier::Subscriber>> Notifier::subscribers() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Subscriber>> found;
  for (const auto& subscriber : subscribers_) {
    if (auto alive = subscriber.lock()) found.push_back(std::move(alive));
  }
  return found;
}

}  // namespace postern::store
