// Preambles and epilogues of a multipart without their 8-bit octets.
#pragma once

#include <string>
#include <string_view>

namespace postern::smtp {

/// For preamble and epilogue, which no reader shows: appends the octets with '?' for each 8-bit
/// one. The first hyphen of a line that had any is replaced too, so that the line cannot become a
/// delimiter.
void append_replacing_8bit(std::string_view octets, std::string& out);

}  // namespace postern::smtp
