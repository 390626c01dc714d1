#include "apps/quicket/story.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "apps/quicket/format.hpp"

namespace quicket::cli {

namespace {

namespace json = boost::json;

std::int64_t microseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

const char* kind_of(OfferKind kind) {
  switch (kind) {
    case OfferKind::kSealed:
      return "sealed";
    case OfferKind::kPairing:
      return "for pairing";
    case OfferKind::kOpen:
      return "not sealed";
  }
  return "not sealed";
}

// round_trip is the shortest one: the smoothed one still remembers, right after a handshake, what was assumed before
// it.
Duration round_trip(const PathInfo& path) { return std::min(path.smoothed_rtt, path.min_rtt); }

bool is_relay(const PathInfo& path) { return path.kind == PathInfo::Kind::kRelay; }

// is_told_elsewhere: ends that are no failures, and those that end the program anyway.
bool is_told_elsewhere(const error_code& code) {
  return code == Errc::kCarrierNothing || code == Errc::kCancelled || code == boost::system::errc::operation_canceled;
}

}  // namespace

void Story::on_progress(const Progress& progress, const NamedPeer* dialed, TimePoint now, UnixTime wall_clock) {
  if (const auto* made = std::get_if<OfferMade>(&progress)) {
    if (dialed == nullptr) return;
    offer_is_out_ = true;
    untold_offer_ = [this, made = *made, peer = *dialed, wall_clock] { offer_made(made, peer, wall_clock); };
  } else if (std::holds_alternative<OfferDelivered>(progress)) {
    tell_offer();
  } else if (const auto* stopped = std::get_if<CarrierStopped>(&progress)) {
    if (!setting_.only_carrier && !is_told_elsewhere(stopped->why.code)) {
      const std::string message = with_names(stopped->why, trust_);
      output_.warn(message.starts_with("carrier ") ? message : "carrier " + stopped->carrier + ": " + message);
    }
  } else if (std::holds_alternative<PeerAnswered>(progress)) {
    tell_offer();
    read_at_ = now;
  } else if (std::holds_alternative<OfferAccepted>(progress)) {
    read_at_ = now;
    read_here_ = true;
  } else if (const auto* refused = std::get_if<OfferRefused>(&progress)) {
    complain("refused", refused->why);
  } else if (const auto* failed = std::get_if<AttemptFailed>(&progress)) {
    complain(named(failed->from, trust_).name, failed->why);
  }
}

void Story::complain(const std::string& about, const Failure& why) {
  if (complaints_ == kMostComplaints) return;
  output_.warn(about + ": " + with_names(why, trust_) + (setting_.hint ? setting_.hint(why.code) : ""));
  if (++complaints_ == kMostComplaints) output_.warn("more offers that lead to nothing are not shown");
}

void Story::offer_made(const OfferMade& made, const NamedPeer& peer, UnixTime wall_clock) {
  const Duration valid = made.expires - wall_clock;
  std::string kind = std::string(kind_of(made.kind)) + ", for " + peer.name;
  if (made.kind == OfferKind::kSealed) kind = "sealed for " + peer.name;
  if (made.kind == OfferKind::kPairing) kind = "for " + peer.name + " and nobody else";
  json::object facts{{"peer", peer.name},
                     {"id", peer.id.to_string()},
                     {"kind", kind_of(made.kind)},
                     {"bytes", made.size},
                     {"expires", made.expires.time_since_epoch().count()},
                     {"destination", setting_.destination}};
  if (made.kind == OfferKind::kPairing) facts.erase("id");
  output_.tell(
      "offer", "offer",
      kind + ", " + format_size(made.size) + ", valid " + format_duration(valid) + " -> " + setting_.destination,
      facts);
}

void Story::paired(const NamedPeer& peer) {
  output_.tell("paired", "paired",
               peer.name + " = " + peer.id.short_string() + ", saved (next time: quicket dial " + peer.name + ")",
               {{"peer", peer.name}, {"id", peer.id.to_string()}});
}

// Not before a carrier has taken it or some time has passed: most carriers that cannot deliver fail at once.
void Story::tell_offer() {
  if (const auto tell = std::exchange(untold_offer_, nullptr)) tell();
}

void Story::waiting(std::string_view for_whom, Duration since_start) {
  tell_offer();
  output_.show_status("waiting for " + std::string(for_whom) + " …", format_clock(since_start));
}

void Story::linked(const NamedPeer& peer, const PathInfo& path, TimePoint now) {
  complaints_ = 0;
  output_.clear_status();
  std::string text = peer.name + (is_relay(path) ? " via relay " : " directly at ") + path.remote.ip_string() + " · " +
                     format_duration(round_trip(path));
  json::object facts{{"peer", peer.name},
                     {"id", peer.id.to_string()},
                     {"path", is_relay(path) ? "relay" : "direct"},
                     {"remote", path.remote.to_string()},
                     {"rtt_us", microseconds(round_trip(path))}};
  if (read_at_) {
    text += " · " + format_duration(now - *read_at_) + (read_here_ ? " after the offer was read" : " after the answer");
    facts["after_us"] = microseconds(now - *read_at_);
  }
  output_.tell("linked", "linked", text, facts);
  told_path_ = path;
}

void Story::moving(const PathInfo& path, const Traffic& traffic, Duration since_linked, bool show) {
  const bool lost = path.remote.is_unspecified();
  const bool other = told_path_ && (told_path_->kind != path.kind || told_path_->remote != path.remote);
  if (lost && told_path_ && !path_is_lost_) {
    const std::string relay = told_path_->remote.to_string();
    output_.tell("lost", "lost", "relay " + relay + " does not answer; trying again", {{"remote", relay}});
  } else if (!lost && (other || path_is_lost_)) {
    tell_path(path);
  }
  path_is_lost_ = lost;
  if (!show) return;
  std::string text;
  if (traffic.sent > 0)
    text += "sent " + format_size(traffic.sent) + " (" + format_rate(traffic.sent, since_linked) + ")";
  if (traffic.received > 0) {
    text += (text.empty() ? "received " : ", received ") + format_size(traffic.received) + " (" +
            format_rate(traffic.received, since_linked) + ")";
  }
  if (!text.empty()) output_.show_status(text, format_clock(since_linked));
}

std::optional<Address> Story::lost_relay() const {
  if (!path_is_lost_ || !told_path_) return std::nullopt;
  return told_path_->remote;
}

void Story::tell_path(const PathInfo& path) {
  told_path_ = path;
  const char* event = is_relay(path) ? "relay" : "direct";
  output_.tell(event, event, path.remote.to_string() + " · " + format_duration(round_trip(path)),
               {{"remote", path.remote.to_string()}, {"rtt_us", microseconds(round_trip(path))}});
}

void Story::finished(const NamedPeer& peer, const Traffic& traffic, Duration since_linked) {
  output_.clear_status();
  const auto tell = [&](const char* event, std::uint64_t bytes) {
    output_.tell(
        event, event,
        format_size(bytes) + " in " + format_duration(since_linked) + " (" + format_rate(bytes, since_linked) + ")",
        {{"peer", peer.name}, {"bytes", bytes}, {"us", microseconds(since_linked)}});
  };
  if (traffic.sent > 0) tell("sent", traffic.sent);
  if (traffic.received > 0) tell("received", traffic.received);
  if (traffic.sent == 0 && traffic.received == 0) {
    output_.tell("closed", "closed", peer.name + ", with nothing sent or received", {{"peer", peer.name}});
  }
  if (traffic.dropped > 0)
    output_.warn(format_size(traffic.dropped) + " from " + peer.name + " were not taken (--send-only)");
}

std::string with_names(const Failure& why, const TrustStore& trust) {
  std::string message = why.message();
  if (message.find("qk1") == std::string::npos) return message;
  const bool about_keys = why.code == Errc::kPeerKeyMismatch || why.code == Errc::kRefusedByPeer;
  for (const TrustedPeer& peer : trust.peers()) {
    const std::string id = peer.id.to_string();
    const std::string name = about_keys ? peer.name + " (" + id + ")" : peer.name;
    for (std::size_t at = message.find(id); at != std::string::npos; at = message.find(id, at + name.size())) {
      message.replace(at, id.size(), name);
    }
  }
  return message;
}

}  // namespace quicket::cli
