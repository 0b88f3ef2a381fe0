#include "smtp/mx/mta_sts.h"

#include <utility>

namespace postern::smtp {
namespace {

constexpr std::chrono::minutes pause_after_failure{5};  // RFC 8461 §3.3
constexpr std::chrono::hours refresh{24};               // §5.1, before it expires
constexpr std::size_t max_failures = 10'000;

StoredMtaStsPolicy::Time wall_time() {
  return std::chrono::system_clock::now();
}

bool is_fresh(const StoredMtaStsPolicy& stored, const std::string& id) {
  const auto age = wall_time() - stored.fetched;
  return stored.id == id && age < refresh;
}

}  // namespace

/// One coroutine fetches a domain's policy; when it ends, in any way, the waiting ones are resumed.
struct MtaSts::FetchGuard {
  FetchGuard(MtaSts& of, std::string name) : sts(of), domain(std::move(name)) {
    sts.under_way_[domain];
  }
  ~FetchGuard() {
    for (const auto& event : sts.under_way_[domain]) event->set();
    sts.under_way_.erase(domain);
  }
  FetchGuard(const FetchGuard&) = delete;
  FetchGuard& operator=(const FetchGuard&) = delete;
  MtaSts& sts;
  const std::string domain;
};

MtaSts::MtaSts(asio::io_context& context, Resolver& resolver, MtaStsOptions options)
    : context_(context),
      resolver_(resolver),
      enabled_(options.enabled),
      cache_(std::move(options.cache_directory)),
      fetch_(context, resolver, std::move(options.fetch)) {}

void MtaSts::stop() {
  fetch_.stop();
}

MtaStsAnswer MtaSts::answer(const std::string& domain, std::optional<MtaStsFetchFailure> failure) {
  MtaStsAnswer result{std::nullopt, std::move(failure)};
  if (const auto* stored = cache_.find(domain, wall_time())) result.policy = stored->policy;
  return result;
}

asio::awaitable<MtaStsAnswer> MtaSts::policy(std::string domain) {
  if (!enabled_) co_return MtaStsAnswer{};
  const auto announced = co_await resolver_.look_up<TextRecord>("_mta-sts." + domain);
  const auto id = mta_sts_id(announced.records);
  // An attacker who suppresses the record must not be able to suppress the policy (§5.1).
  if (!id) co_return answer(domain, std::nullopt);
  for (;;) {
    const StoredMtaStsPolicy* const stored = cache_.find(domain, wall_time());
    if (stored != nullptr && is_fresh(*stored, *id)) co_return answer(domain, std::nullopt);
    if (const Attempt* const attempt = recent_failure(domain, *id)) {
      co_return answer(domain, attempt->failure);
    }
    const auto other = under_way_.find(domain);
    if (other == under_way_.end()) break;
    const auto event = std::make_shared<AsyncEvent>(context_);
    other->second.push_back(event);
    co_await event->wait(std::nullopt);
  }
  co_return co_await refreshed(domain, *id);
}

asio::awaitable<MtaStsAnswer> MtaSts::refreshed(std::string domain, std::string id) {
  const FetchGuard guard(*this, domain);
  const auto fetched = co_await fetch_.fetch(domain);
  co_return take(domain, id, fetched);
}

MtaStsAnswer MtaSts::take(const std::string& domain, const std::string& id,
                          const std::variant<std::string, MtaStsFetchFailure>& fetched) {
  MtaStsFetchFailure failure;
  if (const auto* text = std::get_if<std::string>(&fetched)) {
    const auto parsed = parse_mta_sts_policy(*text);
    if (const auto* policy = std::get_if<MtaStsPolicy>(&parsed)) {
      failures_.erase(domain);
      cache_.store(domain, {id, wall_time(), *policy});
      return answer(domain, std::nullopt);
    }
    failure = {TlsFailureType::sts_policy_invalid, std::get<std::string>(parsed)};
  } else {
    failure = std::get<MtaStsFetchFailure>(fetched);
  }
  const SteadyTime now = std::chrono::steady_clock::now();
  if (failures_.size() >= max_failures) {
    std::erase_if(failures_, [now](const auto& entry) { return entry.second.again <= now; });
  }
  if (failures_.size() < max_failures) {
    failures_[domain] = {id, now + pause_after_failure, failure};
  }
  return answer(domain, failure);
}

const MtaSts::Attempt* MtaSts::recent_failure(const std::string& domain, const std::string& id) {
  const auto found = failures_.find(domain);
  if (found == failures_.end()) return nullptr;
  const Attempt& attempt = found->second;
  const bool recent = attempt.id == id && std::chrono::steady_clock::now() < attempt.again;
  return recent ? &attempt : nullptr;
}

}  // namespace postern::smtp
