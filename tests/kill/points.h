// The instants at which a process may be told to die: before and behind each call that a spooler,
// or who submits, makes of its store and of its transport.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern::kill {

enum class Role { spooler, submitter };

/// What is called.
enum class Call {
  // Of the store, by a spooler.
  spooler_logon,
  claim,
  next_due,
  open_entry,
  save_changes,
  create_report,
  notify_new_mail,
  set_lock_state,
  save_and_finish,
  do_sent_mail,  ///< within save_and_finish, before its commit
  // Of the transport, and of the spooler by the transport.
  begin_outbound,
  sender,
  submit_message,
  run,
  status_recips,
  done,
  end_message,
  // Of the store, by who submits.
  logon,
  submit,
  create_message,
  submit_draft,
  prepare_submit,  ///< within a submission, before its commit
  expand_recips,   ///< the same
  read_content,    ///< of an attachment, while it is submitted
};

enum class Side { before, behind };

struct Point {
  Call call;
  Side side;
  friend auto operator<=>(const Point&, const Point&) = default;
};

/// All that processes of that role cross.
std::span<const Point> points_of(Role role);

/// "before-claim", and back.
std::string name_of(Point point);
std::optional<Point> point_named(std::string_view name);

}  // namespace postern::kill
