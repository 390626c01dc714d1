#include <quicket/clock.hpp>

#include <unistd.h>

#include "apps/quicket/command.hpp"
#include "apps/quicket/session.hpp"
#include "core/offer/offer.hpp"

namespace quicket::cli {

namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kLeastPatience{1};

// Plan is a dial as the person wants it.
struct Plan {
  NamedPeer peer;
  Directions directions;
  Duration patience{};
  bool sealed = true;
};

Checked<Plan> plan_of(const Context& context, const TrustStore& trust, std::span<const CarrierSpec> carriers) {
  const apps::Settings& settings = context.settings;
  const auto peer = find_peer(context.arguments[0], trust);
  if (!peer) return peer.error();
  const auto patience = settings.duration("patience", kLeastPatience);
  if (!patience) return patience.error();
  if (*patience > kLongestValidity) return settings.complain("patience", "an offer is valid for seven days at most");
  const Wishes wishes{.send_only = settings.is_on("send-only"), .receive_only = settings.is_on("receive-only")};
  const auto directions = directions_of_dial(carriers, wishes, ::isatty(STDOUT_FILENO) == 1);
  if (!directions) return directions.error();
  if (const auto fit = check_input(*directions); !fit) return fit.error();
  return Plan{*peer, *directions, *patience, !settings.is_on("unsealed")};
}

std::string destination_of(std::span<const CarrierSpec> carriers) {
  std::string places;
  for (const CarrierSpec& spec : carriers) places += (places.empty() ? "" : ", ") + place_of(spec);
  return places;
}

asio::awaitable<Checked<>> dial(Session& session, const Plan& plan, Story& story, bool& linked) {
  DialOptions options;
  options.patience = plan.patience;
  options.sealed = plan.sealed;
  options.allow_exposed = !plan.sealed;  // --unsealed is the person's word
  options.on_progress = [&story, &plan](const Progress& progress) {
    story.on_progress(progress, &plan.peer, boot_now(), wall_now());
  };

  std::optional<Connection> connection;
  {
    const TimePoint start = boot_now();
    const Ticker ticker(session.endpoint().get_executor(), [&] {
      if (story.offer_is_out()) story.waiting(plan.peer.name, boot_now() - start);
    });
    auto calling = session.endpoint().dial(plan.peer.id, session.carriers(), std::move(options));
    connection = co_await std::move(calling);
  }
  linked = true;
  session.close_carriers();
  auto talk = converse(session, *connection, plan.directions, story);
  connection.reset();
  co_return co_await std::move(talk);
}

}  // namespace

Checked<> run_dial(Context& context) {
  auto trust = trust_of(context);
  if (!trust) return trust.error();
  auto carriers = carriers_of(context);
  if (!carriers) return carriers.error();
  const auto plan = plan_of(context, *trust, *carriers);
  if (!plan) return plan.error();
  auto relays = relays_of(context);
  if (!relays) return relays.error();
  if (relays->empty()) return Problem{Exit::kConfig, "no relay is configured. Add one with: quicket relay add URL"};

  if (!plan->peer.trusted) {
    context.output.warn(plan->peer.name + " is not among the trusted peers; it is called by its key all the same");
  }
  const std::string destination = destination_of(*carriers);
  const bool only_carrier = carriers->size() == 1;
  auto session = Session::open(context, {std::move(*carriers), std::move(*relays), std::move(*trust)});
  if (!session) return session.error();
  Story story(context.output, (*session)->trust(), {.destination = destination, .only_carrier = only_carrier});
  bool linked = false;
  const auto work = [&]() { return dial(**session, *plan, story, linked); };
  const auto farewell = [&]() -> std::string {
    if (linked) return "cancelled; the connection is closed";
    return story.offer_is_out() ? "cancelled; the offer is void, the relay has forgotten it" : "cancelled";
  };
  return (*session)->run(work, farewell);
}

}  // namespace quicket::cli
