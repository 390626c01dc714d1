#include "core/peer/host.hpp"

#include "core/cid/header.hpp"

#include <algorithm>

namespace quicket {

namespace {

constexpr std::size_t kTransmitBuffer = 64 * 1024;

}  // namespace

Host::Host(Identity own, Bytes reset_secret)
    : own_(std::move(own)), reset_secret_(std::move(reset_secret)), buffer_(kTransmitBuffer) {}

Result<LinkId> Host::dial(const DialRequest& request, std::span<const LegChoice> legs, TimePoint now) {
  if (legs.empty()) return Errc::kNoRelay;
  auto dial = Dial::start(request, own_, reset_secret_, now);
  if (!dial) return dial.error();
  return add(std::move(*dial), legs, now);
}

Result<LinkId> Host::accept(const OpenedOffer& offer, std::span<const LegChoice> legs, LinkOptions options,
                            TimePoint now) {
  if (legs.empty()) return Errc::kNoRelay;
  auto answer = Answer::start(offer, own_, reset_secret_, std::move(options), now);
  if (!answer) return answer.error();
  return add(std::move(*answer), legs, now);
}

Result<LinkId> Host::add(std::variant<Dial, Answer> beginning, std::span<const LegChoice> legs, TimePoint now) {
  if (entries_.size() >= kMaxLinks) return Errc::kOutOfResources;
  const LinkId id{++last_id_};
  Entry& entry = entries_.emplace(id, Entry{.beginning = std::move(beginning), .timer = std::nullopt}).first->second;
  by_key_[entry.link().key()] = id;
  for (const LegChoice& leg : legs) entry.link().add_leg(*leg.transport, leg.token, now);
  follow(id, entry, now);
  mark_dirty(id, entry);
  return id;
}

Host::Entry* Host::find(LinkId id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

Receipt Host::receive(Transport& leg, const Received& received, TimePoint now) {
  const auto header = parse_header(received.bytes, ConnectionId::kDefaultLength);
  const auto route = header ? routes_.find(header->destination) : routes_.end();
  if (route == routes_.end()) return Receipt::kStray;
  const LinkId id = route->second;
  Entry& entry = entries_.at(id);
  const bool authentic = std::visit(
      [&](auto& beginning) { return beginning.receive(leg, received.ecn, received.bytes, now); }, entry.beginning);
  follow(id, entry, now);
  mark_dirty(id, entry);
  return authentic ? Receipt::kAuthentic : Receipt::kUnproven;
}

void Host::on_report(Transport& leg, const TransportReport& report, TimePoint now) {
  const auto found = by_key_.find(std::visit([](const auto& r) { return r.key; }, report));
  if (found == by_key_.end()) return;  // released since
  const LinkId id = found->second;
  Entry& entry = entries_.at(id);
  std::visit([&](auto& beginning) { beginning.on_report(leg, report, now); }, entry.beginning);
  follow(id, entry, now);
  mark_dirty(id, entry);
}

void Host::transmit(DatagramSink& sink, TimePoint now) {
  for (const LinkId id : std::exchange(dirty_, {})) {
    Entry* entry = find(id);
    if (!entry) continue;
    entry->dirty = false;
    entry->link().transmit(buffer_, sink, now);
    follow(id, *entry, now);
  }
}

std::optional<TimePoint> Host::deadline() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

void Host::on_deadline(TimePoint now) {
  std::vector<LinkId> due;
  for (auto timer = timers_.begin(); timer != timers_.end() && timer->first <= now; ++timer)
    due.push_back(timer->second);
  for (const LinkId id : due) {
    Entry& entry = entries_.at(id);
    if (entry.link().is_finished(now)) {
      forget(id, entry, now);
      continue;
    }
    std::visit([&](auto& beginning) { beginning.on_deadline(now); }, entry.beginning);
    follow(id, entry, now);
    mark_dirty(id, entry);
  }
}

void Host::follow(LinkId id, Entry& entry, TimePoint now) {
  Link& link = entry.link();
  for (const ConnectionId& issued : link.take_issued()) routes_[issued] = id;
  for (const ConnectionId& retired : link.take_retired()) routes_.erase(retired);
  while (auto event = link.poll()) events_.emplace_back(id, std::move(*event));
  set_timer(id, entry, link.is_finished(now) ? now : std::visit([](auto& b) { return b.deadline(); }, entry.beginning));
}

void Host::mark_dirty(LinkId id, Entry& entry) {
  if (!std::exchange(entry.dirty, true)) dirty_.push_back(id);
}

void Host::forget(LinkId id, Entry& entry, TimePoint now) {
  set_timer(id, entry, std::nullopt);
  by_key_.erase(entry.link().key());
  for (const ConnectionId& issued : entry.link().connection().issued_ids()) routes_.erase(issued);
  entry.link().release(now);
  entries_.erase(id);
}

void Host::set_timer(LinkId id, Entry& entry, std::optional<TimePoint> when) {
  if (entry.timer == when) return;
  if (entry.timer) timers_.erase({*entry.timer, id});
  entry.timer = when;
  if (when) timers_.emplace(*when, id);
}

std::optional<std::pair<LinkId, LinkEvent>> Host::poll() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

quic::Connection* Host::connection(LinkId id) {
  Entry* entry = find(id);
  return entry ? &entry->link().connection() : nullptr;
}

const Link* Host::link(LinkId id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &const_cast<Entry&>(found->second).link();
}

bool Host::uses(const Transport& leg) const {
  return std::ranges::any_of(entries_, [&](const auto& entry) {
    const auto& legs = const_cast<Entry&>(entry.second).link().legs();
    return std::ranges::find(legs, &leg, &Leg::transport) != legs.end();
  });
}

void Host::touch(LinkId id, TimePoint now) {
  Entry* entry = find(id);
  if (!entry) return;
  entry->link().settle(now);
  follow(id, *entry, now);
  mark_dirty(id, *entry);
}

void Host::close(LinkId id, std::uint64_t code, std::string_view text, TimePoint now) {
  Entry* entry = find(id);
  if (!entry) return;
  entry->link().close(code, text, now);
  follow(id, *entry, now);
  mark_dirty(id, *entry);
}

void Host::close_all(TimePoint now) {
  for (auto& [id, entry] : entries_) {
    entry.link().close(0, {}, now);
    follow(id, entry, now);
    mark_dirty(id, entry);
  }
}

void Host::fail(LinkId id, Failure why, TimePoint now) {
  Entry* entry = find(id);
  if (!entry) return;
  entry->link().fail(std::move(why), now);
  follow(id, *entry, now);
  mark_dirty(id, *entry);
}

}  // namespace quicket
