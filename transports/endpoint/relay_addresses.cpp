#include "transports/endpoint/relay_addresses.hpp"

#include <quicket/clock.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <utility>

namespace quicket::detail {

namespace {

using Resolver = asio::ip::basic_resolver<asio::ip::udp, Strand>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Strand>;

Address address_of(const asio::ip::address& ip, std::uint16_t port) {
  const auto from = [port](const auto& bytes) { return *Address::from(byte_view(bytes.data(), bytes.size()), port); };
  return ip.is_v4() ? from(ip.to_v4().to_bytes()) : from(ip.to_v6().to_bytes());
}

transports::RelayTarget target_of(const RelayUrl& url) {
  transports::RelayTarget target;
  target.pins = url.pins;
  target.host = url.host;
  target.port = url.port;
  return target;
}

}  // namespace

// Round is one time of asking for all names that there are.
struct RelayAddresses::Round {
  Round(RelayAddresses& asker, const Strand& strand) : owner(&asker), timer(strand) {}

  RelayAddresses* owner;  // nullptr: nobody waits any more
  Timer timer;
  std::vector<std::unique_ptr<Resolver>> resolvers;
  std::vector<transports::RelayTarget> targets;  // one for each URL
  std::size_t open = 0;                          // names without an answer
  std::optional<Failure> failure;
  std::vector<Ready> waiting;
};

void RelayAddresses::set(std::vector<RelayUrl> urls) {
  urls.resize(std::min(urls.size(), kMaxRelays), RelayUrl{});
  urls_ = std::move(urls);
  resolved_at_.reset();
}

void RelayAddresses::stop() {
  const auto round = std::exchange(round_, nullptr);
  if (!round) return;
  round->owner = nullptr;
  round->timer.cancel();
  round->resolvers.clear();
  round->waiting.clear();
}

void RelayAddresses::resolve(TimePoint now, Ready ready) {
  if (resolved_at_ && now - *resolved_at_ < kFresh) return ready(targets_);
  if (round_) return round_->waiting.push_back(std::move(ready));

  auto round = std::make_shared<Round>(*this, strand_);
  round->waiting.push_back(std::move(ready));
  for (std::size_t i = 0; i < urls_.size(); ++i) {
    const RelayUrl& url = urls_[i];
    round->targets.push_back(target_of(url));
    error_code not_literal;
    const auto ip = asio::ip::make_address(url.host, not_literal);
    if (!not_literal) {
      round->targets.back().addresses = {address_of(ip, url.port)};
      continue;
    }
    ++round->open;
    auto& resolver = *round->resolvers.emplace_back(std::make_unique<Resolver>(strand_));
    resolver.async_resolve(
        url.host, std::to_string(url.port), [round, i](error_code failed, const Resolver::results_type& results) {
          if (!round->owner) return;
          for (const auto& entry : results) {
            auto& addresses = round->targets[i].addresses;
            if (addresses.size() == transports::RelayTarget::kMaxAddresses) break;
            addresses.push_back(address_of(entry.endpoint().address(), entry.endpoint().port()));
          }
          if (failed) {
            round->failure = Failure{Errc::kRelayUnreachable, "relay " + round->targets[i].name() +
                                                                  ": no address is known (" + failed.message() + ")"};
          }
          if (--round->open == 0) round->owner->finish(round);
        });
  }
  round_ = round;
  if (round->open == 0) return finish(round);
  round->timer.expires_after(patience_);
  round->timer.async_wait([round](error_code cancelled) {
    if (!cancelled && round->owner) round->owner->finish(round);
  });
}

void RelayAddresses::finish(const std::shared_ptr<Round>& round) {
  round_.reset();
  round->owner = nullptr;
  round->timer.cancel();
  const bool complete = round->open == 0 && !round->failure;
  std::erase_if(round->targets, [](const auto& target) { return target.addresses.empty(); });
  targets_ = round->targets;
  if (complete) resolved_at_ = boot_now();
  for (auto& ready : std::exchange(round->waiting, {})) {
    if (!targets_.empty() || urls_.empty()) {
      ready(targets_);
    } else {
      ready(round->failure.value_or(Failure{
          Errc::kRelayUnreachable, "relay " + urls_.front().authority() + ": its name was not resolved in time"}));
    }
  }
}

}  // namespace quicket::detail
