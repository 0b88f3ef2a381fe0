// libFuzzer target: whatever a server sends, the reply parser gives the same replies however the
// octets are cut, holds no more than one reply, and after a refusal returns no reply.
//
//   cmake --preset asan -DPOSTERN_FUZZ=ON && cmake --build --preset asan --target reply_fuzz
//   build-asan/tests/fuzz/reply_fuzz -max_total_time=300
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "smtp/dialogue/capabilities.h"
#include "smtp/dialogue/reply.h"
#include "smtp/dialogue/verdict.h"

using namespace postern;
using namespace postern::smtp;

namespace {

struct Heard {
  std::vector<Reply> replies;
  std::string refusal;
};

Heard hear(std::string_view octets, std::size_t piece) {
  Heard heard;
  ReplyParser parser;
  while (!octets.empty()) {
    std::string_view cut = octets.substr(0, piece);
    octets.remove_prefix(cut.size());
    while (!cut.empty() && parser.refusal().empty()) {
      if (auto reply = parser.parse(cut)) heard.replies.push_back(std::move(*reply));
    }
  }
  heard.refusal = parser.refusal();
  return heard;
}

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const Reply& reply) {
  require(reply.code >= 0 && reply.code <= 999);
  require(reply.text.size() <= ReplyParser::limit);
  require(is_utf8(reply.text));
  require(!has_control(printable(reply.text)) || reply.text.find('\t') != std::string::npos);
  for (const Stage stage : {Stage::greeting, Stage::mail, Stage::rcpt, Stage::data, Stage::end}) {
    const EnhancedStatus status = status_of(stage, reply);
    require(meaning_of(stage, reply) != ReplyMeaning::refused ||
            status.status_class == reply.reply_class());
  }
  static_cast<void>(Capabilities::parse(reply));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Heard whole = hear(octets, octets.size() + 1);
  const Heard pieces = hear(octets, data[0] % 16 + std::size_t{1});
  require(whole.refusal.empty() == pieces.refusal.empty());
  require(whole.replies.size() == pieces.replies.size());
  for (std::size_t index = 0; index < whole.replies.size(); ++index) {
    require(whole.replies[index].code == pieces.replies[index].code);
    require(whole.replies[index].text == pieces.replies[index].text);
    check(whole.replies[index]);
  }
  return 0;
}
