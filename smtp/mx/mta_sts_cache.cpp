#include "smtp/mx/mta_sts_cache.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"

namespace postern::smtp {
namespace {

using nlohmann::json;
using Time = StoredMtaStsPolicy::Time;

constexpr std::chrono::minutes shortest_age{1};
constexpr std::size_t largest_file = 2 * MtaStsPolicy::largest;

std::string text_of(const StoredMtaStsPolicy& stored) {
  const auto fetched = std::chrono::floor<std::chrono::seconds>(stored.fetched);
  return json{{"id", stored.id},
              {"fetched", fetched.time_since_epoch().count()},
              {"policy", fmt::format("{}\n", fmt::join(stored.policy.lines(), "\n"))}}
             .dump(2) +
         '\n';
}

std::optional<StoredMtaStsPolicy> read(std::string_view text) {
  try {
    const json value = json::parse(text);
    const auto policy = parse_mta_sts_policy(value.at("policy").get<std::string>());
    if (std::holds_alternative<std::string>(policy)) return std::nullopt;
    const std::chrono::seconds fetched(value.at("fetched").get<std::uint32_t>());
    return StoredMtaStsPolicy{value.at("id").get<std::string>(), Time(fetched),
                              std::get<MtaStsPolicy>(policy)};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

Time StoredMtaStsPolicy::expires() const {
  return fetched + std::max<std::chrono::seconds>(policy.max_age, shortest_age);
}

MtaStsCache::MtaStsCache(std::string directory) : directory_(std::move(directory)) {
  if (!directory_.empty()) demand_directory(directory_, "MTA-STS policies");
}

std::string MtaStsCache::file_of(const std::string& domain) const {
  return fmt::format("{}/{}.json", directory_, domain);  // dns_name lets no slash through
}

const StoredMtaStsPolicy* MtaStsCache::find(const std::string& domain, Time now) {
  if (!policies_.contains(domain)) load(domain, now);
  const auto found = policies_.find(domain);
  if (found == policies_.end()) return nullptr;
  if (found->second.expires() > now) return &found->second;
  forget(domain);
  return nullptr;
}

void MtaStsCache::store(const std::string& domain, StoredMtaStsPolicy policy) {
  const std::string text = text_of(policy);
  keep(domain, std::move(policy));
  if (directory_.empty()) return;
  try {
    replace_file(file_of(domain), text);
  } catch (const std::system_error&) {
    return;  // the disk is full or gone: memory has it
  }
}

void MtaStsCache::keep(const std::string& domain, StoredMtaStsPolicy policy) {
  if (policies_.size() >= max_in_memory && !policies_.contains(domain)) {
    policies_.erase(std::min_element(policies_.begin(), policies_.end(), [](auto& a, auto& b) {
      return a.second.expires() < b.second.expires();
    }));
  }
  policies_[domain] = std::move(policy);
}

void MtaStsCache::load(const std::string& domain, Time now) {
  if (directory_.empty()) return;
  const auto content = read_file(file_of(domain), largest_file);
  if (!content) return;
  auto stored = read(*content);
  if (!stored) return;
  stored->fetched = std::min(stored->fetched, now);  // the clock may have gone back since
  keep(domain, *std::move(stored));
}

void MtaStsCache::forget(const std::string& domain) {
  policies_.erase(domain);
  if (directory_.empty()) return;
  std::error_code gone_already;
  std::filesystem::remove(file_of(domain), gone_already);
}

}  // namespace postern::smtp
