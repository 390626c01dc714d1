#include "tests/sim/network.hpp"

#include <algorithm>

namespace quicket::sim {

namespace {

std::pair<Bytes, bool> ip_key(const Address& address) { return {to_bytes(address.ip()), address.is_v4()}; }

}  // namespace

DeviceId Network::add(const Address& own, Nat nat, const Address& outside) {
  const DeviceId id = devices_.size();
  Device device;
  device.own = own;
  device.outside = nat == Nat::kNone ? own : outside;
  device.nat = nat;
  by_ip_[ip_key(device.outside)] = id;
  devices_.push_back(std::move(device));
  return id;
}

void Network::rebind(DeviceId id) {
  devices_[id].mapping.clear();
  devices_[id].contacted.clear();
}

void Network::move(DeviceId id, const Address& outside) {
  Device& device = devices_[id];
  by_ip_.erase(ip_key(device.outside));
  device.outside = outside;
  if (device.nat == Nat::kNone) device.own = outside;
  by_ip_[ip_key(outside)] = id;
  rebind(id);
}

bool Network::chance(double probability) {
  return probability > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < probability;
}

Address Network::translate_out(Device& device, const Address& destination) {
  if (device.nat == Nat::kNone) return device.own;
  const Address key = device.nat == Nat::kSymmetric ? destination : Address();
  const auto [entry, is_new] = device.mapping.try_emplace(key, device.next_port);
  if (is_new) ++device.next_port;
  device.contacted.emplace(entry->second, destination);
  return device.outside.with_port(entry->second);
}

std::optional<DeviceId> Network::find(const Address& source, const Address& destination) {
  const auto found = by_ip_.find(ip_key(destination));
  if (found == by_ip_.end()) return std::nullopt;
  const Device& device = devices_[found->second];
  switch (device.nat) {
    case Nat::kNone:
      if (destination != device.own) return std::nullopt;
      return found->second;
    case Nat::kFullCone:
      for (const auto& [to, port] : device.mapping) {
        if (port == destination.port()) return found->second;
      }
      return std::nullopt;
    case Nat::kPortRestricted:
    case Nat::kSymmetric:
      if (!device.contacted.contains({destination.port(), source})) return std::nullopt;
      return found->second;
  }
  return std::nullopt;
}

void Network::send(DeviceId from, const AddressPair& addresses, const Batch& batch, TimePoint now) {
  const Address source = translate_out(devices_[from], addresses.remote);
  for (std::size_t at = 0; at < batch.bytes.size(); at += batch.segment_size) {
    const ByteView bytes = batch.bytes.subspan(at, std::min(batch.segment_size, batch.bytes.size() - at));
    const bool dropped = drop && drop(sent_, from, addresses, bytes);
    ++sent_;
    const Wire& wire = devices_[from].wire;
    if (dropped || !wire.up || chance(wire.loss)) {
      ++lost_;
      continue;
    }
    carry(wire, source, addresses.remote, batch.ecn, bytes, now);
    if (chance(wire.duplicate)) carry(wire, source, addresses.remote, batch.ecn, bytes, now);
  }
}

void Network::spoof(const Address& source, const Address& destination, ByteView bytes, TimePoint now) {
  carry(Wire{}, source, destination, quic::Ecn::kNotEct, bytes, now);
}

void Network::carry(const Wire& wire, const Address& source, const Address& destination, quic::Ecn ecn, ByteView bytes,
                    TimePoint now) {
  const auto jittered = [&](const Wire& one) {
    if (one.jitter <= Duration::zero()) return one.delay;
    return one.delay + Duration(std::uniform_int_distribution<Duration::rep>(0, one.jitter.count())(random_));
  };
  Duration delay = jittered(wire);
  const auto receiver = by_ip_.find(ip_key(destination));
  if (receiver != by_ip_.end()) delay += jittered(devices_[receiver->second].wire);
  in_flight_.emplace(now + delay, InFlight{source, destination, ecn, to_bytes(bytes)});
}

std::optional<TimePoint> Network::next() const {
  if (in_flight_.empty()) return std::nullopt;
  return in_flight_.begin()->first;
}

void Network::deliver_due(TimePoint now, const std::function<void(const Arrival&)>& to) {
  while (!in_flight_.empty() && in_flight_.begin()->first <= now) {
    const InFlight datagram = std::move(in_flight_.begin()->second);
    in_flight_.erase(in_flight_.begin());
    const auto device = find(datagram.source, datagram.destination);
    if (!device || !devices_[*device].wire.up || chance(devices_[*device].wire.loss)) {
      ++lost_;
      continue;
    }
    to({*device,
        {.addresses = {.local = devices_[*device].own, .remote = datagram.source},
         .ecn = datagram.ecn,
         .bytes = datagram.bytes}});
  }
}

}  // namespace quicket::sim
