#include <quicket/carrier.hpp>

#include <boost/assert.hpp>

#include <algorithm>
#include <array>

#include "core/carrier/foreign.hpp"
#include "core/carrier/host_table.hpp"
#include "core/carrier/instance.hpp"
#include "core/carrier/plugin.hpp"

namespace quicket {

namespace {

int on_offer(void* context, const std::uint8_t* offer, std::size_t size) {
  return context != nullptr ? static_cast<Receiving*>(context)->take(offer, size) : int{QUICKET_OFFER_REFUSED};
}

std::int64_t milliseconds(TimePoint time) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  return std::max<std::int64_t>(since, 1);  // 0 means: none
}

}  // namespace

Outcome<std::shared_ptr<Carrier::Instance>> Carrier::Instance::open(std::shared_ptr<const Plugin> plugin,
                                                                    const HostServices& services,
                                                                    const CarrierOptions& options) {
  const auto destroy = [close = services.close](Instance* closed) {
    const auto closing = [closed] { delete closed; };
    close && closed->pointer != nullptr ? close(closing) : closing();
  };
  const std::shared_ptr<Instance> instance(new Instance(std::move(plugin), services), destroy);
  std::vector<quicket_option> list;
  for (const auto& [key, value] : options) list.push_back({.key = key.c_str(), .value = value.c_str()});

  int status = QUICKET_CARRIER_FAILED;
  quicket_error error{};
  void* opened = nullptr;
  const auto threw = call_foreign([&] {
    status = instance->plugin->table().open(&instance->host.table(), list.data(), list.size(), &opened, &error);
  });
  const std::string file = instance->plugin->info().file.string();
  if (threw) return Failure{make_error_code(Errc::kCarrierBroken), file + ": open: " + *threw};
  if (instance->host.take_threw()) {
    return Failure{make_error_code(Errc::kInternal), file + ": open: a callback of this program failed"};
  }
  if (status != QUICKET_CARRIER_OK) {
    const std::string text = printable_text(error.text, sizeof error.text);
    const auto code = status == QUICKET_CARRIER_BAD_OPTION ? Errc::kCarrierOption : Errc::kCarrierFailed;
    return Failure{make_error_code(code),
                   "carrier " + instance->plugin->info().name + ": " +
                       (text.empty() ? "open failed with status " + std::to_string(status) : text)};
  }
  if (opened == nullptr) return Failure{make_error_code(Errc::kCarrierBroken), file + ": open gave no instance"};
  instance->pointer = opened;
  return instance;
}

Carrier::Instance::Instance(std::shared_ptr<const Plugin> loaded, const HostServices& services)
    : plugin(std::move(loaded)), host(plugin->info().name, services) {}

Carrier::Instance::~Instance() {
  // What close throws has nobody to go to but the log.
  if (pointer != nullptr) {
    host.cancel();  // threads of its own may still ask relays
    const auto threw = call_foreign([&] { plugin->table().close(pointer); });
    if (threw) host.table().log(host.table().context, QUICKET_LOG_ERROR, ("close: " + *threw).c_str());
  }
  for (std::unique_ptr<Receiving> last(last_receiving.load()); last;) last = std::move(last->before);
}

Receiving& Carrier::Instance::start_receiving(const OnOffer& on_offer) {
  auto receiving = std::make_unique<Receiving>(host, on_offer);
  Receiving& started = *receiving;
  started.before.reset(last_receiving.load());
  for (Receiving* last = started.before.get(); !last_receiving.compare_exchange_weak(last, &started);) {
    static_cast<void>(started.before.release());
    started.before.reset(last);
  }
  static_cast<void>(receiving.release());
  return started;
}

Outcome<> Carrier::Instance::outcome(const std::optional<std::string>& threw, int status, const quicket_error& error) {
  const std::string carrier = "carrier " + plugin->info().name + ": ";
  if (threw) return Failure{make_error_code(Errc::kCarrierFailed), carrier + *threw};
  if (host.take_threw())
    return Failure{make_error_code(Errc::kInternal), carrier + "a callback of this program failed"};
  const std::string text = printable_text(error.text, sizeof error.text);
  const auto failure = [&](Errc code, const std::string& otherwise) {
    return Failure{make_error_code(code), carrier + (text.empty() ? otherwise : text)};
  };
  switch (status) {
    case QUICKET_CARRIER_OK:
    case QUICKET_CARRIER_END:
      return {};
    case QUICKET_CARRIER_CANCELLED:
      return failure(Errc::kCancelled, "cancelled");
    case QUICKET_CARRIER_DEADLINE:
      return failure(Errc::kDialDeadline, "the deadline has passed");
    case QUICKET_CARRIER_TOO_LARGE:
      return failure(Errc::kCarrierTooSmall, "the offer does not fit");
    case QUICKET_CARRIER_BAD_OPTION:
      return failure(Errc::kCarrierOption, "an option is wrong");
    case QUICKET_CARRIER_FAILED:
      return failure(Errc::kCarrierFailed, "it failed without saying why");
    default:
      return failure(Errc::kCarrierFailed, "it returned an unknown status, " + std::to_string(status));
  }
}

Carrier::Carrier(std::shared_ptr<Instance> instance) : instance_(std::move(instance)) {}

const CarrierInfo& Carrier::info() const noexcept { return instance_->plugin->info(); }

TimePoint Carrier::now() const { return instance_->host.services().now(); }

Outcome<> Carrier::deliver(const CarrierDelivery& delivery, TimePoint deadline) const {
  const auto instance = instance_;  // keeps the code loaded, whatever becomes of this handle meanwhile
  const auto kind = offer_kind(delivery.offer);
  if (!kind) return Failure{kind.error(), {}};
  if (auto allowed = check_delivery(info(), delivery.offer.size(), *kind, delivery.allow_exposed); !allowed)
    return allowed;

  const std::string recipient = delivery.recipient ? delivery.recipient->to_string() : std::string();
  std::vector<std::string> relays;
  relays.reserve(delivery.home_relays.size());
  for (const RelayUrl& relay : delivery.home_relays) relays.push_back(relay.to_string());
  std::vector<const char*> relay_texts;
  relay_texts.reserve(relays.size());
  for (const std::string& relay : relays) relay_texts.push_back(relay.c_str());
  const quicket_delivery foreign{.struct_size = sizeof(quicket_delivery),
                                 .offer = octets(ByteView(delivery.offer)),
                                 .offer_size = delivery.offer.size(),
                                 .recipient = delivery.recipient ? recipient.c_str() : nullptr,
                                 .home_relays = relay_texts.data(),
                                 .home_relay_count = relay_texts.size(),
                                 .deadline_ms = milliseconds(deadline)};
  int status = QUICKET_CARRIER_FAILED;
  quicket_error error{};
  const auto threw =
      call_foreign([&] { status = instance->plugin->table().deliver(instance->pointer, &foreign, &error); });
  return instance->outcome(threw, status, error);
}

Outcome<> Carrier::receive(std::optional<TimePoint> deadline, const OnOffer& handler) const {
  BOOST_ASSERT(handler);
  const auto instance = instance_;
  if (!info().can_receive) {
    return Failure{make_error_code(Errc::kUnsupported),
                   "carrier " + info().name + " can only deliver offers, not receive"};
  }
  Receiving& receiving = instance->start_receiving(handler);
  int status = QUICKET_CARRIER_FAILED;
  quicket_error error{};
  const auto threw = call_foreign([&] {
    status = instance->plugin->table().receive(instance->pointer, deadline ? milliseconds(*deadline) : 0, on_offer,
                                               &receiving, &error);
  });
  receiving.end();
  return instance->outcome(threw, status, error);
}

void Carrier::cancel() const noexcept {
  const auto instance = instance_;
  instance->host.cancel();
  const auto threw = call_foreign([&] { instance->plugin->table().cancel(instance->pointer); });
  if (threw)
    instance->host.table().log(instance->host.table().context, QUICKET_LOG_ERROR, ("cancel: " + *threw).c_str());
}

}  // namespace quicket
