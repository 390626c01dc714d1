#pragma once

#include <quicket/time.hpp>

#include <chrono>

namespace quicket::transports {

// RelayTiming are all the times by which a relay's client lives.
struct RelayTiming {
  // Connecting. A round tries all addresses; each gets a head start on the next (RFC 8305 section 5).
  Duration address_head_start = std::chrono::milliseconds(250);
  Duration handshake_patience = std::chrono::seconds(2);  // doubles with each round that failed, up to
  Duration longest_handshake = std::chrono::seconds(8);
  Duration first_pause = std::chrono::milliseconds(100);  // between rounds; doubles, up to
  Duration longest_pause = std::chrono::seconds(5);
  Duration wrong_certificate_patience = std::chrono::minutes(1);  // with a relay whose certificate was once right
  Duration stable_after = std::chrono::seconds(5);                // a connection that lived so long, and was of use, is
                                                                  // replaced without a pause

  // Registrations.
  double refresh_at = 0.5;                                  // of the granted lease
  Duration answer_deadline = std::chrono::seconds(5);       // of a request that the relay has
  Duration info_deadline = std::chrono::seconds(1);         // of GET /v1/info: only the first Granted waits for it
  Duration retry_pause = std::chrono::seconds(5);           // after a refusal for now, where the relay names no time
  Duration shortest_retry_pause = std::chrono::seconds(1);  // the least that a relay can ask for
  Duration longest_retry_pause = std::chrono::minutes(2);   // the most; both others double with each refusal in a row

  // Noticing that the leg is dead (docs/protocol.md "Registration").
  Duration shortest_silence = std::chrono::milliseconds(250);  // nothing came back though datagrams went out; at least
  int silence_round_trips = 3;
  Duration quiet_after = std::chrono::seconds(1);               // what came in has stopped
  Duration shortest_patience = std::chrono::milliseconds(250);  // no sign of life after a question; at least
  int patience_round_trips = 2;

  Duration question_silence = std::chrono::seconds(2);  // nothing at all came since a request left
  int question_round_trips = 8;                         // at least

  // The HTTP/3 connection.
  Duration keep_alive = std::chrono::seconds(15);  // PING: holds the NAT binding
  Duration idle_timeout = std::chrono::seconds(30);
  Duration linger = std::chrono::seconds(30);         // stays open so long when nothing is registered any more
  Duration close_patience = std::chrono::seconds(1);  // for releasing what is held at the end
};

}  // namespace quicket::transports
