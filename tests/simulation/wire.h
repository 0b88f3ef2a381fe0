// One simulated connection: what the server has said arrives in its order and after its time, and
// whatever the client writes the server has at once.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "smtp/io/socket_stream.h"
#include "tests/simulation/time/agenda.h"

namespace postern::simulation {

class Wire : public std::enable_shared_from_this<Wire> {
 public:
  Wire(Agenda& agenda, std::size_t window);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // The server's end.

  /// What takes the client's octets.
  void on_octets(std::function<void(std::string_view)> receiver) {
    receiver_ = std::move(receiver);
  }
  /// Called when the client has taken a reply; `with_garbage`: and garbage with it.
  using Read = std::function<void(bool with_garbage)>;
  /// Arrives after so long, behind what was said before.
  void say(std::string octets, Span delay, Read read = {});
  /// The same, and of what comes behind it nobody can tell to what it is an answer: it is never
  /// read.
  void say_garbage(std::string octets, Span delay);
  /// The connection ends behind what was said.
  void end(Span delay);
  /// It ends now, and what is on its way is lost.
  void cut();
  /// Time stops there, so that the client sees that nothing has come.
  void look_after(Span span);
  [[nodiscard]] bool is_open() const { return !is_closed_; }

  // The client's end.

  smtp::StreamResult read(std::span<char> into);
  smtp::StreamResult write(std::string_view octets);
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  struct Mark {
    std::uint64_t end;  ///< in all that is said
    Read read;
  };

  void arrive_after(Span delay, std::function<void(Wire&)> what);
  void signal();
  void take_signal();

  Agenda& agenda_;
  std::size_t window_;  ///< octets that one write takes at most
  int descriptor_;      ///< readable while there is something to be read, for Asio to watch
  bool is_signalled_ = false;
  std::function<void(std::string_view)> receiver_;
  std::string arrived_;
  std::uint64_t said_ = 0;
  std::uint64_t read_ = 0;
  std::deque<Mark> marks_;
  std::optional<std::uint64_t> garbage_;  ///< begins there
  std::size_t on_their_way_ = 0;
  Moment last_arrival_{};
  bool is_closed_ = false;
};

/// As the SMTP engine sees it.
class WireStream final : public smtp::SocketStream {
 public:
  explicit WireStream(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}
  ~WireStream() override { wire_->cut(); }
  WireStream(const WireStream&) = delete;
  WireStream& operator=(const WireStream&) = delete;

  smtp::StreamResult read(std::span<char> into) override { return wire_->read(into); }
  smtp::StreamResult write(std::string_view octets) override { return wire_->write(octets); }
  [[nodiscard]] int socket() const override { return wire_->descriptor(); }

 private:
  std::shared_ptr<Wire> wire_;
};

}  // namespace postern::simulation
