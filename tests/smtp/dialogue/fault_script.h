// What the tests of the fault script share: each script is played whole, octet by octet, cut at
// random places, and over TLS; in lock-step, pipelined and in chunks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/smtp/support/scripted_server.h"

namespace postern::smtp::test {

extern const TextSource letter;
extern const std::vector<std::string> five;   ///< recipients
extern const std::vector<std::string> three;  ///< the first of them

/// Runs the check with the octets whole, one by one, cut at 60 random sets of places, and over the
/// network and TLS.
void each_cut(const std::vector<Script>& scripts, const std::vector<std::string>& recipients,
              const std::function<void(const Played&)>& check, RunOptions options = {});
/// The same without PIPELINING, with it, and in chunks.
void each_way(const Script& script, const std::vector<std::string>& recipients,
              const std::function<void(const Played&)>& check);

Script script(std::vector<Rule> rules);
/// With CHUNKING offered.
Script chunked(std::vector<Rule> rules);

/// `chunked`: what it may be as well in chunks, where the content has perhaps left before RCPT is
/// answered.
void expect_verdicts(const std::vector<Rule>& rules, const std::vector<std::string>& recipients,
                     const std::string& verdicts, const std::string& chunked = {});

}  // namespace postern::smtp::test
