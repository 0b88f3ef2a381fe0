#include "tests/kill/points.h"

#include <algorithm>
#include <array>
#include <vector>

namespace postern::kill {
namespace {

struct NamedCall {
  Call call;
  Role role;
  std::string_view name;
};
constexpr std::array calls{
    NamedCall{Call::spooler_logon, Role::spooler, "spooler_logon"},
    NamedCall{Call::claim, Role::spooler, "claim"},
    NamedCall{Call::next_due, Role::spooler, "next_due"},
    NamedCall{Call::open_entry, Role::spooler, "open_entry"},
    NamedCall{Call::save_changes, Role::spooler, "save_changes"},
    NamedCall{Call::create_report, Role::spooler, "create_report"},
    NamedCall{Call::notify_new_mail, Role::spooler, "notify_new_mail"},
    NamedCall{Call::set_lock_state, Role::spooler, "set_lock_state"},
    NamedCall{Call::save_and_finish, Role::spooler, "save_and_finish"},
    NamedCall{Call::do_sent_mail, Role::spooler, "do_sent_mail"},
    NamedCall{Call::begin_outbound, Role::spooler, "begin_outbound"},
    NamedCall{Call::sender, Role::spooler, "sender"},
    NamedCall{Call::submit_message, Role::spooler, "submit_message"},
    NamedCall{Call::run, Role::spooler, "run"},
    NamedCall{Call::status_recips, Role::spooler, "status_recips"},
    NamedCall{Call::done, Role::spooler, "done"},
    NamedCall{Call::end_message, Role::spooler, "end_message"},
    NamedCall{Call::logon, Role::submitter, "logon"},
    NamedCall{Call::submit, Role::submitter, "submit"},
    NamedCall{Call::create_message, Role::submitter, "create_message"},
    NamedCall{Call::submit_draft, Role::submitter, "submit_draft"},
    NamedCall{Call::prepare_submit, Role::submitter, "prepare_submit"},
    NamedCall{Call::expand_recips, Role::submitter, "expand_recips"},
    NamedCall{Call::read_content, Role::submitter, "read_content"},
};
constexpr std::array sides{std::string_view("before-"), std::string_view("behind-")};

std::vector<Point> make_points(Role role) {
  std::vector<Point> points;
  for (const auto& named : calls) {
    if (named.role != role) continue;
    points.push_back({named.call, Side::before});
    points.push_back({named.call, Side::behind});
  }
  return points;
}

}  // namespace

std::span<const Point> points_of(Role role) {
  static const auto spooler = make_points(Role::spooler);
  static const auto submitter = make_points(Role::submitter);
  return role == Role::spooler ? spooler : submitter;
}

std::string name_of(Point point) {
  const auto* const named = std::ranges::find(calls, point.call, &NamedCall::call);
  return std::string(sides.at(static_cast<std::size_t>(point.side))) + std::string(named->name);
}

std::optional<Point> point_named(std::string_view name) {
  for (const auto role : {Role::spooler, Role::submitter}) {
    for (const auto point : points_of(role)) {
      if (name_of(point) == name) return point;
    }
  }
  return std::nullopt;
}

}  // namespace postern::kill
