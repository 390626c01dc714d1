#include "plugins/webhook/tls_server.hpp"

#include <openssl/ssl.h>

#include <stdexcept>

#include <boost/asio/buffer.hpp>

namespace quicket::plugin {

namespace ssl = boost::asio::ssl;

ssl::context make_tls_server(const std::string& certificates, std::string_view private_key) {
  ssl::context context(ssl::context::tls_server);
  ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  ::SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_RENEGOTIATION);
  ::SSL_CTX_set_num_tickets(context.native_handle(), 0);  // nobody comes twice
  boost::system::error_code error;
  context.use_certificate_chain_file(certificates, error);
  if (error) throw std::invalid_argument("cert-file: " + error.message());
  // An encrypted key is refused: without this OpenSSL would ask the terminal for its password.
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  context.use_private_key(boost::asio::buffer(private_key.data(), private_key.size()), ssl::context::pem, error);
  if (error || ::SSL_CTX_check_private_key(context.native_handle()) != 1) {
    throw std::invalid_argument("key-file: it holds no private key that goes with the certificate");
  }
  return context;
}

}  // namespace quicket::plugin
