// What a message loses, or has to leave to a guess, on its way from one form into another.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mapi/property_bag.h"

#pragma GCC visibility push(default)
namespace postern::mapi {

enum class LossKind {
  dropped,      ///< what the message says is not sent
  substituted,  ///< something else stands in its place
  guessed,      ///< decided without a declaration, or against one
  damaged       ///< what the message is read from is damaged there
};

/// "dropped", "substituted", "guessed", "damaged".
std::string_view name(LossKind kind);

/// `part`, which part of the message it is about, is one of
///
///     message               the whole, or its properties
///     header NAME           a field of its header
///     body                  its text, formatted or not
///     recipient WHICH       a name in apostrophes; in a damaged file a number, from 1
///     attachment WHICH      likewise
///     calendar              what it says of an appointment
///
/// and, for what lies in an attached message, "in the attached message 'SUBJECT': " in front, or
/// "attachment NUMBER: " where a file is read. Names are the message's own, on one line.
struct Loss {
  LossKind kind = LossKind::dropped;
  std::string part;
  std::string sentence;  ///< for the user, who need not know the form that is written

  friend bool operator==(const Loss&, const Loss&) = default;
};

/// The parts that have names.
inline constexpr auto whole_message = "message";
inline constexpr auto body_part = "body";
inline constexpr auto calendar_part = "calendar";
std::string header_part(std::string_view field);
std::string recipient_part(std::string_view name);
std::string attachment_part(std::string_view name);
/// In front of the part and of the sentence; a long subject is cut.
std::string in_attached_message(std::string_view subject);
/// Puts it in front of those of each.
void place_in_attached_message(std::span<Loss> losses, std::string_view subject);

/// The first 100 losses, and the number of the others: a hostile message may have a million.
class LossList {
 public:
  void add(Loss loss);
  [[nodiscard]] std::size_t size() const { return losses_.size(); }
  /// Those from this one on, as they are now.
  [[nodiscard]] std::span<Loss> since(std::size_t first) {
    return std::span(losses_).subspan(first);
  }
  /// All of them; if there were more, one says so at the end: "and 3 `more`".
  std::vector<Loss> take(LossKind kind, std::string_view more);

 private:
  std::vector<Loss> losses_;
  std::size_t left_out_ = 0;
};

/// Keeps them with the message (PR_POSTERN_LOSSES) beside those that are kept already: each once,
/// since a message is composed at each attempt; a hundred, and that there were more.
void keep_losses(PropertyBag& message, const std::vector<Loss>& losses);
std::vector<Loss> kept_losses(const PropertyBag& message);

}  // namespace postern::mapi
#pragma GCC visibility pop
