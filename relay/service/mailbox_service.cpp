#include "relay/service/mailbox_service.hpp"

#include "core/base/encoding.hpp"
#include "core/base/quota_address.hpp"
#include "core/identity/proof.hpp"
#include "quicket/v1/mailbox.pb.h"
#include "relay/service/body.hpp"
#include "relay/service/codec.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace quicket::relay {

namespace {

using transports::HttpRequest;
using transports::HttpResponse;
using transports::RequestId;

constexpr std::string_view kProofHeader = "quicket-proof";
constexpr std::size_t kProofSize = 64;  // bytes

template <class Number>
std::optional<Number> number(std::string_view text, int base) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string name_of(Mailboxes::MessageId id) {
  char text[16];
  const auto end = std::to_chars(text, text + sizeof text, id, 16).ptr;
  return {text, end};
}

// is_owner: the client has proven to be the peer.
bool is_owner(const PeerId& peer, const HttpRequest& request, const ClientContext& client) {
  const auto text = transports::find_header(request.headers, kProofHeader);
  if (!text || !client.exporter) return false;
  const auto proof = from_base64url(*text, kProofSize);
  const auto exporter = client.exporter(kMailboxExporterLabel);
  return proof && exporter && mailbox_proof_holds(peer, *exporter, *proof);
}

// wait_of reads "wait=SECONDS"; nothing asked for is no wait.
std::optional<Duration> wait_of(std::string_view query) {
  constexpr std::string_view kWait = "wait=";
  if (query.empty()) return Duration::zero();
  if (!query.starts_with(kWait)) return std::nullopt;
  const auto seconds = number<std::uint16_t>(query.substr(kWait.size()), 10);
  if (!seconds) return std::nullopt;
  return std::min<Duration>(std::chrono::seconds(*seconds), MailboxService::kLongestWait);
}

HttpResponse nothing() { return {.status = 204, .headers = {{"cache-control", "no-store"}}, .body = {}}; }

HttpResponse letter(const Mailboxes::Message& stored, Format format) {
  v1::MailboxMessage message;
  message.set_offer(std::string(as_text(stored.offer)));
  message.set_id(name_of(stored.id));
  return encode(message, format);
}

}  // namespace

std::optional<HttpResponse> MailboxService::handle(const HttpRequest& request, const ClientContext& client,
                                                   TimePoint now) {
  const Format format = response_format(request);
  const auto refuse = [&](const Problem& problem) { return encode_problem(problem, format); };
  const auto place = place_of(request.path);
  if (!place) return refuse(place.error());
  const bool names_message = !place->message.empty();
  const std::string_view method = request.method;
  const bool fits = names_message ? method == "DELETE" : method == "POST" || method == "GET";
  if (!fits) {
    const std::string allowed = names_message ? "DELETE" : "GET, POST";
    return refuse({ProblemKind::kMethodNotAllowed, "this resource takes " + allowed + " only", {{"allow", allowed}}});
  }
  if (method == "POST") {
    const auto left = leave(*place, request, client, now);
    if (!left) return refuse(left.error());
    v1::MailboxReceipt receipt;
    receipt.set_run(run_);
    receipt.set_keep_seconds(static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(*left).count()));
    return encode(receipt, format);
  }

  if (!is_owner(place->peer, request, client)) {
    return refuse(
        {ProblemKind::kProofRefused,
         "a mailbox opens for its owner: " + std::string(kProofHeader) +
             " holds the peer's signature over \"quicket mailbox 1\", this connection's exporter and its key"});
  }
  if (method == "DELETE") {
    const auto id = number<Mailboxes::MessageId>(place->message, 16);
    if (!id) return refuse(malformed("that is no message's id"));
    mailboxes_.acknowledge(place->peer, *id);
    return encode(v1::MailboxReceipt(), format);
  }
  const auto wait = wait_of(place->query);
  if (!wait) return refuse(malformed("wait=SECONDS is all that may be asked for"));
  mailboxes_.expire(now);
  if (const auto* message = mailboxes_.oldest(place->peer)) return letter(*message, format);
  if (*wait == Duration::zero()) return nothing();
  if (waiting_.size() >= kMaxWaiting) {
    return refuse({ProblemKind::kFull, "too many wait here; try again later", {{"retry-after", "30"}}});
  }
  auto& others = by_peer_[place->peer];
  if (others.size() >= kMaxWaitingPerPeer) {
    const RequestId oldest = *others.begin();
    answers_.emplace_back(oldest, nothing());
    forget(oldest);
  }
  const Waiting waiting{.peer = place->peer, .until = now + *wait, .format = format};
  waiting_.emplace(client.request, waiting);
  by_peer_[place->peer].insert(client.request);
  ends_.emplace(waiting.until, client.request);
  return std::nullopt;
}

std::optional<std::pair<RequestId, HttpResponse>> MailboxService::poll() {
  if (answers_.empty()) return std::nullopt;
  auto answer = std::move(answers_.front());
  answers_.pop_front();
  return answer;
}

void MailboxService::cancelled(RequestId request) {
  forget(request);
  std::erase_if(answers_, [&](const auto& answer) { return answer.first == request; });
}

void MailboxService::release() {
  while (!waiting_.empty()) {
    const RequestId request = waiting_.begin()->first;
    answers_.emplace_back(request, nothing());
    forget(request);
  }
}

std::optional<TimePoint> MailboxService::deadline() const {
  auto next = mailboxes_.deadline();
  if (!ends_.empty() && (!next || ends_.begin()->first < *next)) next = ends_.begin()->first;
  return next;
}

void MailboxService::on_deadline(TimePoint now) {
  mailboxes_.expire(now);
  while (!ends_.empty() && ends_.begin()->first <= now) {
    const RequestId request = ends_.begin()->second;
    answers_.emplace_back(request, nothing());
    forget(request);
  }
}

MailboxService::Answer<MailboxService::Place> MailboxService::place_of(std::string_view path) {
  const auto question = path.find('?');
  std::string_view rest = path.substr(0, question).substr(kPath.size());
  Place place;
  if (question != std::string_view::npos) place.query = path.substr(question + 1);
  const auto slash = rest.find('/');
  const auto peer = PeerId::parse(rest.substr(0, slash));
  if (!peer) return Problem{ProblemKind::kNotFound, "a mailbox's name is its owner's peer id: /v1/mailbox/qk1..."};
  place.peer = *peer;
  if (slash != std::string_view::npos) {
    place.message = rest.substr(slash + 1);
    if (place.message.empty()) return Problem{ProblemKind::kNotFound, "there is no message without an id"};
  }
  return place;
}

MailboxService::Answer<Duration> MailboxService::leave(const Place& place, const HttpRequest& request,
                                                       const ClientContext& client, TimePoint now) {
  const auto message = read_body<v1::MailboxMessage>(request, transports::HttpLimits{}.body_bytes);
  if (!message) return message.error();
  if (message->offer().empty()) return malformed("there is no offer in this message");
  const std::size_t most = mailboxes_.limits().offer_bytes;
  if (message->offer().size() > most) {
    return Problem{ProblemKind::kTooLarge, "an offer here has at most " + std::to_string(most) + " bytes"};
  }
  Duration keep = mailboxes_.limits().keep;
  if (message->keep_seconds() != 0) keep = std::min<Duration>(keep, std::chrono::seconds(message->keep_seconds()));
  const auto refusal =
      mailboxes_.store(place.peer, quota_address(client.path.remote), as_bytes(message->offer()), keep, now);
  if (refusal == Mailboxes::Refusal::kSenderHoldsTooMany) {
    return Problem{ProblemKind::kOverQuota,
                   "your address has as many offers here as one may; wait until some are fetched",
                   {{"retry-after", "30"}}};
  }
  if (refusal) {
    return Problem{ProblemKind::kFull, "this mailbox has no room; try again later", {{"retry-after", "30"}}};
  }
  hand_over(place.peer);
  return keep;
}

// hand_over gives what came to all who wait for it.
void MailboxService::hand_over(const PeerId& peer) {
  const auto waiting = by_peer_.find(peer);
  const auto* message = mailboxes_.oldest(peer);
  if (waiting == by_peer_.end() || message == nullptr) return;
  const auto requests = waiting->second;
  for (const RequestId request : requests) {
    answers_.emplace_back(request, letter(*message, waiting_.at(request).format));
    forget(request);
  }
}

void MailboxService::forget(RequestId request) {
  const auto found = waiting_.find(request);
  if (found == waiting_.end()) return;
  ends_.erase({found->second.until, request});
  const auto peer = by_peer_.find(found->second.peer);
  peer->second.erase(request);
  if (peer->second.empty()) by_peer_.erase(peer);
  waiting_.erase(found);
}

}  // namespace quicket::relay
