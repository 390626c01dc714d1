#pragma once

#include "core/transport/transport.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace quicket::test {

// SimulatedTransport stands for a relay and the way to it, without any protocol: what is asked is answered one round
// trip later. The driver calls on_deadline() at deadline(). It passes the conformance suite, so that tests of what uses
// a Transport can trust it.
class SimulatedTransport final : public Transport {
 public:
  static constexpr Duration kRoundTrip = std::chrono::milliseconds(40);

  void hold(const Registration& wanted, TimePoint now) override {
    const PeerId::Key key = wanted.key.id().key();
    const auto [at, is_new] = held_.try_emplace(key, Held{.wanted = wanted});
    Held& held = at->second;
    const std::uint32_t end = std::max(held.wanted.first + held.wanted.num, wanted.first + wanted.num);
    held.wanted.first = std::max(held.wanted.first, wanted.first);
    held.wanted.num = end - held.wanted.first;
    if (is_new) order_.push_back(key);
    ask(held, now);
  }

  void release(const PeerId::Key& key, TimePoint) override {
    held_.erase(key);
    routes_.erase(key);
    std::erase(order_, key);
    std::erase_if(reports_, [&](const TransportReport& report) {
      return std::visit([](const auto& one) { return one.key; }, report) == key;
    });
  }

  std::optional<TransportReport> report() override {
    if (reports_.empty()) return std::nullopt;
    TransportReport report = std::move(reports_.front());
    reports_.pop_front();
    return report;
  }

  void send(const Batch& batch, DatagramSink& sink, TimePoint) override {
    const bool is_open = std::ranges::any_of(held_, [](const auto& held) { return held.second.opened; });
    if (is_open) sink.send({.local = {}, .remote = kRemote}, batch);
  }

  RelayHint hint() const override { return {.addresses = {kRemote}, .pin = RelayPin{}, .host = {}, .peer_token = {}}; }

  std::optional<TimePoint> deadline() const {
    std::optional<TimePoint> earliest;
    for (const auto& [key, held] : held_) {
      if (held.answer_at && (!earliest || *held.answer_at < *earliest)) earliest = held.answer_at;
    }
    return earliest;
  }

  void on_deadline(TimePoint now) {
    for (const PeerId::Key& key : std::vector(order_)) {
      Held& held = held_.at(key);
      if (held.answer_at && *held.answer_at <= now) answer(key, held);
    }
  }

  // restart makes the other end forget everything; it is noticed at once.
  void restart(TimePoint now) {
    routes_.clear();
    for (const PeerId::Key& key : order_) {
      Held& held = held_.at(key);
      held.granted.reset();
      held.opened = false;
      reports_.push_back(Interrupted{key, {Errc::kRelayUnreachable, "restarted"}});
      ask(held, now);
    }
  }

  struct Window {
    std::uint32_t first = 0, end = 0;
    friend bool operator==(const Window&, const Window&) = default;
  };
  std::optional<Window> routed(const PeerId::Key& key) const {
    const auto found = routes_.find(key);
    return found == routes_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  struct Held {
    Registration wanted;
    bool opened = false;
    std::optional<Window> granted;
    std::optional<TimePoint> answer_at;
  };

  static Window window_of(const Held& held) { return {held.wanted.first, held.wanted.first + held.wanted.num}; }

  void ask(Held& held, TimePoint now) {
    if (held.answer_at || held.granted == window_of(held)) return;
    held.answer_at = now + kRoundTrip;
  }

  void answer(const PeerId::Key& key, Held& held) {
    held.answer_at.reset();
    if (!std::exchange(held.opened, true)) reports_.push_back(Opened{key});
    const auto others = std::ranges::count_if(routes_, [&](const auto& route) {
      return route.first != key && held_.at(route.first).wanted.session == held.wanted.session;
    });
    if (others >= 2) {
      reports_.push_back(Refused{key, {Errc::kAnsweredElsewhere, {}}, true});
      std::erase(order_, key);
      held_.erase(key);
      return;
    }
    held.granted = routes_[key] = window_of(held);
    reports_.push_back(Granted{key, held.granted->first, held.granted->end, kObserved, kRoundTrip, {}});
  }

  inline static const Address kRemote = Address::parse("192.0.2.1:4433").value();
  inline static const Address kObserved = Address::parse("198.51.100.1:1000").value();

  std::map<PeerId::Key, Held> held_;
  std::vector<PeerId::Key> order_;
  std::map<PeerId::Key, Window> routes_;
  std::deque<TransportReport> reports_;
};

}  // namespace quicket::test
