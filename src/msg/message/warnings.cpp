#include "msg/message/warnings.h"

#include <utility>

namespace postern::msg {
namespace {

constexpr std::size_t max_sentences = 100;

}  // namespace

void Warnings::add(std::string sentence) {
  if (sentences_.size() < max_sentences) {
    sentences_.push_back(std::move(sentence));
  } else {
    ++left_out_;
  }
}

std::vector<std::string> Warnings::take() {
  if (left_out_ > 0) {
    sentences_.push_back("and " + std::to_string(left_out_) + " more parts were damaged");
  }
  return std::move(sentences_);
}

}  // namespace postern::msg
