#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>

#include "apps/options/environment.hpp"
#include "apps/options/exit.hpp"
#include "apps/quicket-relay/config.hpp"
#include "apps/quicket-relay/host.hpp"
#include "apps/quicket-relay/log.hpp"
#include "apps/quicket-relay/service_manager.hpp"
#include "relay/admin/listener.hpp"
#include "relay/server/relay.hpp"

namespace quicket::relayd {

// Daemon is one relay from its start to its end: the relay, its admin endpoint, signals and words for the operator.
// Thread safety: none.
class Daemon {
 public:
  // ReadConfig reads the configuration again, from everywhere it came from.
  using ReadConfig = std::function<apps::Checked<Config>()>;

  // Daemon borrows the log.
  Daemon(Config config, ReadConfig read_config, const apps::Environment& environment, Log& log);

  // start reads the state, takes the addresses, serves, and says so. Errors: what a person can do something about.
  apps::Checked<> start();

  // run serves until SIGTERM or SIGINT, then drains; a second signal ends that. SIGHUP reads configuration, certificate
  // and tokens again; what is wrong in them is logged, and all stays as it was. Errors: kInputOutput when a socket
  // failed.
  apps::Checked<> run();

 private:
  apps::Checked<relay::RelayOptions> relay_options(const Config& config, const std::string& host);
  apps::Checked<> listen(relay::RelayOptions options);
  apps::Checked<> listen_admin();
  void announce(const Host& host);
  void announce_url(const Host& host);
  void watch();
  void wait_for_signal();
  void on_signal(int signal);
  void reload();
  apps::Checked<> take(Config config);
  void drain(int signal);
  void end(const std::string& why);

  Config config_;
  ReadConfig read_config_;
  std::string credentials_folder_;
  ServiceManager manager_;
  Log& log_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  boost::asio::steady_timer drain_timer_, watch_timer_;
  std::unique_ptr<relay::Relay> relay_;
  std::unique_ptr<relay::AdminListener> admin_;
  relay::RelaySnapshot last_;  // as watch() saw it
  apps::Checked<> outcome_;
};

}  // namespace quicket::relayd
