#include "relay/server/relay.hpp"

#include "core/base/encoding.hpp"
#include "core/base/hash.hpp"
#include "relay/server/ports.hpp"
#include "relay/server/pump.hpp"

#include <algorithm>
#include <array>

namespace quicket::relay {

namespace {

RelayPin pin_of(const quic::Credentials& credentials) {
  RelayPin pin;
  std::ranges::copy_n(credentials.spki_sha256().begin(), static_cast<std::ptrdiff_t>(pin.size()), pin.begin());
  return pin;
}

std::string new_run() {
  std::array<std::byte, 8> random;
  random_fill(random);
  return hex(random);
}

}  // namespace

EngineConfig Relay::engine_config(RelayOptions& options) {
  EngineConfig config;
  config.credentials = std::move(options.credentials);
  config.reset_secret = std::move(options.reset_secret);
  config.limits = options.limits;
  config.service = std::move(options.service);
  config.forward = options.forward;
  config.max_connections = options.max_connections;
  return config;
}

Outcome<std::unique_ptr<Relay>> Relay::create(boost::asio::any_io_executor executor, RelayOptions options) {
  if (!options.credentials || options.burst == 0) {
    return Failure{make_error_code(boost::system::errc::invalid_argument),
                   "a relay needs credentials, and a burst above 0"};
  }
  const RelayPin pin = pin_of(*options.credentials);
  if (options.service.run.empty()) options.service.run = new_run();
  auto ports = Ports::bind(options.listen, options.udp);
  if (!ports) return ports.error();
  auto pump = Pump::create(std::move(executor), engine_config(options), std::move(*ports), options.burst,
                           std::move(options.on_failure));
  if (!pump) return Failure{pump.error(), "relay: " + pump.error().message()};
  return std::unique_ptr<Relay>(new Relay(std::move(*pump), pin));
}

Relay::Relay(std::shared_ptr<Pump> pump, RelayPin pin)
    : pump_(std::move(pump)), pin_(pin), local_addresses_(pump_->ports().local_addresses()) {}

Relay::~Relay() { stop(); }

Result<void> Relay::start() { return pump_->start(); }
Result<void> Relay::reconfigure(RelayOptions options) {
  if (!options.credentials) return make_error_code(boost::system::errc::invalid_argument);
  const RelayPin pin = pin_of(*options.credentials);
  if (auto done = pump_->reconfigure(engine_config(options)); !done) return done;
  pin_ = pin;
  return {};
}
void Relay::drain(std::function<void()> drained) { pump_->drain(std::move(drained)); }
void Relay::stop() { pump_->stop(); }

bool Relay::is_serving() const noexcept { return pump_->is_running(); }
bool Relay::is_draining() const noexcept { return pump_->engine().is_draining(); }

RelayUrl Relay::url(std::string host, std::uint16_t port) const {
  RelayUrl url;
  url.host = std::move(host);
  url.port = port != 0 ? port : local_addresses_.front().port();
  url.pins = {pin_};
  return url;
}

RelaySnapshot Relay::snapshot() const {
  const Engine& engine = pump_->engine();
  const RouteTable& table = engine.table();
  const MailboxService& mailbox = engine.service().mailbox();
  return {.forwarded = engine.forwarded(),
          .table = table.counters(),
          .service = engine.service().counters(),
          .http3 = engine.server().counters(),
          .mailbox = mailbox.mailboxes().counters(),
          .udp = pump_->ports().counters(),
          .registrations = table.registrations(),
          .sessions = table.sessions(),
          .connection_ids = table.routes().size(),
          .http3_connections = engine.server().connections(),
          .http3_half_open = engine.server().half_open(),
          .mailbox_messages = mailbox.mailboxes().messages(),
          .mailbox_bytes = mailbox.mailboxes().bytes(),
          .mailbox_waiting = mailbox.waiting(),
          .limits = table.limits(),
          .draining = engine.is_draining()};
}

}  // namespace quicket::relay
