// Converts many files at once, on several threads.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "cli/convert/conversion_list.h"
#include "cli/convert/output_file.h"
#include "mapi/loss.h"
#include "mime/compose_options.h"

namespace postern::cli {

struct Converted {
  Conversion conversion;
  std::vector<mapi::Loss> losses;
  std::string error;  ///< empty: the output is there
};

enum class OutputForm { eml, msg };

struct ConverterOptions {
  OutputForm form = OutputForm::eml;
  mime::ComposeOptions compose;
  OutputFile::Existing existing = OutputFile::Existing::keep;
  std::size_t threads = 1;
};

/// Calls `told` with each result in the order of the list, from the calling thread, and `go_on` now
/// and then with the number of those that are done; false ends it behind the files that are being
/// converted. A file that fails stops no other.
void convert_all(const std::vector<Conversion>& conversions, const ConverterOptions& options,
                 const std::function<void(const Converted&)>& told,
                 const std::function<bool(std::size_t done)>& go_on);

}  // namespace postern::cli
