#include "smtp/dns/resolver.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <stdexcept>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unbound.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <fmt/format.h>

#include "base/resource_exhaustion.h"
#include "base/text.h"
#include "base/thread_signals.h"
#include "smtp/io/async_event.h"
#include "smtp/io/callback_failure.h"
#include "smtp/io/descriptor_watcher.h"

namespace postern::smtp {
namespace {

constexpr int class_in = 1;
constexpr std::size_t longest_name_text = 1024;  // 255 octets, each perhaps as \DDD

struct Setting {
  const char* name;
  const char* value;
};
/// What libunbound, made for one look-up at a time, is given here (unbound.conf(5)).
constexpr Setting settings[] = {
    {"outgoing-range:", "128"},  {"outgoing-num-tcp:", "16"}, {"msg-cache-size:", "4m"},
    {"rrset-cache-size:", "8m"}, {"val-log-level:", "2"},  // or it does not say why an answer is
                                                           // bogus
};

struct ContextDeleter {
  void operator()(ub_ctx* context) const { ub_ctx_delete(context); }
};
using Context = std::unique_ptr<ub_ctx, ContextDeleter>;

struct ResultDeleter {
  void operator()(ub_result* result) const { ub_resolve_free(result); }
};
using Result = std::unique_ptr<ub_result, ResultDeleter>;

void demand(int code, const std::string& what) {
  if (code == UB_NOERROR) return;
  throw std::invalid_argument(fmt::format("{} cannot be used: {}", what, ub_strerror(code)));
}

void set(ub_ctx* context, const Setting& setting) {
  demand(ub_ctx_set_option(context, setting.name, setting.value), setting.name);
}

void set_forwarders(ub_ctx* context, const ResolverOptions& options) {
  if (options.forwarders.empty() && options.resolv_conf.empty()) return;
  // A resolver on this very machine is the usual case, and libunbound would not ask it.
  set(context, {"do-not-query-localhost:", "no"});
  for (const std::string& server : options.forwarders) {
    demand(ub_ctx_set_fwd(context, server.c_str()),
           fmt::format("\"{}\" as a DNS server", printable(server)));
  }
  if (options.forwarders.empty()) {
    demand(ub_ctx_resolvconf(context, options.resolv_conf.c_str()),
           fmt::format("the list of DNS servers \"{}\"", options.resolv_conf));
  }
}

/// What shows that a file is another one, or has another content.
struct FileVersion {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  friend bool operator==(const FileVersion&, const FileVersion&) = default;
};

FileVersion version_of(const std::string& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

void forget_answer(void*, int, ub_result* result) noexcept {
  ub_resolve_free(result);
}

/// libunbound makes its thread with the first question. If there are no descriptors for its event
/// loop then, libevent ends the program, and if there is no thread, deleting the context waits for
/// it for ever. So there have to be some beforehand, and the thread is made at once, while nothing
/// competes for them, by a question that libunbound answers by itself.
void demand_resources() {
  constexpr std::size_t descriptors = 24;
  if (const std::error_code error = descriptors_exhausted(descriptors)) {
    throw std::system_error(error, "the DNS resolver");
  }
  std::thread([] {}).join();  // throws if there is none
}

void start_thread(ub_ctx* context) {
  const SignalsBlocked signals_are_not_its_business;
  demand(ub_resolve_async(context, "localhost.", DnsRecordType<asio::ip::address_v4>::number,
                          class_in, nullptr, &forget_answer, nullptr),
         "the DNS resolver");
  demand(ub_wait(context), "the DNS resolver");
}

Context make_context(const ResolverOptions& options) {
  demand_resources();
  Context context(ub_ctx_create());
  if (!context) throw std::system_error(errno, std::generic_category(), "the DNS resolver");
  ub_ctx_debugout(context.get(), nullptr);  // it would write to standard error
  for (const Setting& setting : settings) set(context.get(), setting);
  set_forwarders(context.get(), options);
  if (!options.hosts_file.empty()) {
    demand(ub_ctx_hosts(context.get(), options.hosts_file.c_str()),
           fmt::format("the hosts file \"{}\"", options.hosts_file));
  }
  if (const std::string& file = options.trust_anchor_file; !file.empty()) {
    demand(::access(file.c_str(), R_OK) == 0 ? UB_NOERROR : UB_READFILE,
           fmt::format("the DNSSEC trust anchor file \"{}\"", file));
    ub_ctx_add_ta_file(context.get(), file.c_str());
  }
  ub_ctx_async(context.get(), 1);
  // Any call that touches its data makes it read the files now, while a fault can still be
  // reported; the zone need not exist.
  demand(ub_ctx_zone_remove(context.get(), "none.invalid."),
         options.trust_anchor_file.empty()
             ? std::string("the DNS resolver")
             : fmt::format("the DNSSEC trust anchor file \"{}\"", options.trust_anchor_file));
  start_thread(context.get());
  return context;
}

std::string without_last_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return std::string(name);
}

DnsReply failed(std::string reason) {
  DnsReply reply;
  reply.reason = std::move(reason);
  return reply;
}

DnsStatus status_of(const ub_result& result) {
  if (result.bogus != 0) return DnsStatus::bogus;
  if (result.havedata != 0) return DnsStatus::ok;
  if (result.nxdomain != 0) return DnsStatus::no_such_name;
  return result.rcode == 0 ? DnsStatus::no_data : DnsStatus::failed;
}

std::string reason_of(const ub_result& result) {
  if (result.why_bogus != nullptr) return printable(result.why_bogus);
  constexpr int server_failure = 2;
  if (result.rcode == server_failure) return "SERVFAIL";
  return fmt::format("response code {}", result.rcode);
}

DnsReply reply_of(const ub_result& result) {
  DnsReply reply;
  reply.status = status_of(result);
  reply.secure = result.secure != 0;
  reply.ttl = std::chrono::seconds(std::max(result.ttl, 0));
  if (result.canonname != nullptr) {
    const std::string canonical = without_last_dot(result.canonname);
    if (lower_case(canonical) != lower_case(without_last_dot(result.qname))) {
      reply.canonical_name = canonical;
    }
  }
  if (reply.temporary()) reply.reason = reason_of(result);
  if (reply.status != DnsStatus::ok) return reply;
  for (int index = 0; result.data[index] != nullptr; ++index) {
    reply.rdata.emplace_back(result.data[index], static_cast<std::size_t>(result.len[index]));
  }
  return reply;
}

}  // namespace

class Resolver::Core {
 public:
  Core(asio::io_context& context, ResolverOptions options);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  asio::io_context& context() { return context_; }
  [[nodiscard]] std::chrono::milliseconds timeout() const { return options_.timeout; }
  [[nodiscard]] const ResolverOptions& options() const { return options_; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// The forwarders' file has changed since it was looked at last.
  bool take_change();
  void stop();

  /// One question and all who wait for its answer.
  struct LookUp : std::enable_shared_from_this<LookUp> {
    LookUp(Core& of, std::pair<std::string, int> asked) : core(of), question(std::move(asked)) {}
    Core& core;
    const std::pair<std::string, int> question;
    std::vector<std::shared_ptr<AsyncEvent>> waiters;
    bool under_way = false;
    std::optional<int> id;  ///< libunbound's, while it owes the answer
    std::optional<DnsReply> reply;
  };
  using LookUpPointer = std::shared_ptr<LookUp>;

  LookUpPointer join(const std::string& name, int type, const std::shared_ptr<AsyncEvent>& waiter);
  /// The last one to leave takes an unanswered question with him.
  void leave(const LookUpPointer& look_up, const std::shared_ptr<AsyncEvent>& waiter);

 private:
  /// libunbound's pipe, watched while there is anything to come out of it: the context would run on
  /// for ever otherwise.
  struct Watch {
    asio::posix::stream_descriptor descriptor;
    Core* core;
    bool waiting = false;
  };

  static void on_answer(void* look_up, int error, ub_result* result) noexcept;
  static void wait(const std::shared_ptr<Watch>& watch);
  void start(LookUp& look_up);
  void answer(LookUp& look_up, DnsReply reply);
  void forget(LookUp& look_up);
  void start_waiting();

  asio::io_context& context_;
  const ResolverOptions options_;
  FileVersion forwarders_;  ///< noted before they are read
  const Context unbound_;
  const std::shared_ptr<Watch> watch_;
  std::map<std::pair<std::string, int>, LookUpPointer> look_ups_;  ///< without an answer yet
  std::deque<LookUpPointer> queue_;                                ///< those not under way
  std::size_t in_flight_ = 0;
  bool stopped_ = false;
  CallbackFailure callback_failure_;
};

Resolver::Core::Core(asio::io_context& context, ResolverOptions options)
    : context_(context),
      options_(std::move(options)),
      forwarders_(version_of(options_.resolv_conf)),
      unbound_(make_context(options_)),
      watch_(std::make_shared<Watch>(
          Watch{duplicate_for_watching(context, ub_fd(unbound_.get())), this})) {}

Resolver::Core::~Core() {
  watch_->core = nullptr;
  watch_->descriptor.close();
}

Resolver::Core::LookUpPointer Resolver::Core::join(const std::string& name, int type,
                                                   const std::shared_ptr<AsyncEvent>& waiter) {
  std::pair question(lower_case(without_last_dot(name)), type);
  LookUpPointer& place = look_ups_[question];
  if (!place) {
    place = std::make_shared<LookUp>(*this, std::move(question));
    queue_.push_back(place);
  }
  LookUpPointer look_up = place;  // the place may go before we return
  look_up->waiters.push_back(waiter);
  if (stopped_) stop();
  start_waiting();
  return look_up;
}

void Resolver::Core::leave(const LookUpPointer& look_up,
                           const std::shared_ptr<AsyncEvent>& waiter) {
  std::erase(look_up->waiters, waiter);
  if (!look_up->waiters.empty() || look_up->reply) return;
  if (!look_up->under_way) std::erase(queue_, look_up);
  forget(*look_up);
  start_waiting();
}

bool Resolver::Core::take_change() {
  if (!options_.forwarders.empty() || options_.resolv_conf.empty()) return false;
  const FileVersion now = version_of(options_.resolv_conf);
  return now != FileVersion{} && std::exchange(forwarders_, now) != now;
}

void Resolver::Core::stop() {
  stopped_ = true;
  queue_.clear();
  while (!look_ups_.empty()) {
    answer(*look_ups_.begin()->second, failed("the look-ups were stopped"));
  }
  start_waiting();
}

/// After every change: starts waiting look-ups as far as the bound allows, and watches the pipe
/// as long as answers are due.
void Resolver::Core::start_waiting() {
  while (!queue_.empty() && in_flight_ < std::max<std::size_t>(options_.max_in_flight, 1)) {
    const LookUpPointer look_up = std::move(queue_.front());
    queue_.pop_front();
    start(*look_up);
  }
  if (in_flight_ == 0) {
    watch_->descriptor.cancel();
  } else if (!watch_->waiting) {
    wait(watch_);
  }
}

void Resolver::Core::start(LookUp& look_up) {
  const auto& [name, type] = look_up.question;
  if (name.empty() || name.size() > longest_name_text || has_control(name) || !is_ascii(name)) {
    return answer(look_up, failed("that is no name the DNS knows"));
  }
  int id = 0;
  const int error = ub_resolve_async(unbound_.get(), (name + '.').c_str(), type, class_in, &look_up,
                                     &Core::on_answer, &id);
  if (error != UB_NOERROR) return answer(look_up, failed(ub_strerror(error)));
  look_up.id = id;
  look_up.under_way = true;
  ++in_flight_;
}

/// Called from ub_process, on the context's thread. It resumes no coroutine.
void Resolver::Core::on_answer(void* argument, int error, ub_result* raw) noexcept {
  const Result result(raw);
  auto& look_up = *static_cast<LookUp*>(argument);
  Core& core = look_up.core;
  look_up.id.reset();
  core.callback_failure_.guard(false, [&] {
    core.answer(look_up, result ? reply_of(*result) : failed(ub_strerror(error)));
    return true;
  });
}

void Resolver::Core::answer(LookUp& look_up, DnsReply reply) {
  look_up.reply = std::move(reply);
  for (const auto& waiter : look_up.waiters) waiter->set();
  forget(look_up);
}

/// Waiting coroutines still share it; libunbound does not refer to it any more.
void Resolver::Core::forget(LookUp& look_up) {
  const LookUpPointer kept = look_up.shared_from_this();
  if (look_up.id) ub_cancel(unbound_.get(), *look_up.id);
  if (look_up.under_way) --in_flight_;
  look_ups_.erase(look_up.question);
}

void Resolver::Core::wait(const std::shared_ptr<Watch>& watch) {
  watch->waiting = true;
  watch->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                               [watch](const boost::system::error_code& error) {
                                 watch->waiting = false;
                                 Core* const core = watch->core;
                                 if (core == nullptr) return;  // gone meanwhile
                                 if (!error) ub_process(core->unbound_.get());
                                 core->start_waiting();
                                 core->callback_failure_.rethrow();
                               });
}

Resolver::Resolver(asio::io_context& context, ResolverOptions options)
    : core_(std::make_shared<Core>(context, std::move(options))) {}

Resolver::~Resolver() {
  stop();
}

void Resolver::stop() {
  core_->stop();
}

/// Those who wait go on waiting for the forwarders that they have asked.
void Resolver::renew() {
  if (core_->stopped() || !core_->take_change()) return;
  try {
    core_ = std::make_shared<Core>(core_->context(), core_->options());
  } catch (const std::invalid_argument&) {
    // It is being written, or names no server: those before stay, until it changes again.
  }
}

asio::awaitable<DnsReply> Resolver::ask(std::shared_ptr<Core> core, std::string name, int type) {
  struct Waiting {
    std::shared_ptr<Core> core;
    std::shared_ptr<AsyncEvent> event;
    Core::LookUpPointer look_up;
    ~Waiting() { core->leave(look_up, event); }
  };
  const auto event = std::make_shared<AsyncEvent>(core->context());
  const SteadyTime deadline = std::chrono::steady_clock::now() + core->timeout();
  const Waiting waiting{core, event, core->join(name, type, event)};
  while (!waiting.look_up->reply) {
    if (std::chrono::steady_clock::now() >= deadline) {
      const std::chrono::duration<double> limit = core->timeout();
      co_return failed(fmt::format("no answer within {} s", limit.count()));
    }
    co_await event->wait(deadline);
  }
  const DnsReply& reply = *waiting.look_up->reply;
  // libunbound calls it SERVFAIL if it could not ask anybody for want of a socket.
  std::error_code error;
  if (reply.status == DnsStatus::failed) error = descriptors_exhausted(1);
  if (error) throw std::system_error(error, "the DNS resolver");
  co_return reply;
}

}  // namespace postern::smtp
