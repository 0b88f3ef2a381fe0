// A session of the benchmarks' SMTP server, without its socket: octets in, replies out.
//
// It accepts every message, discards it, and counts messages and their octets. It offers the
// extensions that make a client fast (PIPELINING, CHUNKING), 8BITMIME, SIZE, DSN, SMTPUTF8, and
// optionally STARTTLS. It refuses commands out of order with 503 and unknown ones with 500; it
// ignores addresses and parameters. A peer for measurements on loopback, not a server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/sink/dot_reader.h"

namespace postern::bench {

class SinkDialogue {
 public:
  enum class State {
    open,
    start_tls,  ///< 220 was sent: TLS begins; octets after STARTTLS are discarded
    closed,     ///< the last reply was sent
  };
  struct Count {
    std::uint64_t messages = 0;
    std::uint64_t octets = 0;  ///< of the messages' content, without dot-stuffing
  };

  /// Greets.
  SinkDialogue(bool offers_tls, std::string& replies);
  /// Takes all of the octets, cut anywhere, and appends the replies.
  State take(std::string_view octets, std::string& replies);
  /// The count since the start or the last call.
  Count take_count();
  [[nodiscard]] const Count& count() const { return count_; }

 private:
  struct SinkCommand;
  static const SinkCommand commands[];

  std::string_view take_line(std::string_view octets, std::string& replies);
  std::string_view take_content(std::string_view octets, std::string& replies);
  std::string_view take_chunk(std::string_view octets, std::string& replies);
  void obey(std::string_view line, std::string& replies);
  void end_chunk(std::string& replies);
  void end_message(std::string& replies);
  void reset();

  // The commands; each gets the text after its verb.
  void ehlo(std::string_view rest, std::string& replies);
  void helo(std::string_view rest, std::string& replies);
  void mail(std::string_view rest, std::string& replies);
  void rcpt(std::string_view rest, std::string& replies);
  void data(std::string_view rest, std::string& replies);
  void bdat(std::string_view rest, std::string& replies);
  void rset(std::string_view rest, std::string& replies);
  void noop(std::string_view rest, std::string& replies);
  void start_tls(std::string_view rest, std::string& replies);
  void quit(std::string_view rest, std::string& replies);

  /// What BDAT announced.
  struct Chunk {
    std::uint64_t left = 0;
    bool last = false;
    bool wanted = false;  ///< otherwise it is read and refused
  };

  State state_ = State::open;
  bool offers_tls_;
  std::string line_;  ///< the front of a command line whose end has not come
  bool has_sender_ = false;
  bool has_recipient_ = false;
  bool chunked_ = false;  ///< a BDAT was accepted in this transaction
  std::uint64_t octets_ = 0;
  std::optional<DotReader> content_;
  std::optional<Chunk> chunk_;
  Count count_;
};

}  // namespace postern::bench
