#include <quicket/clock.hpp>

#include <unistd.h>

#include <algorithm>

#include "apps/quicket/command.hpp"
#include "apps/quicket/session.hpp"

namespace quicket::cli {

namespace {

namespace asio = boost::asio;

AcceptOptions options_for(Session& session, Story& story) {
  AcceptOptions options;
  options.pairing = pairing_of(session.settings());
  options.allow_exposed = session.settings().is_on("allow-exposed");
  options.on_progress = [&story](const Progress& progress) {
    story.on_progress(progress, nullptr, boot_now(), wall_now());
  };
  return options;
}

// needs_a_relay: without one this carrier has nobody to ask.
bool needs_a_relay(const CarrierSpec& spec) { return spec.name == "mailbox" && !spec.options.contains("relay"); }

// Waiting shows that time passes, unless the offer is to be typed there.
class Waiting {
 public:
  Waiting(Session& session, Story& story, bool show)
      : start_(boot_now()), ticker_(session.endpoint().get_executor(), [this, &story, show] {
          if (show) story.waiting("an offer", boot_now() - start_);
        }) {}

 private:
  TimePoint start_;
  Ticker ticker_;
};

asio::awaitable<Checked<>> accept_one(Session& session, Directions directions, Story& story, bool show, bool& linked) {
  std::optional<Connection> connection;
  {
    const Waiting waiting(session, story, show);
    auto options = options_for(session, story);
    auto accepting = session.endpoint().accept(session.carriers(), std::move(options));
    connection = co_await std::move(accepting);
  }
  linked = true;
  if (const auto pairing = pairing_of(session.settings())) {
    if (const auto kept = session.keep(pairing->name, connection->peer()); !kept) co_return kept.error();
    story.paired(named(connection->peer(), session.trust()));
  }
  auto talk = converse(session, *connection, directions, story);
  connection.reset();
  co_return co_await std::move(talk);
}

// accept_many serves one peer at a time, so that their bytes do not mix; others wait in the listener, whose backlog is
// bounded.
asio::awaitable<Checked<>> accept_many(Session& session, Directions directions, Story& story, bool show, bool& linked) {
  const Listener listener = session.endpoint().listen(session.carriers(), options_for(session, story));
  std::size_t served = 0, failed = 0;
  std::optional<Problem> first_problem;
  for (;;) {
    std::optional<Connection> connection;
    std::optional<Failure> end;
    try {
      const Waiting waiting(session, story, show);
      auto accepting = listener.accept();
      connection = co_await std::move(accepting);
    } catch (const boost::system::system_error& error) {
      end = failure_of(error);
    }
    if (end && (end->code != Errc::kCarrierNothing || served == 0)) co_return problem_of(*end);
    if (end) break;

    ++served;
    linked = true;
    auto talk = converse(session, *connection, directions, story);
    connection.reset();
    const Checked<> result = co_await std::move(talk);
    linked = false;
    if (result) continue;
    if (result.error().exit == Exit::kInputOutput) co_return result;  // standard output takes no more of anybody's
    ++failed;
    session.output().fail(result.error());
    if (!first_problem) first_problem = result.error();
  }
  if (!first_problem) co_return Checked<>();
  co_return Problem{first_problem->exit,
                    std::to_string(failed) + " of " + std::to_string(served) + " connections did not end in order"};
}

}  // namespace

Checked<> run_accept(Context& context) {
  const apps::Settings& settings = context.settings;
  auto trust = trust_of(context);
  if (!trust) return trust.error();
  auto carriers = carriers_of(context);
  if (!carriers) return carriers.error();
  auto relays = relays_of(context);
  if (!relays) return relays.error();
  const bool keep_open = settings.is_on("keep-open");
  const Wishes wishes{
      .send_only = settings.is_on("send-only"), .receive_only = settings.is_on("receive-only"), .keep_open = keep_open};
  const auto directions = directions_of_accept(*carriers, wishes);
  if (!directions) return directions.error();
  if (const auto fit = check_input(*directions); !fit) return fit.error();
  const auto pairing = pairing_of(settings);
  if (pairing && keep_open)
    return usage_problem("--pair and --keep-open exclude each other: one peer is met at a time");
  if (pairing) {
    if (const auto valid = check_name(context, pairing->name, *trust); !valid) return valid.error();
  } else if (trust->peers().empty()) {
    return Problem{
        Exit::kConfig,
        "nobody is trusted, so that no offer can be accepted. Add a peer with: quicket trust add NAME PEER-ID, "
        "or meet one with: quicket accept --pair NAME"};
  }
  if (relays->empty() && std::ranges::all_of(*carriers, needs_a_relay)) {
    return Problem{Exit::kConfig,
                   "no relay is configured whose mailbox could be asked. Add one with: quicket relay add URL"};
  }

  const bool only_carrier = carriers->size() == 1;
  const bool typed = ::isatty(STDIN_FILENO) == 1 && std::ranges::any_of(*carriers, reads_standard_input);
  auto session = Session::open(context, {std::move(*carriers), std::move(*relays), std::move(*trust)});
  if (!session) return session.error();
  if (typed) context.output.tell("waiting", "waiting", "for an offer: paste its line here, and press Enter");
  Story story(context.output, (*session)->trust(), {.only_carrier = only_carrier, .hint = [&](const error_code& code) {
                                                      return (*session)->hint_for(code);
                                                    }});
  bool linked = false;
  const auto work = [&]() {
    const auto accept = keep_open ? accept_many : accept_one;
    return accept(**session, *directions, story, !typed, linked);
  };
  const auto farewell = [&]() -> std::string { return linked ? "cancelled; the connection is closed" : "cancelled"; };
  return (*session)->run(work, farewell);
}

}  // namespace quicket::cli
