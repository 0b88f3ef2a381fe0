#include "catcher/message.h"

#include <array>
#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace postern::catcher {

namespace {

using Json = nlohmann::ordered_json;

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, sizeof "2000-01-01T00:00:00Z"> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {text.data(), length};
}

Json path_json(const Path& path) {
  Json parameters = Json::object();
  for (const auto& [keyword, value] : path.parameters) {
    parameters[keyword] = value.empty() ? Json() : Json(value);
  }
  return {{"address", path.address}, {"parameters", std::move(parameters)}};
}

}  // namespace

std::string CaughtMessage::content() const {
  if (memory) return *memory;
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream octets;
  if (size != 0) octets << stream.rdbuf();
  if (!stream || !octets) {
    throw std::runtime_error("The caught message " + file.string() + " cannot be read.");
  }
  return std::move(octets).str();
}

std::string to_json(const CaughtMessage& message) {
  Json recipients = Json::array();
  for (const Path& recipient : message.recipients) recipients.push_back(path_json(recipient));
  const Json json = {
      {"number", message.number},
      {"time", rfc3339(message.time)},
      {"client", message.client},
      {"helo", message.helo},
      {"extended", message.extended},
      {"tls", message.tls.empty() ? Json() : Json(message.tls)},
      {"auth_user", message.auth_user.empty() ? Json() : Json(message.auth_user)},
      {"sender", path_json(message.sender)},
      {"recipients", std::move(recipients)},
      {"size", message.size},
      {"file", message.file.empty() ? Json() : Json(message.file.filename().string())},
  };
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace postern::catcher
