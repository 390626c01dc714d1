// The relay's mailboxes. Input: requests, one after another, of three clients, two of which own mailboxes. Who gets an
// offer is its owner and nobody else, each request is answered once, and no limit is passed.
#include "core/identity/proof.hpp"
#include "core/quic/cursor.hpp"
#include "proto/parse.hpp"
#include "quicket/v1/mailbox.pb.h"
#include "relay/service/codec.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/relay/service/support.hpp"

#include <map>
#include <set>

namespace quicket::relay {
namespace {

constexpr std::size_t kMostRequests = 16;
constexpr MailboxLimits kLimits{
    .offer_bytes = 64, .per_recipient = 3, .per_sender = 5, .bytes = 2'048, .keep = std::chrono::seconds(60)};

// Post is a relay and what its clients know.
class Post {
 public:
  // handle lets a client ask, and judges the answer.
  void handle(const HttpRequest& request, const ClientContext& asked_by, const Identity& signer, bool is_proven) {
    ClientContext client = asked_by;
    client.request = transports::RequestId{++requests_};
    const Question question{.request = request, .mailbox = mailbox_of(signer), .is_proven = is_proven};
    const auto response = desk_.service.handle(request, client, now_);
    if (response) {
      judge(question, *response);
    } else {
      FUZZ_CHECK(request.method == "GET" && is_proven);
      waiting_.emplace(client.request, question);
    }
    take_answers();
  }
  void pass(Duration time) {
    const TimePoint then = now_ + time;
    while (desk_.service.deadline() && *desk_.service.deadline() <= then) {
      now_ = std::max(now_, *desk_.service.deadline());
      desk_.service.on_deadline(now_);
      FUZZ_CHECK(!desk_.service.deadline() || *desk_.service.deadline() > now_);
    }
    now_ = then;
    take_answers();
  }
  // end: nobody waits for ever, and nothing stays for ever.
  void end() {
    pass(MailboxService::kLongestWait);
    FUZZ_CHECK(waiting_.empty() && desk_.service.mailbox().waiting() == 0);
    pass(kLimits.keep);
    FUZZ_CHECK(desk_.service.mailbox().mailboxes().messages() == 0 && desk_.service.mailbox().mailboxes().bytes() == 0);
  }
  const std::string& last_id(const Identity& owner) { return last_ids_[mailbox_of(owner)]; }
  static std::string mailbox_of(const Identity& owner) { return "/v1/mailbox/" + owner.id().to_string(); }

 private:
  struct Question {
    HttpRequest request;
    std::string mailbox;  // the signer's
    bool is_proven;
  };

  void take_answers() {
    while (const auto late = desk_.service.poll()) {
      const auto asked = waiting_.find(late->first);
      FUZZ_CHECK(asked != waiting_.end());
      judge(asked->second, late->second);
      waiting_.erase(asked);
    }
    const Mailboxes& boxes = desk_.service.mailbox().mailboxes();
    FUZZ_CHECK(boxes.messages() <= 2 * kLimits.per_sender && boxes.bytes() <= kLimits.bytes);
    FUZZ_CHECK(desk_.service.mailbox().waiting() == waiting_.size());
  }
  void judge(const Question& question, const HttpResponse& response) {
    FUZZ_CHECK(response.status >= 200 && response.status < 600 && response.body.size() < 1'024);
    const HttpRequest& request = question.request;
    if (request.method == "POST") return judge_post(request, response);
    const bool is_own = request.path.starts_with(question.mailbox) && question.is_proven;
    FUZZ_CHECK(is_own || response.status >= 400);
    if (request.method != "GET" || response.status != 200) return;
    v1::MailboxMessage message;
    FUZZ_CHECK(parse_message(response.body, message) && !message.id().empty());
    FUZZ_CHECK(left_.contains({question.mailbox, message.offer()}));
    last_ids_[question.mailbox] = message.id();
  }
  void judge_post(const HttpRequest& request, const HttpResponse& response) {
    if (response.status != 200) return;
    v1::MailboxMessage message;
    const bool is_json = transports::find_header(request.headers, "content-type") == "application/json";
    FUZZ_CHECK(decode(request.body, is_json ? Format::kJson : Format::kProtobuf, message));
    FUZZ_CHECK(!message.offer().empty() && message.offer().size() <= kLimits.offer_bytes);
    // What follows the peer id is no part of the mailbox's name.
    left_.insert(
        {request.path.substr(0, request.path.find_first_of("?/", MailboxService::kPath.size())), message.offer()});
  }

  Desk desk_{{.mailbox = kLimits, .run = "run"}};
  TimePoint now_ = kStart;
  std::uint64_t requests_ = 0;
  std::map<transports::RequestId, Question> waiting_;
  std::set<std::pair<std::string, std::string>> left_;  // in which mailbox, and the offer
  std::map<std::string, std::string> last_ids_;         // by mailbox
};

}  // namespace

// A request: what (bits 0 and 1: POST JSON, POST protobuf, GET, DELETE; 2: of Bob's mailbox; 3: with a proof that is
// right; 4: the rest is all of the path behind /v1/mailbox/; 5 to 7: time that passes), who, the rest of the path, the
// body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  quic::Cursor input(byte_view(data, size));
  Post post;
  for (std::size_t count = 0; count < kMostRequests && !input.at_end(); ++count) {
    const std::uint8_t what = input.octet(), who = input.octet();
    const std::string rest = text(input.take(input.octet()));
    const ByteView body = input.take(input.number(2));
    if (!input.ok()) break;
    const Identity &owner = (what & 4) != 0 ? kBobKey : kAliceKey, &signer = who % 2 == 0 ? kAliceKey : kBobKey;
    const ClientContext context = client(who % 3, address(who % 3 == 0 ? "192.0.2.1:1111" : "198.51.100.2:2222"));
    HttpRequest request{.method = (what & 3) == 3   ? "DELETE"
                                  : (what & 3) == 2 ? "GET"
                                                    : "POST",
                        .path = Post::mailbox_of(owner),
                        .headers = {{"accept", "application/protobuf"}}};
    if (request.method == "POST") {
      request.headers.push_back({"content-type", (what & 3) == 0 ? "application/json" : "application/protobuf"});
      request.body = to_bytes(body);
    } else if ((what & 8) != 0) {
      const auto exporter = context.exporter(kMailboxExporterLabel).value();
      request.headers.push_back({"quicket-proof", base64url(mailbox_proof(signer, exporter))});
    } else {
      request.headers.push_back({"quicket-proof", text(body)});
    }
    if ((what & 16) != 0) {
      request.path = std::string(MailboxService::kPath) + rest;
    } else if (request.method == "DELETE") {
      request.path += "/" + (rest.empty() ? post.last_id(owner) : rest);
    } else {
      request.path += rest;
    }
    post.handle(request, context, signer, (what & 8) != 0);
    post.pass(std::chrono::seconds(what >> 5) * 5);
  }
  post.end();
  return 0;
}

}  // namespace quicket::relay
