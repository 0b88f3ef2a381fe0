// Fuzzes the reader of returned reports (mime/read_report.h). The first octet of an input says how
// its blocks are cut, the rest is the mail. Asserted of every report: all text is one line of UTF-8
// without control characters, what is no report has no recipients, and nothing depends on the cuts.
//
//   cmake --preset asan -DPOSTERN_FUZZ=ON && cmake --build --preset asan --target report_fuzz
//   mkdir -p corpus && build-asan/tests/fuzz/report_fuzz -dict=tests/fuzz/report.dict \
//     -max_len=8192 -max_total_time=600 corpus ../shared/corpus/dsn
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "base/text.h"
#include "mime/read_report.h"

using namespace postern;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

/// Gives at most so many octets with each read.
class CutReader final : public OctetReader {
 public:
  CutReader(std::string_view text, std::size_t cut) : rest_(text), cut_(cut) {}
  std::size_t read(std::span<std::byte> into) override {
    const auto count = std::min({rest_.size(), into.size(), cut_});
    if (count > 0) std::memcpy(into.data(), rest_.data(), count);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
  std::size_t cut_;
};

std::string checked(std::string_view text) {
  demand(is_utf8(text));
  demand(std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\t'; }));
  return std::string(text) + '\n';
}

/// All that the report says, a line each.
std::string said(std::string_view mail, std::size_t cut) {
  const auto report = mime::read_report(std::make_unique<CutReader>(mail, cut));
  demand(report.kind != mapi::ReturnedKind::none ||
         (report.recipients.empty() && report.original_message_id.empty()));
  auto text = std::to_string(static_cast<int>(report.kind)) + checked(report.message_id) +
              checked(report.envelope_id) + checked(report.original_message_id) +
              checked(report.reporting_mta) + checked(report.disposition) +
              checked(report.feedback_type);
  for (const auto& row : report.recipients) {
    text += checked(row.address) + checked(row.original_address) + checked(row.action) +
            checked(row.status.text()) + checked(row.diagnostic) + checked(row.remote_host) +
            checked(row.supplementary_info);
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view mail(reinterpret_cast<const char*>(data) + 1, size - 1);
  demand(said(mail, size) == said(mail, 1U + data[0]));
  return 0;
}
