#include "core/carrier/host_table.hpp"

#include <quicket/offer.hpp>

#include <boost/assert.hpp>

#include <algorithm>

#include "core/carrier/printable.hpp"

namespace quicket {

namespace {

constexpr std::size_t kMaxLine = 1'024;         // bytes of a log line
constexpr std::size_t kMaxFormText = 1 << 20;   // bytes of a text that is looked at
constexpr std::size_t kMaxField = 2'048;        // bytes of a relay request's method, path and content type
constexpr std::size_t kMaxRelayBody = 1 << 20;  // bytes

HostTable& self(void* context) { return *static_cast<HostTable*>(context); }

// fill copies `bytes` into a carrier's buffer: 0 when they fit, else only their size.
int fill(quicket_buffer* buffer, ByteView bytes) {
  buffer->size = bytes.size();
  if (bytes.size() > buffer->capacity || (buffer->data == nullptr && !bytes.empty())) return 1;
  std::copy_n(octets(bytes), bytes.size(), buffer->data);
  return 0;
}

void log(void* context, int level, const char* message) {
  HostTable& host = self(context);
  host.guarded(0, [&] {
    const auto known = static_cast<CarrierLogLevel>(std::clamp(level, 0, 3));
    if (host.services().log && message != nullptr) {
      host.services().log(known, host.carrier(), printable_text(message, kMaxLine));
    }
    return 0;
  });
}

std::int64_t now(void* context) {
  HostTable& host = self(context);
  return host.guarded<std::int64_t>(0, [&] {
    return std::chrono::floor<std::chrono::milliseconds>(host.services().now()).time_since_epoch().count();
  });
}

int to_text(void* context, int form, const std::uint8_t* offer, std::size_t size, quicket_buffer* text) {
  if (text == nullptr) return 1;
  text->size = 0;
  if (offer == nullptr || size > kMaxOffer) return 1;
  return self(context).guarded(1, [&] {
    const ByteView bytes = byte_view(offer, size);
    switch (form) {
      case QUICKET_TEXT_JSON:
        return fill(text, as_bytes(offer_to_json(bytes)));
      case QUICKET_TEXT_URI:
        return fill(text, as_bytes(offer_to_uri(bytes)));
      case QUICKET_TEXT_DIGITS:
        return fill(text, as_bytes(offer_to_digits(bytes)));
      default:
        return 1;
    }
  });
}

int from_text(void* context, const char* text, std::size_t size, quicket_buffer* offer) {
  if (offer == nullptr) return 1;
  offer->size = 0;
  if (text == nullptr || size > kMaxFormText) return 1;
  return self(context).guarded(1, [&] {
    const auto bytes = offer_from_text({text, size});
    return bytes ? fill(offer, *bytes) : 1;
  });
}

int status_of(const error_code& error) {
  if (error == Errc::kCancelled) return QUICKET_CARRIER_CANCELLED;
  if (error == Errc::kHttpDeadline) return QUICKET_CARRIER_DEADLINE;
  return QUICKET_CARRIER_FAILED;
}

}  // namespace

HostTable::HostTable(std::string carrier, HostServices services)
    : carrier_(std::move(carrier)),
      services_(std::move(services)),
      table_{.abi_version = QUICKET_CARRIER_ABI_VERSION,
             .struct_size = sizeof(quicket_host),
             .context = this,
             .log = log,
             .now = now,
             .offer_to_text = to_text,
             .offer_from_text = from_text,
             .relay_request = nullptr,
             .peer = nullptr,
             .relays = nullptr,
             .relay_count = services_.relays.size()} {
  BOOST_ASSERT(services_.now);
  for (const std::string& relay : services_.relays) relays_.push_back(relay.c_str());
  table_.relays = relays_.data();
  if (!services_.peer.empty()) table_.peer = services_.peer.c_str();
  if (services_.relay_request) {
    table_.relay_request = [](void* context, quicket_relay_exchange* exchange) {
      if (exchange == nullptr || exchange->struct_size < sizeof(quicket_relay_exchange))
        return int{QUICKET_CARRIER_FAILED};
      return self(context).guarded(int{QUICKET_CARRIER_FAILED}, [&] { return self(context).relay_request(*exchange); });
    };
  }
}

int HostTable::relay_request(quicket_relay_exchange& exchange) {
  const auto method = bounded_text(exchange.method, kMaxField);
  const auto path = bounded_text(exchange.path, kMaxField);
  const auto type = bounded_text(exchange.content_type, kMaxField);
  const auto relay = bounded_text(exchange.relay, kMaxField);
  const bool bad_body = exchange.body_size > kMaxRelayBody || (exchange.body == nullptr && exchange.body_size > 0);
  if (!method || !path || (!type && exchange.content_type != nullptr) || (!relay && exchange.relay != nullptr) ||
      bad_body)
    return QUICKET_CARRIER_FAILED;

  CarrierRelayRequest request{.method = *method, .path = *path, .content_type = type.value_or("")};
  request.body = to_bytes(byte_view(exchange.body, exchange.body_size));
  request.sign_as_peer = exchange.sign_as_peer != 0;
  request.deadline = TimePoint(std::chrono::milliseconds(exchange.deadline_ms));
  request.relay = relay ? *relay : services_.relays.empty() ? "" : services_.relays.front();
  request.cancel = cancelled_.get_token();
  const auto response = services_.relay_request(request);
  if (!response) return status_of(response.error());
  exchange.status = response->status;
  return fill(&exchange.response, response->body) == 0 ? QUICKET_CARRIER_OK : QUICKET_CARRIER_TOO_LARGE;
}

}  // namespace quicket
