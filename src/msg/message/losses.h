// What was damaged or guessed while a file was read.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mapi/loss.h"
#include "msg/compound/format_error.h"

namespace postern::msg {

class Losses {
 public:
  void add(mapi::Loss loss) { losses_.add(std::move(loss)); }
  /// `where`: "attachment 2: recipient 1: "; empty for the message itself.
  void tell(mapi::LossKind kind, const std::string& where, const std::string& sentence);
  /// Runs `read_part`; damage in it is told as that of `what` at `where`.
  template <class ReadPart>
  void attempt(const std::string& where, const std::string& what, ReadPart read_part) {
    try {
      read_part();
    } catch (const TooComplex&) {
      throw;
    } catch (const FormatError& damage) {
      tell(mapi::LossKind::damaged, where, what + " is damaged and left out: " + damage.what());
    }
  }
  /// What was told; the last one says how many more there were.
  [[nodiscard]] std::vector<mapi::Loss> take();

 private:
  mapi::LossList losses_;
};

}  // namespace postern::msg
