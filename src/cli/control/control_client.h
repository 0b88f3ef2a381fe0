// Asks a running `postern spool` through the socket beside its store (control/request.h).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace postern::cli {

/// The answer to one request; nullopt if no spooler listens there. Throws mapi::Failure: with the
/// answer's own sentence if it is an error, MAPI_E_NO_ACCESS if the socket is another user's,
/// MAPI_E_BUSY if there is no answer within ten seconds or none that can be understood.
std::optional<nlohmann::ordered_json> ask_spooler(const std::filesystem::path& store,
                                                  const std::string& request);

}  // namespace postern::cli
