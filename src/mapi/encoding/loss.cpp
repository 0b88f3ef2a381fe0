#include "mapi/loss.h"

#include <array>

namespace postern::mapi {
namespace {

constexpr std::array<std::string_view, 4> kind_names{"dropped", "substituted", "guessed",
                                                     "damaged"};

std::string named(std::string_view what, std::string_view name) {
  return std::string(what) + " '" + std::string(name) + "'";
}

}  // namespace

std::string_view name(LossKind kind) {
  return kind_names.at(static_cast<std::size_t>(kind));
}

std::string header_part(std::string_view field) {
  return "header " + std::string(field);
}

std::string recipient_part(std::string_view name) {
  return named("recipient", name);
}

std::string attachment_part(std::string_view name) {
  return named("attachment", name);
}

}  // namespace postern::mapi
