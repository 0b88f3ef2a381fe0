#include "tests/kill/helper/dying_transport.h"

#include <utility>

namespace postern::kill {
namespace {

class DyingSenderSupport final : public mapi::SenderSupport {
 public:
  DyingSenderSupport(mapi::SenderSupport& inner, DyingPoints& points)
      : inner_(inner), points_(points) {}

  mapi::Code status_recips(std::vector<mapi::Recipient> rows) override {
    return points_.around(Call::status_recips,
                          [&] { return inner_.status_recips(std::move(rows)); });
  }
  [[nodiscard]] mapi::Code spooler_yield() const override { return inner_.spooler_yield(); }
  [[nodiscard]] bool others_wait(const std::string& destination) const override {
    return inner_.others_wait(destination);
  }
  void run(std::function<void()> work) override {
    inner_.run([&points = points_, work = std::move(work)] { points.around(Call::run, work); });
  }

 private:
  mapi::SenderSupport& inner_;
  DyingPoints& points_;
};

class DyingSender final : public mapi::XPSender {
 public:
  DyingSender(mapi::XPLogon& logon, mapi::SenderSupport& support, DyingPoints& points)
      : points_(points), support_(support, points), inner_(logon.sender(support_)) {}

  void submit_message(mapi::MessageHandle& view, mapi::SubmitKind kind, Done done) override {
    points_.around(Call::submit_message, [&] {
      inner_->submit_message(view, kind, [&points = points_, done = std::move(done)](auto result) {
        points.around(Call::done, [&] { done(std::move(result)); });
      });
    });
  }
  mapi::EndMessage end_message() override {
    return points_.around(Call::end_message, [&] { return inner_->end_message(); });
  }
  void cancel_message() override { inner_->cancel_message(); }

 private:
  DyingPoints& points_;
  DyingSenderSupport support_;
  std::unique_ptr<mapi::XPSender> inner_;
};

class DyingLogon final : public mapi::XPLogon {
 public:
  DyingLogon(std::unique_ptr<mapi::XPLogon> inner, DyingPoints& points)
      : inner_(std::move(inner)), points_(points) {}

  [[nodiscard]] mapi::Registration registration() const override { return inner_->registration(); }
  std::unique_ptr<mapi::XPSender> sender(mapi::SenderSupport& support) override {
    return points_.around(Call::sender,
                          [&] { return std::make_unique<DyingSender>(*inner_, support, points_); });
  }
  void begin(mapi::Direction direction) override {
    points_.around(Call::begin_outbound, [&] { inner_->begin(direction); });
  }
  void end(mapi::Direction direction) override { inner_->end(direction); }
  void abort_deferred(const mapi::EntryId& entry, bool is_gone) override {
    inner_->abort_deferred(entry, is_gone);
  }
  mapi::Code flush_queues(mapi::Direction direction) override {
    return inner_->flush_queues(direction);
  }
  void end_flush(mapi::Direction direction) override { inner_->end_flush(direction); }
  std::optional<mapi::InboundMessage> start_message() override { return inner_->start_message(); }
  void inbound_stored() override { inner_->inbound_stored(); }
  void transport_logoff() override { inner_->transport_logoff(); }

 private:
  std::unique_ptr<mapi::XPLogon> inner_;
  DyingPoints& points_;
};

}  // namespace

std::unique_ptr<mapi::XPLogon> DyingTransport::transport_logon(mapi::TransportSupport& support) {
  return std::make_unique<DyingLogon>(inner_.transport_logon(support), points_);
}

}  // namespace postern::kill
