// A store's support within whose calls, which come before the store's commit, the process may die.
#pragma once

#include "session/store_support.h"
#include "tests/kill/helper/dying_points.h"

namespace postern::kill {

class DyingSupport final : public mapi::StoreSupport {
 public:
  /// `points` must outlive it.
  explicit DyingSupport(DyingPoints& points) : points_(points) {}

  void prepare_submit(mapi::Message& message) override {
    points_.around(Call::prepare_submit, [&] { inner_.prepare_submit(message); });
  }
  ExpandResult expand_recips(mapi::Message& message, const mapi::OwnRecipients* own) override {
    return points_.around(Call::expand_recips, [&] { return inner_.expand_recips(message, own); });
  }
  SentMail do_sent_mail(mapi::Message& message) override {
    return points_.around(Call::do_sent_mail, [&] { return inner_.do_sent_mail(message); });
  }

 private:
  DyingPoints& points_;
  session::DefaultStoreSupport inner_;
};

}  // namespace postern::kill
