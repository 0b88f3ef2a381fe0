// Diagnostics on stderr: one line, one sentence each.
#pragma once

#include <string>
#include <string_view>

namespace postern::cli {

/// Prints "postern: <sentence>." on stderr, always as one line that ends as a sentence.
void print_diagnostic(std::string_view sentence);

/// The same about a file, whose name is put in front unless it is in the sentence.
void print_file_diagnostic(std::string_view file, std::string_view sentence);

/// The sentence as `print_file_diagnostic` prints it.
std::string file_diagnostic(std::string_view file, std::string_view sentence);

}  // namespace postern::cli
