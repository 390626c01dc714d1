#pragma once

#include <quicket/address.hpp>
#include <quicket/bytes.hpp>
#include <quicket/time.hpp>

#include "core/transport/sink.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace quicket::sim {

using Random = std::mt19937_64;

// Wire is what a device's datagrams go through on their way to the middle of the network, and back.
struct Wire {
  Duration delay = std::chrono::milliseconds(10);  // one way
  Duration jitter{};                               // added at random, so that datagrams overtake one another
  double loss = 0, duplicate = 0;                  // probabilities
  bool up = true;
};

// Nat is the kind of translation between a device and the network (RFC 4787).
enum class Nat {
  kNone,
  kFullCone,        // endpoint-independent mapping and filtering
  kPortRestricted,  // endpoint-independent mapping, address and port-dependent filtering
  kSymmetric,       // address and port-dependent mapping and filtering
};

// DeviceId is a device's place in the network.
using DeviceId = std::size_t;

// Network carries datagrams between devices in virtual time: delays, loses, doubles and translates them, all from one
// seed.
class Network {
 public:
  // Arrival is a datagram that reaches a device.
  struct Arrival {
    DeviceId device;
    Received received;  // its bytes are borrowed
  };

  explicit Network(Random& random) : random_(random) {}

  // add connects a device. `own` is its address; behind a translation it is a private one, and `outside` is the
  // translator's.
  DeviceId add(const Address& own, Nat nat, const Address& outside);
  Wire& wire(DeviceId device) { return devices_[device].wire; }
  // own_address is where the device's socket is, outside_address what others see (the port may differ).
  const Address& own_address(DeviceId device) const { return devices_[device].own; }
  const Address& outside_address(DeviceId device) const { return devices_[device].outside; }

  // rebind makes a translator forget its mappings: what goes out next comes from another port. move gives a device, or
  // its translator, another address.
  void rebind(DeviceId device);
  void move(DeviceId device, const Address& outside);

  // send takes what a device's socket sends.
  void send(DeviceId from, const AddressPair& addresses, const Batch& batch, TimePoint now);
  // spoof puts a datagram on the wire as if `source` had sent it: what an enemy does whose own network lets it.
  void spoof(const Address& source, const Address& destination, ByteView bytes, TimePoint now);
  // next is when the earliest datagram arrives, take gives it.
  std::optional<TimePoint> next() const;
  void deliver_due(TimePoint now, const std::function<void(const Arrival&)>& to);

  // on_send may say that a datagram is lost. It sees every one, numbered from 0.
  std::function<bool(std::uint64_t number, DeviceId from, const AddressPair& addresses, ByteView bytes)> drop;
  std::uint64_t sent() const noexcept { return sent_; }
  std::uint64_t lost() const noexcept { return lost_; }

 private:
  struct Device {
    Address own, outside;
    Nat nat = Nat::kNone;
    Wire wire;
    std::uint16_t next_port = 40'000;
    std::map<Address, std::uint16_t> mapping;  // by destination; endpoint-independent: one, under Address()
    std::set<std::pair<std::uint16_t, Address>> contacted;  // who may send back to which outer port
  };
  struct InFlight {
    Address source, destination;
    quic::Ecn ecn;
    Bytes bytes;
  };

  Address translate_out(Device& device, const Address& destination);
  std::optional<DeviceId> find(const Address& source, const Address& destination);
  bool chance(double probability);
  void carry(const Wire& wire, const Address& source, const Address& destination, quic::Ecn ecn, ByteView bytes,
             TimePoint now);

  Random& random_;
  std::vector<Device> devices_;
  std::map<std::pair<Bytes, bool>, DeviceId> by_ip_;  // outer address without port
  std::multimap<TimePoint, InFlight> in_flight_;
  std::uint64_t sent_ = 0, lost_ = 0;
};

}  // namespace quicket::sim
