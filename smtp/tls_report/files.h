// TLS reports in files: one for each day (UTC) and policy domain, as it would be sent to the
// domain's owner (RFC 8460 §4.4): `<directory>/2024-02-29/x.example.json`.
//
// Counts are merged into the existing file, so they survive restarts, and several processes may
// share the directory: each file is replaced as a whole, under a lock on the directory. A file that
// is no report is begun anew. Days beyond TlsReport::max_days are deleted. May be used from any
// thread.
#pragma once

#include <optional>
#include <string>

#include "smtp/tls_report/tls_report.h"

namespace postern::smtp {

class TlsReportFiles {
 public:
  /// `directory`: made if missing. `organization`: the reports' organization-name. Throws
  /// std::invalid_argument with one sentence if the directory cannot be used.
  TlsReportFiles(std::string directory, std::string organization);

  /// Throws std::system_error if a file cannot be written; those before it are written then.
  void add(const TlsReport::Days& days) const;
  /// The counts of a file; nullopt if there is no report.
  [[nodiscard]] std::optional<TlsReport::Domain> read(TlsReport::Day day,
                                                      const std::string& domain) const;

 private:
  [[nodiscard]] std::string day_directory(TlsReport::Day day) const;
  [[nodiscard]] std::string file_of(TlsReport::Day day, const std::string& domain) const;
  void add_day(TlsReport::Day day, const TlsReport::Domains& domains) const;
  void forget_old_days() const;

  std::string directory_;
  std::string organization_;
};

}  // namespace postern::smtp
