#pragma once

#include "core/peer/link.hpp"
#include "core/quic/connection.hpp"
#include "tests/core/peer/switchboard.hpp"
#include "tests/core/quic/packet_keys.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace quicket::test {

// Hostile is a peer whose identity is right and whose conduct is not: a QUIC connection with no link on top of it, so
// that its owner says what goes over the control stream and all others, and who can write packets of their own under
// the connection's keys, with frames that no engine would send.
class Hostile final : public Switchboard::Guest {
 public:
  explicit Hostile(Switchboard& board) : board_(board) {}

  PeerId id() const { return identity_.id(); }

  // offer begins a dial and gives the sealed offer; pairing_offer one with this secret. answer takes a victim's.
  Bytes offer(const PeerId& victim);
  Bytes pairing_offer(const PeerId& victim, Bytes secret);
  void answer(ByteView offer, const PeerId& victim);

  quic::Connection& connection() noexcept { return *connection_; }
  // say writes to the control stream, whose end it may be.
  void say(ByteView bytes, bool end = false);
  quic::StreamId control_stream() const { return *control_; }

  // deafen: from now on nothing that arrives reaches the engine, and the engine sends nothing. Packets may be injected.
  void deafen();
  // inject sends a packet of these frames to the victim's ID.
  void inject(const ConnectionId& to, ByteView frames, std::uint8_t first_byte = 0x43);
  // heard counts the datagrams that have arrived since deafen().
  std::size_t heard() const noexcept { return heard_; }

  // Close is the CONNECTION_CLOSE that the victim sent.
  struct Close {
    bool application;
    std::uint64_t code;
    friend bool operator==(const Close&, const Close&) = default;
  };
  std::optional<Close> close() const;

  // Switchboard::Guest
  void receive(ByteView datagram, TimePoint now) override;
  std::optional<TimePoint> deadline() const override;
  void on_deadline(TimePoint now) override;
  void settle(TimePoint now) override;

 private:
  quic::Policy policy(quic::Role role, const PeerId& victim);
  Offer begin(const PeerId& victim);
  void join();

  Switchboard& board_;
  Identity identity_ = Identity::generate(), key_ = Identity::generate();
  std::unique_ptr<quic::Connection> connection_;
  std::optional<quic::StreamId> control_;
  std::string key_log_;
  std::optional<quic::test::PacketKeys> own_keys_, victims_keys_;  // while deaf
  std::uint32_t next_number_ = 100'000;                            // of injected packets: far above the engine's
  std::size_t heard_ = 0;
  std::optional<Close> close_;
};

}  // namespace quicket::test
