#pragma once

#include <string>
#include <string_view>

#include <boost/asio/ssl/context.hpp>

namespace quicket::plugin {

// make_tls_server gives a context for serving TLS 1.2 and later: `certificates` is a file, PEM, the server's own first;
// `private_key` is PEM text. Throws std::invalid_argument, whose text says which of them is wrong.
boost::asio::ssl::context make_tls_server(const std::string& certificates, std::string_view private_key);

}  // namespace quicket::plugin
