#include "transports/relay/leg.hpp"

#include "core/base/encoding.hpp"
#include "transports/relay/request.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <variant>

namespace quicket::transports {

namespace {

RelayPin pin_of(const quic::PeerCertificate& certificate) {
  const quic::Digest digest = certificate.spki_sha256();
  RelayPin pin;
  std::copy_n(digest.begin(), pin.size(), pin.begin());
  return pin;
}

// in_seconds gives "2.0 s".
std::string in_seconds(Duration duration) {
  std::array<char, 32> text{};
  const double seconds = std::chrono::duration<double>(duration).count();
  const int size = std::snprintf(text.data(), text.size(), "%.1f s", seconds);
  return std::string(text.data(), static_cast<std::size_t>(std::clamp(size, 0, static_cast<int>(text.size()) - 1)));
}

}  // namespace

Result<std::unique_ptr<RelayLeg>> RelayLeg::connect(const RelayTarget& target, const RelayClientConfig& config,
                                                    const Address& remote, Duration patience, TimePoint now) {
  auto shown = std::make_shared<Shown>();
  Http3ClientConfig http{.server_name = target.server_name(), .limits = config.limits};
  http.verify = [shown, pins = target.pins,
                 host = target.host](const quic::PeerCertificate& certificate) -> Result<void> {
    shown->pin = pin_of(certificate);
    const bool is_trusted =
        pins.empty() ? certificate.check_web_pki(host).has_value() : std::ranges::find(pins, *shown->pin) != pins.end();
    shown->refused = !is_trusted;
    if (!is_trusted) return Errc::kRelayPinMismatch;
    return {};
  };
  http.idle_timeout = config.timing.idle_timeout;
  http.handshake_timeout = patience;
  http.keep_alive = config.timing.keep_alive;
  http.qlog = config.qlog;
  http.key_log = config.key_log;
  auto client = Http3Client::create(std::move(http), {.local = Address(), .remote = remote}, now);
  if (!client) return client.error();
  return std::unique_ptr<RelayLeg>(new RelayLeg(target, std::move(shown), std::move(*client), now));
}

RelayLeg::RelayLeg(const RelayTarget& target, std::shared_ptr<Shown> shown, std::unique_ptr<Http3Client> http,
                   TimePoint now)
    : target_(target), shown_(std::move(shown)), http_(std::move(http)), since_(now) {}

std::optional<Http3Client::Event> RelayLeg::poll() {
  while (auto event = http_->poll()) {
    if (const auto* issued = std::get_if<quic::ConnectionIdIssued>(&*event)) {
      ids_.insert(issued->id);
    } else if (const auto* retired = std::get_if<quic::ConnectionIdRetired>(&*event)) {
      ids_.erase(retired->id);
    } else {
      return event;
    }
  }
  return std::nullopt;
}

Failure RelayLeg::explain(const quic::CloseReason& reason, TimePoint now) const {
  using Kind = quic::CloseReason::Kind;
  if (shown_->refused) return explain_refusal();
  const std::string relay = "relay " + remote().to_string();
  switch (reason.kind) {
    case Kind::kHandshake:
      return {Errc::kRelayUnreachable, relay + " does not answer on UDP (" +
                                           std::to_string(http_->statistics().packets_sent) + " tries, " +
                                           in_seconds(now - since_) + ")"};
    case Kind::kIdle:
      return {Errc::kRelayUnreachable, relay + " went silent"};
    case Kind::kReset:
      return {Errc::kRelayUnreachable, relay + " has restarted"};
    case Kind::kTransport:
    case Kind::kApplication: {
      const std::string said = printable(reason.text);
      return {Errc::kRelayUnreachable, relay + " closed the connection" + (said.empty() ? "" : ": " + said)};
    }
    case Kind::kLocal:
      break;
  }
  return {Errc::kRelayUnreachable,
          relay + ": " + (reason.text.empty() ? reason.error.message() : printable(reason.text))};
}

Failure RelayLeg::explain_refusal() const {
  const std::string relay = "relay " + remote().to_string();
  if (target_.pins.empty()) {
    return {Errc::kRelayPinMismatch, relay + " shows a certificate that nobody vouches for as " + target_.host};
  }
  std::string expected;
  for (const RelayPin& pin : target_.pins) expected += (expected.empty() ? "" : " or ") + base64url(pin);
  return {Errc::kRelayPinMismatch, relay + " shows the pin " + base64url(*shown_->pin) + ", expected is " + expected};
}

}  // namespace quicket::transports
