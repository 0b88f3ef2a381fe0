#include "mapi/loss.h"

#include <algorithm>
#include <array>

#include "mapi/property_tags.h"

namespace postern::mapi {
namespace {

constexpr std::array<std::string_view, 4> kind_names{"dropped", "substituted", "guessed",
                                                     "damaged"};

std::string named(std::string_view what, std::string_view name) {
  return std::string(what) + " '" + std::string(name) + "'";
}

// A line is kind, part and sentence, with tabs between them.
constexpr char separator = '\t';
constexpr std::size_t most_losses = 100;
constexpr std::size_t longest_text = 500;  ///< of a part or a sentence, in octets
constexpr std::string_view many_more = "more was lost than is said here";

/// The octets that continue a character of UTF-8.
bool continues_character(char octet) {
  return (static_cast<unsigned char>(octet) & 0xC0U) == 0x80;
}

std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && continues_character(text[most])) --most;
  return std::string(text.substr(0, most)) + "…";
}

/// On one line, and not too long.
std::string entry(std::string_view text) {
  auto result = cut(text, longest_text);
  std::ranges::replace_if(
      result, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; }, ' ');
  return result;
}

std::string_view take_until(std::string_view& text, char end) {
  const auto taken = text.substr(0, text.find(end));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

Loss parse_line(std::string_view line) {
  const auto* const kind = std::ranges::find(kind_names, take_until(line, separator));
  const auto index = kind == kind_names.end() ? 0 : std::distance(kind_names.begin(), kind);
  const auto part = take_until(line, separator);
  return {static_cast<LossKind>(index), std::string(part), std::string(line)};
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

std::string in_attached_message(std::string_view subject) {
  constexpr std::size_t longest_subject = 80;
  return "in the " + named("attached message", cut(subject, longest_subject)) + ": ";
}

void place_in_attached_message(std::span<Loss> losses, std::string_view subject) {
  const auto where = in_attached_message(subject);
  for (auto& loss : losses) {
    loss.part.insert(0, where);
    loss.sentence.insert(0, where);
  }
}

void LossList::add(Loss loss) {
  if (losses_.size() < most_losses) {
    losses_.push_back(std::move(loss));
  } else {
    ++left_out_;
  }
}

std::vector<Loss> LossList::take(LossKind kind, std::string_view more) {
  if (left_out_ > 0) {
    losses_.push_back(
        {kind, whole_message, "and " + std::to_string(left_out_) + ' ' + std::string(more)});
  }
  return std::move(losses_);
}

void keep_losses(PropertyBag& message, const std::vector<Loss>& losses) {
  auto kept = kept_losses(message);
  const Loss last{LossKind::dropped, whole_message, std::string(many_more)};
  for (const auto& loss : losses) {
    const Loss added{loss.kind, entry(loss.part), entry(loss.sentence)};
    if (kept.size() > most_losses || std::ranges::find(kept, added) != kept.end()) continue;
    kept.push_back(kept.size() < most_losses ? added : last);
  }
  std::string text;
  for (const auto& loss : kept) {
    text.append(name(loss.kind)).append(1, separator);
    text.append(loss.part).append(1, separator).append(loss.sentence).append(1, '\n');
  }
  if (!text.empty()) message.set(PR_POSTERN_LOSSES, std::move(text));
}

std::vector<Loss> kept_losses(const PropertyBag& message) {
  std::vector<Loss> losses;
  auto text = message.get_or(PR_POSTERN_LOSSES, "");
  while (!text.empty()) losses.push_back(parse_line(take_until(text, '\n')));
  return losses;
}

}  // namespace postern::mapi
