#include "smtp/tls_report/writer.h"

#include <exception>
#include <utility>

#include "base/thread_signals.h"

namespace postern::smtp {

TlsReportWriter::TlsReportWriter(std::string directory, std::string organization,
                                 std::chrono::milliseconds pause)
    : files_(std::move(directory), std::move(organization)),
      pause_(pause),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

TlsReportWriter::~TlsReportWriter() {
  thread_.request_stop();
  thread_.join();
  write();
}

void TlsReportWriter::run(const std::stop_token& stop) {
  block_signals();
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    end_.wait_for(lock, stop, pause_, [] { return false; });
    write();
  }
}

void TlsReportWriter::write() {
  try {
    files_.add(report_.take());
  } catch (const std::exception&) {  // statistics: no mail is the worse for their loss
    return;
  }
}

}  // namespace postern::smtp
