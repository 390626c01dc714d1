#include "apps/quicket-relay/daemon.hpp"

#include <csignal>

#include "apps/quicket-relay/options.hpp"
#include "apps/quicket-relay/state.hpp"
#include "apps/quicket-relay/watch.hpp"
#include "relay/admin/metrics.hpp"

namespace quicket::relayd {

namespace {

using apps::Checked;
using apps::Exit;
using apps::Problem;
namespace errc = boost::system::errc;

// How often the log may say something about the relay's work.
constexpr std::chrono::seconds kWatchInterval{60};

// address_problem tells what to do when an address cannot be taken. `option` chooses it.
Problem address_problem(const Failure& failure, const std::string& option) {
  const std::string choose = ", or choose another one with " + option + " ADDR:PORT";
  if (failure.code == errc::address_in_use) {
    return {Exit::kUnavailable,
            failure.message() + ": another program has it, perhaps another quicket-relay. Stop that" + choose};
  }
  if (failure.code == errc::permission_denied || failure.code == errc::operation_not_permitted) {
    return {Exit::kNoPermission,
            failure.message() + ": ports below 1024 need the capability CAP_NET_BIND_SERVICE. Give it" + choose};
  }
  if (failure.code == errc::address_not_available) {
    return {Exit::kUnavailable, failure.message() + ": this machine does not have that address. Add it" + choose};
  }
  if (failure.code == errc::address_family_not_supported) {
    return {Exit::kUnavailable, failure.message() + ": this machine has no IPv6. Enable it" + choose};
  }
  return {apps::exit_for_system(failure.code), failure.message()};
}

std::string joined(const std::vector<Address>& addresses) {
  std::string text;
  for (const Address& address : addresses) text += (text.empty() ? "" : ", ") + address.to_string();
  return text;
}

}  // namespace

Daemon::Daemon(Config config, ReadConfig read_config, const apps::Environment& environment, Log& log)
    : config_(std::move(config)),
      read_config_(std::move(read_config)),
      credentials_folder_(apps::find_variable(environment, "CREDENTIALS_DIRECTORY")),
      manager_(apps::find_variable(environment, "NOTIFY_SOCKET")),
      log_(log),
      signals_(context_),
      drain_timer_(context_),
      watch_timer_(context_) {}

Checked<> Daemon::start() {
  const Host host = choose_host(config_);
  auto options = relay_options(config_, host.name);
  if (!options) return options.error();
  if (auto done = listen(std::move(*options)); !done) return done.error();
  if (auto done = listen_admin(); !done) return done.error();

  error_code error;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (!error) signals_.add(signal, error);
  }
  if (error) return Problem{apps::exit_for_system(error), "cannot wait for signals: " + error.message()};
  if (const auto started = relay_->start(); !started) {
    return Problem{apps::exit_for_system(started.error()),
                   "cannot serve at udp " + joined(relay_->local_addresses()) + ": " + started.error().message()};
  }
  wait_for_signal();
  watch();
  announce(host);
  manager_.ready("serving");
  return {};
}

Checked<relay::RelayOptions> Daemon::relay_options(const Config& config, const std::string& host) {
  relay::RelayOptions options;
  auto credentials = load_credentials(config, {host}, credentials_folder_);
  if (!credentials) return credentials.error();
  auto secrets = load_secrets(config.state);
  if (!secrets) return secrets.error();
  if (config.tokens) {
    auto tokens = load_tokens(*config.tokens, credentials_folder_);
    if (!tokens) return tokens.error();
    options.service.tokens = std::move(*tokens);
  }
  options.listen = config.listen;
  options.credentials = std::move(*credentials);
  options.reset_secret = std::move(secrets->reset);
  options.limits = config.limits;
  options.max_connections = config.max_connections;
  options.service.software = "quicket-relay " + std::string(kVersion);
  options.service.public_addresses = config.public_addresses;
  options.service.mailbox.bytes = config.mailbox_bytes;
  options.service.bearer_keys = config.bearer_keys;
  options.service.require_peer_token = config.require_peer_token;
  options.service.peer_token_secret = std::move(secrets->peer_token);
  options.on_failure = [this](const Failure& failure) {
    outcome_ = Problem{Exit::kInputOutput, failure.message()};
    end("stopped: a socket failed");
  };
  return options;
}

Checked<> Daemon::listen(relay::RelayOptions options) {
  auto relay = relay::Relay::create(context_.get_executor(), options);
  const bool no_ipv6 = !relay && (relay.error().code == errc::address_family_not_supported ||
                                  relay.error().code == errc::address_not_available);
  if (no_ipv6 && config_.ipv6_is_optional &&
      std::erase_if(options.listen, [](const Address& one) { return !one.is_v4(); }) > 0) {
    relay = relay::Relay::create(context_.get_executor(), std::move(options));
  }
  if (!relay) return address_problem(relay.error(), "--listen");
  relay_ = std::move(*relay);
  return {};
}

Checked<> Daemon::listen_admin() {
  if (!config_.admin) return {};
  relay::AdminSource source{.is_ready = [this] { return relay_->is_ready(); },
                            .metrics = [this] { return relay::metrics_text(relay_->snapshot(), kVersion); }};
  auto admin = relay::AdminListener::create(context_.get_executor(), *config_.admin, std::move(source));
  if (!admin) return address_problem(admin.error(), "--admin");
  admin_ = std::move(*admin);
  return {};
}

void Daemon::announce(const Host& host) {
  log_.announce("quicket-relay " + std::string(kVersion));
  const std::string metrics = admin_ ? " · metrics http://" + admin_->local_address().to_string() + "/metrics" : "";
  log_.announce("listening on udp " + joined(relay_->local_addresses()) + metrics);
  announce_url(host);
}

void Daemon::announce_url(const Host& host) {
  const std::string certificate = config_.certificate ? "certificate " + config_.certificate->certificate.string()
                                                      : "self-signed, kept in " + config_.state.string();
  log_.announce("relay url  " + relay_->url(host.name, host.port).to_string() + "      (" + certificate + ")");
  if (host.is_private)
    log_.announce("           " + host.name + " is a private address: for clients elsewhere, name another with --host");
}

Checked<> Daemon::run() {
  context_.run();
  return outcome_;
}

void Daemon::watch() {
  watch_timer_.expires_after(kWatchInterval);
  watch_timer_.async_wait([this](const error_code& error) {
    if (error) return;
    const relay::RelaySnapshot now = relay_->snapshot();
    for (const std::string& line : worries(last_, now)) log_.lines().warn("{}", line);
    log_.lines().debug("{}", summary(last_, now));
    last_ = now;
    watch();
  });
}

void Daemon::wait_for_signal() {
  signals_.async_wait([this](const error_code& error, int signal) {
    if (!error) on_signal(signal);
  });
}

void Daemon::on_signal(int signal) {
  if (signal != SIGHUP) return drain(signal);
  wait_for_signal();
  if (relay_->is_draining()) return log_.lines().info("SIGHUP: nothing is read again while draining");
  manager_.reloading();
  reload();
  manager_.ready("serving");
}

void Daemon::reload() {
  auto config = read_config_();
  const auto done = config ? take(std::move(*config)) : apps::Checked<>(config.error());
  if (!done) log_.lines().error("SIGHUP: {}. All stays as it was; mend it and send SIGHUP again", done.error().message);
}

Checked<> Daemon::take(Config config) {
  const auto fixed = keep_fixed(config_, config);
  const Host host = choose_host(config);
  auto options = relay_options(config, host.name);
  if (!options) return options.error();
  const RelayUrl before = relay_->url(host.name, host.port);
  if (const auto done = relay_->reconfigure(std::move(*options)); !done)
    return Problem{Exit::kInternal, "cannot take it: " + done.error().message()};
  log_.set_level(config.log_level);
  config_ = std::move(config);
  log_.lines().info("SIGHUP: configuration, certificate and tokens are read again");
  for (const std::string_view name : fixed) log_.lines().warn("SIGHUP: {} has changed: the next start heeds it", name);
  if (relay_->url(host.name, host.port) != before) {
    log_.lines().warn(
        "SIGHUP: the certificate has another key, so the relay has another URL: who knows the old one stays out");
  }
  announce_url(host);
  return {};
}

void Daemon::drain(int signal) {
  if (relay_->is_draining()) return end("stopped at the second signal");
  const relay::RelaySnapshot now = relay_->snapshot();
  log_.lines().info("draining after {}: {} to go on for at most {:g} s; a second signal ends at once",
                    signal == SIGINT ? "SIGINT" : "SIGTERM", counted(now.registrations, "registration"),
                    std::chrono::duration<double>(config_.drain_timeout).count());
  manager_.stopping("draining");
  wait_for_signal();
  drain_timer_.expires_after(config_.drain_timeout);
  drain_timer_.async_wait([this](const error_code& error) {
    if (!error) end("stopped with " + counted(relay_->snapshot().registrations, "registration") + " left");
  });
  relay_->drain([this] { end("drained: nobody is left"); });
}

void Daemon::end(const std::string& why) {
  log_.lines().info("{}", why);
  admin_.reset();
  relay_->stop();
  context_.stop();
}

}  // namespace quicket::relayd
