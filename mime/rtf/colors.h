// The colour table of an RTF text.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace postern::mime {

struct RtfColor {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
};

class RtfColors {
 public:
  void set_red(int value) { pending().red = component(value); }
  void set_green(int value) { pending().green = component(value); }
  void set_blue(int value) { pending().blue = component(value); }
  /// The semicolon behind an entry; one without components is the reader's own colour.
  void end_entry();

  /// nullopt for the reader's own colour and for numbers that the table has not.
  [[nodiscard]] std::optional<RtfColor> color(int number) const;

 private:
  static std::uint8_t component(int value);
  RtfColor& pending();

  std::vector<std::optional<RtfColor>> colors_;
  std::optional<RtfColor> pending_;
};

}  // namespace postern::mime
