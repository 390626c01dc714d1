#pragma once

#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <quicket/carrier_plugin.hpp>

#include "plugins/webhook/sender.hpp"
#include "plugins/webhook/signature.hpp"

namespace quicket::plugin {

// What the options of the carrier say. Each throws BadOption, with the option's name and what is allowed.

// Where offers are taken.
struct ListenerSettings {
  boost::asio::ip::tcp::endpoint address;
  std::string path;
  std::optional<boost::asio::ssl::context> tls;  // nothing: plain HTTP, on a loopback address only
};

// sender_settings gives nothing when neither url nor url-file is given.
std::optional<SenderSettings> sender_settings(const Options& options);
// listener_settings gives nothing when listen is not given.
std::optional<ListenerSettings> listener_settings(const Options& options);
// signing_keys gives nothing when secret-file is not given.
std::optional<SigningKeys> signing_keys(const Options& options);

}  // namespace quicket::plugin
