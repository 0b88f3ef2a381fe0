#include "smtp/engine/distribution.h"

#include <iterator>
#include <unordered_map>
#include <utility>

#include "base/text.h"

namespace postern::smtp {
namespace {

/// What the parts share.
struct Whole {
  Delivery delivery;
  std::size_t parts = 0;  ///< that are not done
  std::function<void(const std::vector<SettledRecipient>&)> settled;
  std::function<void(Delivery)> done;
};

/// A fault that an operator must correct comes first; else the message can go on with the first of
/// the routes that may be used again.
bool has_precedence(const RouteFault& one, const RouteFault& other) {
  if (one.configuration != other.configuration) return one.configuration;
  return one.retry_after < other.retry_after;
}

/// Tells of a part that is done before the others.
void tell(const Whole& whole, const std::vector<std::size_t>& recipients) {
  std::vector<SettledRecipient> all;
  all.reserve(recipients.size());
  for (const auto index : recipients) all.push_back({index, whole.delivery.recipients[index]});
  whole.settled(all);
}

void join(Whole& whole, const std::vector<std::size_t>& recipients, Delivery part) {
  for (std::size_t index = 0; index < recipients.size(); ++index) {
    whole.delivery.recipients.at(recipients[index]) = std::move(part.recipients.at(index));
  }
  auto& fault = whole.delivery.route_fault;
  if (part.route_fault && (!fault || has_precedence(*part.route_fault, *fault))) {
    fault = std::move(part.route_fault);
  }
  auto& lines = whole.delivery.transcript;
  lines.insert(lines.end(), std::make_move_iterator(part.transcript.begin()),
               std::make_move_iterator(part.transcript.end()));
  if (--whole.parts == 0) {
    whole.done(std::move(whole.delivery));
  } else if (whole.settled) {
    tell(whole, recipients);
  }
}

}  // namespace

std::string domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? std::string() : lower_case(address.substr(at + 1));
}

std::vector<Part> distribute(OutgoingMessage message, std::function<void(Delivery)> done) {
  struct PartOutcomes {
    std::string domain;
    std::vector<std::size_t> recipients;
  };
  std::vector<PartOutcomes> shares;
  std::unordered_map<std::string, std::size_t> share_of;
  for (std::size_t index = 0; index < message.envelope.recipients.size(); ++index) {
    std::string domain = domain_of(message.envelope.recipients[index].address);
    const auto [found, added] = share_of.emplace(domain, shares.size());
    if (added) shares.push_back({std::move(domain), {}});
    shares[found->second].recipients.push_back(index);
  }
  if (shares.empty()) shares.emplace_back();
  const auto whole = std::make_shared<Whole>();
  whole->delivery.recipients.resize(message.envelope.recipients.size());
  whole->parts = shares.size();
  whole->settled = message.settled;
  whole->done = std::move(done);
  std::vector<Part> parts;
  for (PartOutcomes& share : shares) {
    Part part{std::move(share.domain), {message.envelope, message.source, message.stop, {}}, {}};
    if (message.settled) {
      part.message.settled = [settled = message.settled,
                              recipients = share.recipients](std::vector<SettledRecipient> all) {
        for (auto& one : all) one.recipient = recipients.at(one.recipient);
        settled(all);
      };
    }
    part.message.envelope.recipients.clear();
    for (const std::size_t index : share.recipients) {
      part.message.envelope.recipients.push_back(message.envelope.recipients[index]);
    }
    part.done = [whole, recipients = std::move(share.recipients)](Delivery delivery) {
      join(*whole, recipients, std::move(delivery));
    };
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace postern::smtp
