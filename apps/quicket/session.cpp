#include "apps/quicket/session.hpp"

#include <quicket/clock.hpp>
#include <quicket/open_carriers.hpp>

#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <cstdlib>

#include "apps/options/text.hpp"
#include "apps/quicket/probe.hpp"

namespace quicket::cli {

namespace {

namespace asio = boost::asio;

constexpr std::chrono::seconds kTick{1};

Exit exit_of(int signal) {
  if (signal == SIGHUP) return Exit::kHungUp;
  return signal == SIGTERM ? Exit::kTerminated : Exit::kInterrupted;
}

bool is_ignored(int signal) noexcept {
  struct sigaction action {};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// Interrupts turns the first signal into a cancellation, and the second into the end of the process; but a SIGHUP ends
// nothing that is ending, for a terminal that is closed sends several. Where it is ignored, as by nohup, it stays so.
class Interrupts {
 public:
  explicit Interrupts(asio::io_context& loop) : signals_(loop, SIGINT, SIGTERM) {
    if (!is_ignored(SIGHUP)) signals_.add(SIGHUP);
    wait();
  }

  asio::cancellation_slot slot() noexcept { return cancel_.slot(); }
  std::optional<Exit> seen() const noexcept { return seen_; }
  void stop() { signals_.cancel(); }

 private:
  void wait() {
    signals_.async_wait([this](const error_code& error, int signal) {
      if (error) return;
      if (seen_ && signal == SIGHUP) return wait();
      if (seen_) std::_Exit(static_cast<int>(exit_of(signal)));
      seen_ = exit_of(signal);
      wait();
      cancel_.emit(asio::cancellation_type::terminal);
    });
  }

  asio::signal_set signals_;
  asio::cancellation_signal cancel_;
  std::optional<Exit> seen_;
};

// OpenStreams are the standard streams that a connection is joined with.
struct OpenStreams {
  std::unique_ptr<FileReader> input;
  std::unique_ptr<FileWriter> output;
};

Checked<OpenStreams> open_streams(Directions directions) {
  OpenStreams streams;
  if (directions.send) {
    auto input = FileReader::create(STDIN_FILENO);
    if (!input) return problem_of(input.error(), "standard input");
    streams.input = std::move(*input);
  }
  if (directions.receive) {
    auto output = FileWriter::create(STDOUT_FILENO);
    if (!output) return problem_of(output.error(), "standard output");
    streams.output = std::move(*output);
  }
  return streams;
}

void log(Output& output, LogLevel level, std::string_view line) {
  if (level == LogLevel::kWarning || level == LogLevel::kError) output.warn(apps::printable(line));
}

// carrier_of_section reads [carrier.NAME] of the configuration; without one there are no options.
Checked<CarrierSpec> carrier_of_section(const apps::Settings& settings, const std::string& name) {
  const auto options = settings.section("carrier", name);
  std::string text = name;
  for (const std::string& option : options) {
    text += text.size() == name.size() ? ':' : ',';
    for (const char c : option) {
      if (c == ',' || c == '\\') text += '\\';
      text += c;
    }
  }
  auto spec = parse_carrier_spec(text);
  if (!spec) return settings.complain_about_section("carrier", name, spec.error().message());
  return *spec;
}

// loadable drops what a child cannot load, of what did not come with this program: a plugin that crashes when it is
// loaded would take us with it, and one that hangs then keeps the loader's lock, without which nothing else opens or
// ends.
std::vector<CarrierSpec> loadable(const CarrierLibrary& library, const CarrierSearch& search,
                                  std::vector<CarrierSpec> specs, std::vector<Failure>& broken) {
  std::erase_if(specs, [&](const CarrierSpec& spec) {
    const auto file = library.locate(spec.name);
    const auto folder = file ? file->parent_path() : std::filesystem::path();
    if (!file || folder == search.install_dir || folder == carriers_beside()) return false;
    const auto tried = probe_in_child(this_program(), *file);
    if (!tried) broken.push_back({Errc::kCarrierBroken, tried.error().message});
    return !tried;
  });
  return specs;
}

}  // namespace

Checked<std::unique_ptr<Session>> Session::open(Context& context, Request request) {
  const auto identity = identity_of(context);
  if (!identity) return identity.error();
  const auto state = context.places.state();
  if (!state) return state.error();

  Output& output = context.output;
  EndpointOptions options{.identity = *identity, .trust = request.trust, .relays = std::move(request.relays)};
  options.protocols = context.settings.list("protocol");
  options.state = *state;
  options.allow_unsealed = context.settings.is_on("allow-unsealed");
  options.allow_private_relays = context.settings.is_on("allow-private-relays");
  options.log = [&output](LogLevel level, std::string_view line) { log(output, level, line); };

  std::unique_ptr<Session> session(new Session(context, identity->id(), std::move(request.trust)));
  auto endpoint = Endpoint::create(session->loop_.get_executor(), std::move(options));
  if (!endpoint) return problem_of(endpoint.error());
  session->endpoint_.emplace(std::move(*endpoint));

  const CarrierSearch search = carrier_search(context);
  const CarrierLibrary library(search, session->endpoint_->carrier_services());
  std::vector<Failure> broken;
  const auto carriers = loadable(library, search, std::move(request.carriers), broken);
  for (auto& carrier : open_carriers(library, carriers)) {
    if (carrier) {
      session->carriers_.push_back(std::move(*carrier));
    } else if (carrier.error().code == Errc::kCarrierOption || carrier.error().code == Errc::kCarrierNotFound) {
      return problem_of(carrier.error());  // the person has mistyped something
    } else {
      broken.push_back(carrier.error());
    }
  }
  if (session->carriers_.empty() && !broken.empty()) return problem_of(broken.front());
  for (const Failure& one : broken) output.warn(apps::printable(one.message()) + "; going on without it");
  return session;
}

Checked<> Session::run(Work work, const std::function<std::string()>& farewell) {
  Interrupts interrupts(loop_);
  Checked<> outcome;
  auto done = [&](const std::exception_ptr& error, Checked<> result) {
    interrupts.stop();
    if (error) std::rethrow_exception(error);  // out of loop_.run()
    outcome = std::move(result);
  };
  asio::co_spawn(endpoint_->get_executor(), work_and_close(std::move(work)),
                 asio::bind_cancellation_slot(interrupts.slot(), done));
  loop_.run();
  output().clear_status();
  if (interrupts.seen()) return Problem{*interrupts.seen(), farewell()};
  return outcome;
}

Checked<> Session::keep(const std::string& name, const PeerId& id) {
  const auto file = context_.places.trusted_peers();
  if (!file) return file.error();
  if (const auto added = add_trusted(*file, name, id); !added) return problem_of(added.error(), file->string());
  if (const auto added = trust_.add(name, id); !added) return problem_of(added.error(), name);
  return {};
}

std::string Session::hint_for(const error_code& code) const {
  if (const auto name = context_.settings.text("pair")) {
    if (code == Errc::kAnsweredElsewhere)
      return ". If that was not you, somebody else has read the pairing offer: tell who made it, and ask for a new one";
    if (code == Errc::kPeerKeyMismatch)
      return ". If " + *name + " has a new key: quicket trust remove " + *name + ", then pair again";
  }
  if (code == Errc::kRefusedByPeer) return ": it may expect another key than this device's, " + own_id_.to_string();
  if (code == Errc::kRelayPinMismatch) {
    return "; somebody else may be in its place. If whoever runs it says that its certificate is new, its new URL is "
           "needed where the dial starts: quicket relay add URL";
  }
  if (code == Errc::kOfferNotForUs) return "; this device's key is " + own_id_.to_string();
  return "";
}

asio::awaitable<Checked<>> Session::work_and_close(Work work) {
  Checked<> outcome;
  try {
    auto working = work();
    outcome = co_await std::move(working);
  } catch (const boost::system::system_error& error) {
    const Failure why = failure_of(error);
    outcome = Problem{exit_for(why.code), with_names(why, trust_) + hint_for(why.code)};
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await endpoint_->close();
  co_return outcome;
}

struct Ticker::State {
  asio::steady_timer timer;
  std::function<void()> tick;
  bool stopped = false;
};

Ticker::Ticker(const asio::any_io_executor& executor, std::function<void()> tick)
    : state_(std::make_shared<State>(State{asio::steady_timer(executor), std::move(tick)})) {
  arm(state_);
}

Ticker::~Ticker() {
  state_->stopped = true;
  state_->timer.cancel();
}

void Ticker::arm(const std::shared_ptr<State>& state) {
  state->timer.expires_after(kTick);
  state->timer.async_wait([state](const error_code& error) {
    if (error || state->stopped) return;
    state->tick();
    arm(state);
  });
}

Checked<std::vector<CarrierSpec>> carriers_of(const Context& context) {
  std::vector<CarrierSpec> specs;
  if (context.settings.is_on("allow-exposed") && !context.settings.is_given("pair"))
    return usage_problem("--allow-exposed goes with --pair: sealed offers may travel by any carrier");
  std::vector<std::string> wished = context.settings.list("carrier");
  if (context.settings.is_given("pair") && !context.settings.is_given("carrier")) {
    wished = {"stdio"};  // the person is the carrier: nothing else reaches whom nobody knows yet
  } else if (!context.settings.is_given("carrier")) {
    for (const std::string& name : context.settings.sections("carrier")) {
      auto spec = carrier_of_section(context.settings, name);
      if (!spec) return spec.error();
      specs.push_back(std::move(*spec));
    }
    if (!specs.empty()) return specs;
  }
  for (const std::string& text : wished) {
    auto spec = parse_carrier_spec(text);
    if (!spec)
      return context.settings.complain("carrier", "\"" + apps::printable(text) + "\": " + spec.error().message());
    auto usual = carrier_of_section(context.settings, spec->name);
    if (!usual) return usual.error();
    spec->options.merge(usual->options);
    specs.push_back(std::move(*spec));
  }
  return specs;
}

std::optional<PairingOptions> pairing_of(const apps::Settings& settings) {
  const auto name = settings.text("pair");
  if (!name) return std::nullopt;
  return PairingOptions{.name = *name};
}

Checked<> check_name(const Context& context, const std::string& name, const TrustStore& trust) {
  const auto fits = trust.check(name, trust.find(name).value_or(PeerId()));
  if (fits) return {};
  return context.settings.complain("pair", "\"" + name + "\": " + fits.error().message());
}

asio::awaitable<Checked<>> converse(Session& session, Connection connection, Directions directions, Story& story) {
  const NamedPeer peer = named(connection.peer(), session.trust());
  const TimePoint since = boot_now();
  story.linked(peer, connection.path(), since);

  const auto streams = open_streams(directions);
  if (!streams) {
    connection.close(static_cast<std::uint64_t>(PipeCode::kFailed), streams.error().message);
    co_return streams.error();
  }
  Pipe pipe(connection, peer.name, streams->input.get(), streams->output.get(), directions.end_output);
  const bool typing =
      (directions.send && ::isatty(STDIN_FILENO) == 1) || (directions.receive && ::isatty(STDOUT_FILENO) == 1);
  Checked<> result;
  {
    const Ticker ticker(connection.get_executor(),
                        [&] { story.moving(connection.path(), pipe.traffic(), boot_now() - since, !typing); });
    result = co_await pipe.run();
  }
  if (result) {
    story.finished(peer, pipe.traffic(), boot_now() - since);
  } else if (const auto relay = story.lost_relay()) {
    Problem problem = result.error();
    problem.message += "; nor does relay " + relay->to_string() + " answer any more";
    co_return problem;
  }
  co_return result;
}

}  // namespace quicket::cli
