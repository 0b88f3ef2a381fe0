// The TLS report of a running engine, and the thread that writes it into files: every minute, and
// at the end. A crash loses the counts since the last write, a full disk those that could not be
// written: they are statistics, for which no mail waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "smtp/tls_report/files.h"
#include "smtp/tls_report/tls_report.h"

namespace postern::smtp {

class TlsReportWriter {
 public:
  static constexpr std::chrono::milliseconds usual_pause{60'000};

  /// As TlsReportFiles.
  TlsReportWriter(std::string directory, std::string organization,
                  std::chrono::milliseconds pause = usual_pause);
  ~TlsReportWriter();
  TlsReportWriter(const TlsReportWriter&) = delete;
  TlsReportWriter& operator=(const TlsReportWriter&) = delete;

  [[nodiscard]] TlsReport& report() { return report_; }

 private:
  void run(const std::stop_token& stop);
  void write();

  TlsReportFiles files_;
  const std::chrono::milliseconds pause_;
  TlsReport report_;
  std::mutex mutex_;
  std::condition_variable_any end_;
  std::jthread thread_;
};

}  // namespace postern::smtp
