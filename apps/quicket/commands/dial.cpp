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
  NamedPeer peer;  // its id counts unless it is to be met
  std::optional<PairingOptions> pairing;
  Directions directions;
  DialOptions options;
};

// peer_of gives whom to call: a peer that is known, or the name of one to be met.
Checked<NamedPeer> peer_of(const Context& context, const TrustStore& trust) {
  const auto name = context.settings.text("pair");
  if (!name && context.arguments.empty())
    return usage_problem("quicket dial needs PEER, or --pair NAME. quicket dial --help tells more");
  if (!name) return find_peer(context.arguments[0], trust);
  if (!context.arguments.empty())
    return usage_problem("quicket dial --pair NAME takes no PEER: whoever has the offer is met, and gets that name");
  if (context.settings.is_on("unsealed"))
    return usage_problem("--unsealed and --pair exclude each other: a pairing offer is never sealed");
  if (const auto valid = check_name(context, *name, trust); !valid) return valid.error();
  return NamedPeer{.id = trust.find(*name).value_or(PeerId()), .name = *name, .trusted = true};
}

Checked<Duration> patience_of(const apps::Settings& settings, bool pairs) {
  if (pairs && !settings.is_given("patience")) return Duration(kPairingPatience);
  const auto patience = settings.duration("patience", kLeastPatience);
  if (!patience) return patience.error();
  if (pairs && *patience > kLongestPairing)
    return settings.complain("patience", "a pairing offer is valid for 24 hours at most");
  if (*patience > kLongestValidity) return settings.complain("patience", "an offer is valid for seven days at most");
  return *patience;
}

Checked<Plan> plan_of(const Context& context, const TrustStore& trust, std::span<const CarrierSpec> carriers) {
  const apps::Settings& settings = context.settings;
  const auto peer = peer_of(context, trust);
  if (!peer) return peer.error();
  const auto pairing = pairing_of(settings);
  const auto patience = patience_of(settings, pairing.has_value());
  if (!patience) return patience.error();
  const Wishes wishes{.send_only = settings.is_on("send-only"), .receive_only = settings.is_on("receive-only")};
  const auto directions = directions_of_dial(carriers, wishes, ::isatty(STDOUT_FILENO) == 1);
  if (!directions) return directions.error();
  if (const auto fit = check_input(*directions); !fit) return fit.error();
  DialOptions options;
  options.patience = *patience;
  options.sealed = !settings.is_on("unsealed");
  options.allow_exposed = !options.sealed || settings.is_on("allow-exposed");  // --unsealed is the person's word
  return Plan{*peer, pairing, *directions, std::move(options)};
}

std::string destination_of(std::span<const CarrierSpec> carriers) {
  std::string places;
  for (const CarrierSpec& spec : carriers) places += (places.empty() ? "" : ", ") + place_of(spec);
  return places;
}

asio::awaitable<Checked<>> dial(Session& session, const Plan& plan, Story& story, bool& linked) {
  DialOptions options = plan.options;
  options.on_progress = [&story, &plan](const Progress& progress) {
    story.on_progress(progress, &plan.peer, boot_now(), wall_now());
  };

  std::optional<Connection> connection;
  {
    const TimePoint start = boot_now();
    const Ticker ticker(session.endpoint().get_executor(), [&] {
      if (story.offer_is_out()) story.waiting(plan.peer.name, boot_now() - start);
    });
    auto calling = plan.pairing ? session.endpoint().dial(*plan.pairing, session.carriers(), std::move(options))
                                : session.endpoint().dial(plan.peer.id, session.carriers(), std::move(options));
    connection = co_await std::move(calling);
  }
  linked = true;
  session.close_carriers();
  if (plan.pairing) {
    if (const auto kept = session.keep(plan.pairing->name, connection->peer()); !kept) co_return kept.error();
    story.paired(named(connection->peer(), session.trust()));
  }
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
  if (plan->pairing) write_as_uri(*carriers);
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
