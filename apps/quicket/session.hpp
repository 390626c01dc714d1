#pragma once

#include <quicket/endpoint.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/quicket/context.hpp"
#include "apps/quicket/standard_streams.hpp"
#include "apps/quicket/story.hpp"

namespace quicket::cli {

// Session is what dialing and accepting have in common: the event loop, the endpoint, the carriers, and how signals end
// it all.
class Session {
 public:
  struct Request {
    std::vector<CarrierSpec> carriers;
    std::vector<RelayUrl> relays;
    TrustStore trust;
  };

  // open makes the endpoint and opens the carriers. `context` is borrowed.
  static Checked<std::unique_ptr<Session>> open(Context& context, Request request);

  // run lets `work` run to its end, and then closes the endpoint in order. SIGINT, SIGTERM and SIGHUP (unless ignored)
  // cancel the work: run() then gives kInterrupted, kTerminated or kHungUp with what `farewell` says. A second SIGINT
  // or SIGTERM ends the process at once.
  using Work = std::function<boost::asio::awaitable<Checked<>>()>;
  Checked<> run(Work work, const std::function<std::string()>& farewell);

  Endpoint& endpoint() noexcept { return *endpoint_; }
  const std::vector<Carrier>& carriers() const noexcept { return carriers_; }
  // close_carriers lets them go: what they still do for an offer is of no use any more.
  void close_carriers() noexcept { carriers_.clear(); }
  const TrustStore& trust() const noexcept { return trust_; }
  // keep trusts a peer that was met, and writes that down.
  Checked<> keep(const std::string& name, const PeerId& id);
  // hint_for is what a person may need to know besides the error, or empty.
  std::string hint_for(const error_code& code) const;
  Output& output() noexcept { return context_.output; }
  const apps::Settings& settings() const noexcept { return context_.settings; }

 private:
  Session(Context& context, const PeerId& own_id, TrustStore trust)
      : context_(context), own_id_(own_id), trust_(std::move(trust)) {}
  boost::asio::awaitable<Checked<>> work_and_close(Work work);

  Context& context_;
  PeerId own_id_;
  TrustStore trust_;
  boost::asio::io_context loop_{1};
  std::optional<Endpoint> endpoint_;
  std::vector<Carrier> carriers_;
};

// Ticker calls a function once a second for as long as it lives, on an executor with one thread.
class Ticker {
 public:
  Ticker(const boost::asio::any_io_executor& executor, std::function<void()> tick);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

 private:
  struct State;
  static void arm(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

// carriers_of gives the carriers of --carrier, with what the configuration's sections say besides; without --carrier,
// those that have a section; without one, the default. With --pair it is stdio unless --carrier says otherwise. Errors:
// kUsage, kConfig.
Checked<std::vector<CarrierSpec>> carriers_of(const Context& context);

// pairing_of reads --pair. check_name says whether somebody can be met under a name: kUsage.
std::optional<PairingOptions> pairing_of(const apps::Settings& settings);
Checked<> check_name(const Context& context, const std::string& name, const TrustStore& trust);

// converse joins the connection with the standard streams until both directions have ended, and tells about it.
boost::asio::awaitable<Checked<>> converse(Session& session, Connection connection, Directions directions,
                                           Story& story);

}  // namespace quicket::cli
