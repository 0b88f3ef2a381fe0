#include "tests/smtp/dialogue/fault_script.h"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/smtp/support/letter.h"
#include "tests/smtp/support/tls_play.h"

namespace postern::smtp::test {
namespace {

const char* const lock_step = "250-mx.example\r\n250-SIZE\r\n250 8BITMIME\r\n";
const char* const chunking =
    "250-mx.example\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n250 CHUNKING\r\n";
}  // namespace

const std::vector<std::string> five{"a@x.example", "b@x.example", "c@x.example", "d@x.example",
                                    "e@x.example"};
const std::vector<std::string> three{five.begin(), five.begin() + 3};

void each_cut(const std::vector<Script>& scripts, const std::vector<std::string>& recipients,
              const std::function<void(const Played&)>& check, RunOptions options) {
  for (std::uint32_t seed = 0; seed < 62; ++seed) {
    SCOPED_TRACE("cut " + std::to_string(seed));
    options.cut = {seed};
    check(carry(scripts, envelope_to(recipients), letter, options));
    if (testing::Test::HasFailure()) return;
  }
  // A new link has sent no message yet, and LMTP has no smtps://.
  if (options.used_link || scripts.front().lmtp) return;
  SCOPED_TRACE("over TLS");
  check(carry_over_tls(scripts, envelope_to(recipients), letter));
}

namespace {

/// The script for a server with CHUNKING; nullopt if it tells how DATA is answered.
std::optional<Script> in_chunks(Script script) {
  script.ehlo = chunking;
  for (Rule& rule : script.rules) {
    if (rule.when == "DATA" || rule.when == "354") return std::nullopt;
    if (rule.when == ".") rule.when = "BDAT";
  }
  return script;
}

}  // namespace

void each_way(const Script& script, const std::vector<std::string>& recipients,
              const std::function<void(const Played&)>& check) {
  Script slow = script;
  slow.ehlo = lock_step;
  {
    SCOPED_TRACE("lock-step");
    each_cut({slow}, recipients, check);
  }
  {
    SCOPED_TRACE("pipelined");
    each_cut({script}, recipients, check);
  }
  if (const auto chunked = in_chunks(script)) {
    SCOPED_TRACE("chunked");
    each_cut({*chunked}, recipients, check);
  }
}

Script script(std::vector<Rule> rules) {
  Script script;
  script.rules = std::move(rules);
  return script;
}

void expect_verdicts(const std::vector<Rule>& rules, const std::vector<std::string>& recipients,
                     const std::string& verdicts, const std::string& chunked) {
  each_way(script(rules), recipients, [&](const Played& run) {
    if (run.in_chunks && !chunked.empty()) {
      EXPECT_THAT(run.verdicts(), testing::AnyOf(verdicts, chunked));
    } else {
      EXPECT_EQ(run.verdicts(), verdicts);
    }
  });
}

Script chunked(std::vector<Rule> rules) {
  Script made = script(std::move(rules));
  made.ehlo = chunking;
  return made;
}

}  // namespace postern::smtp::test
