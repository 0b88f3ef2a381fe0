#include "bench/sink/sink_dialogue.h"

#include <algorithm>
#include <charconv>
#include <strings.h>
#include <utility>

namespace postern::bench {
namespace {

constexpr std::size_t longest_line = 4096;

constexpr std::string_view ok = "250 2.0.0 ok\r\n";
constexpr std::string_view bad_sequence = "503 5.5.1 bad sequence of commands\r\n";
constexpr std::string_view bad_arguments = "501 5.5.4 bad arguments\r\n";

/// Takes the front word off `rest`.
std::string_view take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

bool same_word(std::string_view word, std::string_view upper) {
  return word.size() == upper.size() && ::strncasecmp(word.data(), upper.data(), word.size()) == 0;
}

}  // namespace

struct SinkDialogue::SinkCommand {
  std::string_view verb;
  void (SinkDialogue::*obey)(std::string_view rest, std::string& replies);
};

const SinkDialogue::SinkCommand SinkDialogue::commands[] = {
    {"MAIL", &SinkDialogue::mail}, {"RCPT", &SinkDialogue::rcpt},
    {"DATA", &SinkDialogue::data}, {"BDAT", &SinkDialogue::bdat},
    {"RSET", &SinkDialogue::rset}, {"NOOP", &SinkDialogue::noop},
    {"EHLO", &SinkDialogue::ehlo}, {"HELO", &SinkDialogue::helo},
    {"QUIT", &SinkDialogue::quit}, {"STARTTLS", &SinkDialogue::start_tls},
};

SinkDialogue::SinkDialogue(bool offers_tls, std::string& replies) : offers_tls_(offers_tls) {
  replies += "220 fast-sink.test ESMTP\r\n";
}

SinkDialogue::State SinkDialogue::take(std::string_view octets, std::string& replies) {
  if (state_ == State::start_tls) state_ = State::open;
  while (!octets.empty() && state_ == State::open) {
    if (content_) {
      octets = take_content(octets, replies);
    } else if (chunk_) {
      octets = take_chunk(octets, replies);
    } else {
      octets = take_line(octets, replies);
    }
  }
  return state_;
}

SinkDialogue::Count SinkDialogue::take_count() {
  return std::exchange(count_, Count{});
}

std::string_view SinkDialogue::take_line(std::string_view octets, std::string& replies) {
  const std::size_t end = octets.find('\n');
  std::string_view line = octets.substr(0, end);
  if (line_.size() + line.size() > longest_line) {
    replies += "500 5.5.6 line too long\r\n";
    state_ = State::closed;
    return {};
  }
  if (end == std::string_view::npos) {
    line_ += line;
    return {};
  }
  if (!line_.empty()) line = line_ += line;
  if (line.ends_with('\r')) line.remove_suffix(1);
  obey(line, replies);
  line_.clear();
  return octets.substr(end + 1);
}

std::string_view SinkDialogue::take_content(std::string_view octets, std::string& replies) {
  octets.remove_prefix(content_->take(octets));
  if (content_->finished()) {
    octets_ = content_->octets();
    end_message(replies);
  }
  return octets;
}

std::string_view SinkDialogue::take_chunk(std::string_view octets, std::string& replies) {
  const auto taken = std::min<std::uint64_t>(chunk_->left, octets.size());
  chunk_->left -= taken;
  octets_ += taken;
  if (chunk_->left == 0) end_chunk(replies);
  return octets.substr(taken);
}

void SinkDialogue::end_chunk(std::string& replies) {
  const Chunk chunk = *std::exchange(chunk_, std::nullopt);
  if (!chunk.wanted) {
    octets_ = 0;
    replies += bad_sequence;
  } else if (chunk.last) {
    end_message(replies);
  } else {
    replies += ok;
  }
}

void SinkDialogue::end_message(std::string& replies) {
  ++count_.messages;
  count_.octets += octets_;
  reset();
  replies += ok;
}

void SinkDialogue::reset() {
  has_sender_ = has_recipient_ = chunked_ = false;
  octets_ = 0;
  content_.reset();
}

void SinkDialogue::obey(std::string_view line, std::string& replies) {
  const std::string_view verb = take_word(line);
  for (const SinkCommand& command : commands) {
    if (same_word(verb, command.verb)) return (this->*command.obey)(line, replies);
  }
  replies += "500 5.5.1 unknown command\r\n";
}

void SinkDialogue::ehlo(std::string_view, std::string& replies) {
  reset();
  replies +=
      "250-fast-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE\r\n250-CHUNKING\r\n"
      "250-DSN\r\n250-SMTPUTF8\r\n";
  if (offers_tls_) replies += "250-STARTTLS\r\n";
  replies += "250 ENHANCEDSTATUSCODES\r\n";
}

void SinkDialogue::helo(std::string_view, std::string& replies) {
  reset();
  replies += "250 fast-sink.test\r\n";
}

void SinkDialogue::mail(std::string_view, std::string& replies) {
  if (has_sender_) {
    replies += bad_sequence;
    return;
  }
  has_sender_ = true;
  replies += ok;
}

void SinkDialogue::rcpt(std::string_view, std::string& replies) {
  if (!has_sender_ || chunked_) {
    replies += bad_sequence;
    return;
  }
  has_recipient_ = true;
  replies += ok;
}

void SinkDialogue::data(std::string_view, std::string& replies) {
  if (!has_recipient_ || chunked_) {
    replies += bad_sequence;
    return;
  }
  content_.emplace();
  replies += "354 go on\r\n";
}

void SinkDialogue::bdat(std::string_view rest, std::string& replies) {
  const std::string_view size = take_word(rest);
  Chunk chunk{.last = same_word(rest, "LAST"), .wanted = has_recipient_};
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), chunk.left);
  if (error != std::errc{} || end != size.data() + size.size() || !(chunk.last || rest.empty())) {
    // Where the chunk ends and the next command begins is not known.
    replies += bad_arguments;
    state_ = State::closed;
    return;
  }
  chunked_ = chunk.wanted;
  chunk_ = chunk;
  if (chunk.left == 0) end_chunk(replies);
}

void SinkDialogue::rset(std::string_view, std::string& replies) {
  reset();
  replies += ok;
}

void SinkDialogue::noop(std::string_view, std::string& replies) {
  replies += ok;
}

void SinkDialogue::start_tls(std::string_view, std::string& replies) {
  if (!offers_tls_) {
    replies += "502 5.5.1 no TLS here\r\n";
    return;
  }
  reset();
  offers_tls_ = false;
  state_ = State::start_tls;
  replies += "220 2.0.0 go on\r\n";
}

void SinkDialogue::quit(std::string_view, std::string& replies) {
  state_ = State::closed;
  replies += "221 2.0.0 bye\r\n";
}

}  // namespace postern::bench
