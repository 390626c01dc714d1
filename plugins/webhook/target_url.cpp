#include "plugins/webhook/target_url.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <stdexcept>

namespace quicket::plugin {

namespace {

bool is_this_machine(const boost::urls::url_view& url) {
  boost::system::error_code not_an_address;
  const auto address = boost::asio::ip::make_address(std::string(url.host_address()), not_an_address);
  return not_an_address ? url.host() == "localhost" : address.is_loopback();
}

}  // namespace

TargetUrl::TargetUrl(std::string_view text) {
  constexpr std::size_t kMaxUrl = 2'048;  // bytes
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed || text.size() > kMaxUrl || parsed->host().empty()) throw std::invalid_argument("is not an https URL");
  encrypted_ = parsed->scheme_id() == boost::urls::scheme::https;
  if (!encrypted_ && parsed->scheme_id() != boost::urls::scheme::http)
    throw std::invalid_argument("is not an https URL");
  if (!encrypted_ && !is_this_machine(*parsed)) {
    throw std::invalid_argument("must be https: plain http is for this machine itself alone");
  }
  if (parsed->has_userinfo()) {
    throw std::invalid_argument("must not hold a name or password: write an Authorization header into headers-file");
  }
  const boost::urls::url_view& url = *parsed;
  if (url.has_fragment()) throw std::invalid_argument("must not have a fragment (#)");
  text_ = text;
  origin_ = std::string(url.scheme()) + "://" + std::string(url.encoded_host_and_port());
}

}  // namespace quicket::plugin
