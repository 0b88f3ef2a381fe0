// OLE objects under test: compound files, and what lies in their streams.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace postern::mime {

/// A compound file of streams, by libgsf.
std::string compound_file(const std::map<std::string, std::string>& streams);

/// Little-endian.
std::string number(std::uint32_t value);

/// \x02OlePres000: a picture in a clipboard format.
std::string presentation(std::uint32_t format, const std::string& data,
                         const std::string& device = "");

}  // namespace postern::mime
