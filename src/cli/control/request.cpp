#include "cli/control/request.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/output/time_text.h"
#include "mapi/error.h"
#include "mapi/property_tags.h"

namespace postern::cli {
namespace {

using nlohmann::ordered_json;

std::string_view state_name(std::int32_t status) {
  if ((status & mapi::STATUS_FAILURE) != 0) return "failed";
  if ((status & mapi::STATUS_OFFLINE) != 0) return "offline";
  return "available";
}

ordered_json view_of(const mapi::PropertyBag& row) {
  const auto status = row.get_or(mapi::PR_STATUS_CODE, 0);
  ordered_json view{{"name", std::string(row.get_or(mapi::PR_DISPLAY_NAME, ""))},
                    {"state", state_name(status)},
                    {"sending", (status & mapi::STATUS_OUTBOUND_ACTIVE) != 0},
                    {"flushing", (status & mapi::STATUS_OUTBOUND_FLUSH) != 0}};
  const auto reason = row.get_or(mapi::PR_STATUS_STRING, "");
  if (!reason.empty()) view["reason"] = std::string(reason);
  if (const auto until = row.get(mapi::PR_POSTERN_NEXT_ATTEMPT)) view["until"] = iso_time(*until);
  return view;
}

ordered_json answer_status(std::string_view, const SpoolerControl& control) {
  ordered_json answer{{"spooler", nullptr},
                      {"transports", ordered_json::array()},
                      {"routes", ordered_json::array()}};
  for (const auto& row : control.status()) {
    if (row.get(mapi::PR_RESOURCE_TYPE) == mapi::MAPI_SPOOLER) {
      answer["spooler"] = view_of(row);
    } else {
      answer["transports"].push_back(view_of(row));
    }
  }
  for (const auto& row : control.routes()) answer["routes"].push_back(view_of(row));
  return answer;
}

ordered_json answer_flush(std::string_view, const SpoolerControl& control) {
  control.flush();
  return {{"done", true}};
}

ordered_json answer_cancel(std::string_view id, const SpoolerControl& control) {
  return {{"done", control.cancel(id)}};
}

struct Request {
  std::string_view name;
  bool has_argument;
  ordered_json (*answer)(std::string_view argument, const SpoolerControl& control);
};
constexpr std::array requests{Request{"status", false, answer_status},
                              Request{"flush", false, answer_flush},
                              Request{"cancel", true, answer_cancel}};

ordered_json error(const std::string& sentence) {
  return {{"error", sentence}};
}

}  // namespace

ordered_json answer_request(std::string_view line, const SpoolerControl& control) {
  line = trim(line);
  const auto blank = line.find(' ');
  const auto name = line.substr(0, blank);
  const auto argument =
      blank == std::string_view::npos ? std::string_view{} : trim(line.substr(blank));
  const auto* request = std::ranges::find(requests, name, &Request::name);
  // What is no request is not repeated: it may be anything.
  if (request == requests.end()) return error("the request is none of status, flush and cancel ID");
  if (request->has_argument == argument.empty()) {
    return error("the request " + std::string(name) +
                 (request->has_argument ? " needs the id of a message" : " takes no argument"));
  }
  try {
    return request->answer(argument, control);
  } catch (const mapi::Failure& failure) {
    return error(failure.what());
  }
}

}  // namespace postern::cli
