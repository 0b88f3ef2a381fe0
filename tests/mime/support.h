// What the tests of this room share: octets of a content, and Python's email package as a second
// opinion.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "mapi/content.h"

namespace postern::mime {

/// Everything the content's reader gives, read in blocks of so many octets.
std::string octets_of(const mapi::Content& content, std::size_t block_size = 4096);
std::string octets_of(mapi::ContentReader& reader, std::size_t block_size = 4096);

/// Runs the Python program with `input` on its standard input; gives what it prints, read as JSON.
/// Throws when Python fails.
nlohmann::json python(std::string_view program, std::string_view input);

/// Text for round trips: ASCII with specials, Latin, Cyrillic, CJK, emoji, blanks; never a control
/// character. Deterministic for a seeded generator.
std::string random_text(std::mt19937& generator, std::size_t longest);

/// Binary content that is the same for the same seed.
std::string random_octets(std::uint32_t seed, std::size_t size);

}  // namespace postern::mime
