#include "tests/spooler/model_world.h"

#include <algorithm>
#include <array>
#include <utility>

#include "mapi/address.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"
#include "mapi/recipient_outcome.h"

std::unique_ptr<postern::mapi::MSProvider> make_memory_store(postern::mapi::StoreSupport& support);

namespace postern::spooler::test {
namespace {

std::size_t below(std::mt19937_64& random, std::size_t bound) {
  return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
}

bool chance_of(std::mt19937_64& random, int percent) {
  return below(random, 100) < static_cast<std::size_t>(percent);
}

std::string address(const mapi::Recipient& row) {
  return std::string(row.get_or(mapi::PR_EMAIL_ADDRESS, ""));
}

bool is_open(const mapi::Recipient& row) {
  return !row.get_or(mapi::PR_RESPONSIBILITY, false);
}

void settle(mapi::Recipient& row, bool delivered) {
  mapi::set_outcome(row, {.verdict = delivered ? Verdict::delivered : Verdict::failed,
                          .stage = Stage::rcpt,
                          .code = delivered ? 250 : 550,
                          .status = {delivered ? 2 : 5, 1, delivered ? 5 : 1},
                          .text = "said",
                          .host = "mx",
                          .time = std::chrono::system_clock::time_point{}});
  row.set(mapi::PR_RESPONSIBILITY, true);
}

}  // namespace

std::vector<std::string>& model_faults() {
  static std::vector<std::string> faults;
  return faults;
}

void SteppedExecutor::step(std::mt19937_64& random) {
  const auto index = below(random, pieces_.size());
  const auto piece = std::move(pieces_[index]);
  pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(index));
  piece();
}

/// The transmission of one message; it waits in the transport until a step goes on with it.
class ModelTransport::Sender final : public mapi::XPSender {
 public:
  Sender(ModelTransport& transport, mapi::SenderSupport& support)
      : transport_(transport), support_(support) {}

  void submit_message(mapi::MessageHandle& view, mapi::SubmitKind, Done done) override {
    for (const auto& row : view.message().recipients) {
      const auto& truth = transport_.truth_[address(row)];
      if (is_open(row) && truth.is_saved) {
        model_faults().push_back(address(row) + " was offered though its verdict is saved");
      }
      if (is_open(row) && truth.type != transport_.type_) {
        model_faults().push_back(address(row) + " was offered to " + transport_.type_);
      }
    }
    const auto offer =
        std::make_shared<Offer>(Offer{&view, &support_, std::move(done), this, is_cancelled_});
    offer_ = offer;
    entry_ = view.entry_id();
    transport_.offers_.push_back(offer);
  }
  mapi::EndMessage end_message() override {
    if (end == mapi::EndMessage::dont_resend) transport_.kept_.insert(entry_);
    return end;
  }
  void cancel_message() override {
    is_cancelled_ = true;
    if (const auto offer = offer_.lock()) offer->is_cancelled = true;
  }
  mapi::EndMessage end = mapi::EndMessage::done;

 private:
  ModelTransport& transport_;
  mapi::SenderSupport& support_;
  std::weak_ptr<Offer> offer_;  ///< its answer owns the sender
  mapi::EntryId entry_;
  bool is_cancelled_ = false;
};

class ModelTransport::Logon final : public mapi::XPLogon {
 public:
  explicit Logon(ModelTransport& transport) : transport_(transport) {}
  [[nodiscard]] mapi::Registration registration() const override {
    mapi::Registration registration;
    registration.address_types = {transport_.type_};
    return registration;
  }
  std::unique_ptr<mapi::XPSender> sender(mapi::SenderSupport& support) override {
    return std::make_unique<Sender>(transport_, support);
  }
  void abort_deferred(const mapi::EntryId& entry, bool) override { transport_.kept_.erase(entry); }

 private:
  ModelTransport& transport_;
};

std::unique_ptr<mapi::XPLogon> ModelTransport::transport_logon(mapi::TransportSupport& support) {
  support_ = &support;
  return std::make_unique<Logon>(*this);
}

/// The server's decisions; it does not take them back.
ModelTransport::Settled ModelTransport::serve(const Offer& offer, std::mt19937_64& random,
                                              bool honest) {
  Settled settled;
  for (const auto& row : offer.view->message().recipients) {
    if (!is_open(row) || unsaved_.contains(address(row))) continue;
    if (!honest && chance_of(random, 40)) continue;
    const bool delivered = chance_of(random, 70);
    settled[address(row)] = delivered;
    if (!delivered) continue;
    ++truth_[address(row)].accepted;
    unsaved_.insert(address(row));
  }
  return settled;
}

void ModelTransport::save(Offer& offer, const Settled& settled) {
  std::vector<mapi::Recipient> reported;
  for (auto& row : offer.view->edit().recipients) {
    const auto found = settled.find(address(row));
    if (found == settled.end()) continue;
    settle(row, found->second);
    reported.push_back(row);
  }
  offer.view->save_changes();
  for (const auto& [who, delivered] : settled) {
    truth_[who].is_saved = true;
    truth_[who].delivered = delivered;
    unsaved_.erase(who);
  }
  offer.support->status_recips(reported);
}

void ModelTransport::step(std::mt19937_64& random, bool honest) {
  const auto index = below(random, offers_.size());
  const auto offer = offers_[index];
  if (offer->is_cancelled) {
    offers_.erase(offers_.begin() + static_cast<std::ptrdiff_t>(index));
    return offer->support->run([offer] { offer->done({mapi::MAPI_E_USER_CANCEL, {}, {}}); });
  }
  const auto settled = serve(*offer, random, honest);
  if (!honest && chance_of(random, 30)) {  // a transaction of several
    return offer->support->run([this, offer, settled] { save(*offer, settled); });
  }
  answer(index, settled, random, honest);
}

void ModelTransport::answer(std::size_t index, const Settled& settled, std::mt19937_64& random,
                            bool honest) {
  using enum mapi::EndMessage;
  const auto offer = offers_[index];
  offers_.erase(offers_.begin() + static_cast<std::ptrdiff_t>(index));
  mapi::SubmitResult result;
  auto end = resend_later;
  if (!honest) {
    constexpr std::array ends{resend_later, resend_later, resend_now, dont_resend};
    end = ends.at(below(random, ends.size()));
    constexpr std::array codes{mapi::S_OK,
                               mapi::S_OK,
                               mapi::S_OK,
                               mapi::MAPI_E_WAIT,
                               mapi::MAPI_E_NETWORK_ERROR,
                               mapi::MAPI_E_BUSY,
                               mapi::MAPI_E_CALL_FAILED,
                               mapi::MAPI_E_CANCEL,
                               mapi::MAPI_E_NOT_ENOUGH_RESOURCES};
    result.code = codes.at(below(random, codes.size()));
    if (chance_of(random, 20)) result.retry_after = std::chrono::seconds{30};
  }
  if (result.code == mapi::MAPI_E_CANCEL) kept_.insert(offer->view->entry_id());
  offer->sender->end = end;
  offer->support->run([this, offer, settled, result] {
    save(*offer, settled);
    offer->done(result);
  });
}

void ModelTransport::ask(std::mt19937_64& random) {
  if (kept_.empty()) return;
  const auto entry =
      *std::next(kept_.begin(), static_cast<std::ptrdiff_t>(below(random, kept_.size())));
  kept_.erase(entry);
  support_->sent_deferred(entry);
}

void ModelTransport::ask_for_all() {
  for (const auto& entry : std::exchange(kept_, {})) support_->sent_deferred(entry);
}

void ModelTransport::crash() {
  for (const auto& who : unsaved_) ++truth_[who].may_repeat;
  unsaved_.clear();
  offers_.clear();
  kept_.clear();
  support_ = nullptr;
}

ModelWorld::ModelWorld(std::uint64_t seed)
    : random_(seed),
      now_(mapi::FileTime::now()),
      provider_(make_memory_store(support_)),
      client_(provider_->logon()) {
  for (const auto* type : {"SMTP", "FAX"}) {
    transports_.push_back(std::make_unique<ModelTransport>(type, truth_));
  }
  start();
}

ModelWorld::~ModelWorld() {
  crash();
}

void ModelWorld::start() {
  SpoolerOptions options;
  options.sessions = 3;
  options.retry.give_up_after = std::chrono::hours{24 * 365};
  std::vector<mapi::XPProvider*> providers;
  for (const auto& transport : transports_) providers.push_back(transport.get());
  spooler_ = provider_->spooler_logon();
  engine_ = std::make_unique<Engine>(
      *spooler_, providers, options, SpoolerObserver{}, executor_, [this] { return now_; }, [] {});
}

/// The spooler's process ends: what it had in memory is gone.
void ModelWorld::crash() {
  executor_.drop_all();
  for (const auto& transport : transports_) transport->crash();
  engine_.reset();
  executor_.drop_all();
  for (const auto& transport : transports_) transport->crash();
  spooler_.reset();
}

bool ModelWorld::chance(int percent) {
  return chance_of(random_, percent);
}

void ModelWorld::submit() {
  mapi::Message message;
  message.set(mapi::PR_MESSAGE_CLASS, "IPM.Note");
  mapi::set_address(message, mapi::sender_group, "sender@example.com", "Sender");
  if (chance(10)) {
    message.set(mapi::PR_DEFERRED_SEND_TIME, now_ + std::chrono::minutes{below(random_, 100)});
  }
  const auto rows = 1 + below(random_, 4);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto who = "r" + std::to_string(truth_.size()) + "@example.com";
    auto& truth = truth_[who];
    truth.type = std::array{"SMTP", "SMTP", "FAX", "TELEX"}.at(below(random_, 4));
    truth.wants_delivery_report = chance(30);
    truth.wants_non_delivery_report = !chance(20);
    auto row = mapi::make_recipient(mapi::RecipientType::to, who);
    row.set(mapi::PR_ADDRTYPE, truth.type);
    row.erase(mapi::PR_SMTP_ADDRESS);
    row.set(mapi::PR_ORIGINATOR_DELIVERY_REPORT_REQUESTED, truth.wants_delivery_report);
    row.set(mapi::PR_ORIGINATOR_NON_DELIVERY_REPORT_REQUESTED, truth.wants_non_delivery_report);
    message.recipients.push_back(row);
  }
  const auto entry = client_->submit(client_->folder(mapi::SpecialFolder::outbox), message);
  messages_.push_back({entry});
}

/// AbortSubmit by the client, or, while the message is being sent, by the spooler.
void ModelWorld::cancel() {
  if (messages_.empty()) return;
  auto& message = messages_[below(random_, messages_.size())];
  try {
    client_->abort_submit(message.entry);
    message.cancelled = true;
  } catch (const mapi::Failure& failure) {
    if (failure.code() != mapi::MAPI_E_UNABLE_TO_ABORT) return;
    if (engine_->cancel(message.entry)) message.cancelled = true;
  }
}

void ModelWorld::step() {
  auto& transport = *transports_[below(random_, transports_.size())];
  switch (below(random_, 12)) {
    case 0:
      if (messages_.size() < 4) submit();
      break;
    case 1:
      if (chance(15)) cancel();
      break;
    case 2:
      now_ = now_ + std::chrono::minutes{below(random_, 90)};
      break;
    case 3:
      if (!chance(15)) break;
      crash();
      start();
      break;
    case 4:
    case 5:
      if (transport.is_busy()) transport.step(random_, false);
      break;
    case 6:
      transport.ask(random_);
      break;
    case 7:
      engine_->turn();
      break;
    default:
      if (!executor_.is_empty()) executor_.step(random_);
  }
}

void ModelWorld::settle() {
  for (int turn = 0; turn < 2000 && !client_->queue_is_empty(); ++turn) {
    engine_->turn();
    for (const auto& transport : transports_) {
      transport->ask_for_all();
      if (transport->is_busy()) transport->step(random_, true);
    }
    while (!executor_.is_empty()) executor_.step(random_);
    if (turn % 8 == 7) now_ = now_ + std::chrono::minutes{30};
  }
}

std::vector<std::string> ModelWorld::faults() const {
  auto faults = std::exchange(model_faults(), {});
  if (!client_->queue_is_empty()) faults.emplace_back("the queue does not become empty");
  for (const auto& message : messages_) check_message(message, faults);
  check_reports(faults);
  return faults;
}

void ModelWorld::check_message(const Submitted& submitted, std::vector<std::string>& faults) const {
  const auto message = client_->open_entry(submitted.entry, mapi::Access::read_only)->message();
  for (const auto& row : message.recipients) {
    const auto who = address(row);
    const auto& truth = truth_.at(who);
    const auto verdict = mapi::outcome(row);
    const bool is_delivered = verdict && verdict->verdict == Verdict::delivered;
    if (is_open(row) && !submitted.cancelled) faults.push_back(who + " has no verdict");
    if (is_open(row) && truth.is_saved) faults.push_back(who + " has lost its verdict");
    if (truth.accepted > 1 + truth.may_repeat) faults.push_back(who + " was served twice");
    if (!is_open(row) && truth.is_saved && is_delivered != truth.delivered) {
      faults.push_back(who + " has another verdict than was saved");
    }
    if (is_delivered && truth.accepted == 0) faults.push_back(who + " was never served");
    if (!is_open(row) && !truth.is_saved && truth.type != "TELEX") {
      faults.push_back(who + " has a verdict that nobody gave");
    }
  }
}

void ModelWorld::check_reports(std::vector<std::string>& faults) const {
  std::map<std::string, int> delivered;
  std::map<std::string, int> failed;
  std::map<std::string, int> delayed;
  for (const auto& row : client_->contents(client_->folder(mapi::SpecialFolder::inbox))) {
    const auto report = client_->open_entry(row.entry_id, mapi::Access::read_only)->message();
    auto& told = row.message_class.ends_with(".NDR")          ? failed
                 : row.message_class.ends_with(".Delayed.DR") ? delayed
                                                              : delivered;
    for (const auto& recipient : report.recipients) ++told[address(recipient)];
  }
  for (const auto& submitted : messages_) {
    const auto message = client_->open_entry(submitted.entry, mapi::Access::read_only)->message();
    for (const auto& row : message.recipients) {
      const auto who = address(row);
      const auto& truth = truth_.at(who);
      const auto verdict = mapi::outcome(row);
      const bool has_failed = !is_open(row) && verdict->verdict == Verdict::failed;
      const bool is_delivered = !is_open(row) && !has_failed;
      const int non_delivery = has_failed && truth.wants_non_delivery_report ? 1 : 0;
      const int delivery = is_delivered && truth.wants_delivery_report ? 1 : 0;
      const bool may_lack = submitted.cancelled;  // its sender has taken it back
      if (failed[who] != non_delivery && !(may_lack && failed[who] == 0)) {
        faults.push_back(who + " has " + std::to_string(failed[who]) + " non-delivery reports");
      }
      if (delivered[who] != delivery && !(may_lack && delivered[who] == 0)) {
        faults.push_back(who + " has " + std::to_string(delivered[who]) + " delivery reports");
      }
      if (delayed[who] > (truth.wants_non_delivery_report ? 1 : 0)) {
        faults.push_back(who + " has " + std::to_string(delayed[who]) + " reports of a delay");
      }
    }
  }
}

}  // namespace postern::spooler::test
