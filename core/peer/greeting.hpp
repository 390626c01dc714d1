#pragma once

#include <quicket/error.hpp>

#include "core/peer/control.hpp"
#include "core/peer/pairing.hpp"
#include "core/quic/connection.hpp"

#include <optional>
#include <string>
#include <vector>

namespace quicket {

// is_control_stream: each side's first unidirectional stream is its control stream (RFC 9000 section 2.1).
bool is_control_stream(quic::StreamId id);

// Greeting is how two peers begin: each says HELLO on its control stream, and on first contact proves there that it has
// the pairing offer.
class Greeting {
 public:
  enum class State {
    kWaiting,  // for the other side
    kWelcome,  // it has said HELLO, and proved what it must
    kRefused   // its proof is wrong
  };

  // `early`: our HELLO need not wait for the end of the handshake (an accepter whose offer was sealed).
  Greeting(std::vector<std::string> protocols, bool early, std::optional<Pairing> pairing);

  // say writes our HELLO, once it may go out and the other side's limits let it.
  void say(quic::Connection& connection);
  // read takes what has come on the other side's control stream. Errors: kProtocolViolation, and what was wrong.
  Outcome<> read(quic::Connection& connection);
  // judge looks at what was read. A proof is looked at once, and the first decides: nobody can try two.
  State judge(const quic::Connection& connection);
  // awaits_proof: on first contact, until judge() has seen one.
  bool awaits_proof() const noexcept { return pairing_.has_value(); }
  // protocol is what both sides speak, by the dialer's preference; nothing: none. After kWelcome.
  std::optional<std::string> protocol(quic::Role own) const;

 private:
  std::vector<std::string> protocols_;
  bool early_;
  std::optional<Pairing> pairing_;
  bool said_ = false;
  ControlReader reader_;
  std::optional<Hello> theirs_;
};

}  // namespace quicket
