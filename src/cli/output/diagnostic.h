// What the program says to people on stderr: one line, one sentence.
#pragma once

#include <string>
#include <string_view>

namespace postern::cli {

/// "postern: <sentence>." on stderr. Whatever the text holds, it stays one line and ends as a
/// sentence.
void print_diagnostic(std::string_view sentence);

/// The same about a file, which is put in front unless the sentence names it.
void print_file_diagnostic(std::string_view file, std::string_view sentence);

/// The sentence itself, as `print_file_diagnostic` says it.
std::string file_diagnostic(std::string_view file, std::string_view sentence);

}  // namespace postern::cli
