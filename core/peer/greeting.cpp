#include "core/peer/greeting.hpp"

#include <boost/assert.hpp>

#include <utility>

namespace quicket {

namespace {

constexpr quic::StreamId kDialersControl = 2, kAcceptersControl = 3;

}  // namespace

bool is_control_stream(quic::StreamId id) { return id == kDialersControl || id == kAcceptersControl; }

Greeting::Greeting(std::vector<std::string> protocols, bool early, std::optional<Pairing> pairing)
    : protocols_(std::move(protocols)), early_(early), pairing_(std::move(pairing)) {}

void Greeting::say(quic::Connection& connection) {
  if (said_ || !(early_ || connection.is_handshake_completed())) return;
  Hello hello{.protocols = protocols_};
  if (pairing_) {
    const auto exporter = connection.exporter(kPairingExporterLabel, kPairingExporterSize);
    if (!exporter) return;
    hello.pairing_proof = to_bytes(pairing_->proof(*exporter));
  }
  const auto stream = connection.open_stream(quic::Direction::kUnidirectional);
  if (!stream) return;  // not yet: the other side's limits are not known, or allow none
  const Bytes message = encode_hello(hello);
  const auto written = connection.write(*stream, message);
  BOOST_ASSERT(written && *written == message.size());  // far below any send buffer
  said_ = true;
}

Outcome<> Greeting::read(quic::Connection& connection) {
  const quic::StreamId theirs = connection.role() == quic::Role::kClient ? kAcceptersControl : kDialersControl;
  Bytes buffer(4096);
  for (;;) {
    const auto got = connection.read(theirs, buffer);
    if (!got) return {};
    auto hello = reader_.feed(ByteView(buffer).first(got->size));
    if (!hello) return Failure{hello.error(), "malformed control message"};
    if (*hello) theirs_ = std::move(**hello);
    if (got->fin) return Failure{Errc::kProtocolViolation, "control stream closed"};
    if (got->size == 0) return {};
  }
}

Greeting::State Greeting::judge(const quic::Connection& connection) {
  if (!theirs_) return State::kWaiting;
  if (!pairing_) return State::kWelcome;
  if (!said_) return State::kWaiting;  // our own proof needs the secret too
  const auto exporter = connection.exporter(kPairingExporterLabel, kPairingExporterSize);
  const bool is_right = exporter && std::move(*pairing_).take(theirs_->pairing_proof, *exporter);
  pairing_.reset();
  return is_right ? State::kWelcome : State::kRefused;
}

std::optional<std::string> Greeting::protocol(quic::Role own) const {
  return own == quic::Role::kClient ? choose_protocol(protocols_, theirs_->protocols)
                                    : choose_protocol(theirs_->protocols, protocols_);
}

}  // namespace quicket
