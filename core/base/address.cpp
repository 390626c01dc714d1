#include <quicket/address.hpp>

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>

namespace quicket {

namespace {

namespace ip = boost::asio::ip;

std::uint8_t at(ByteView bytes, std::size_t index) { return std::to_integer<std::uint8_t>(bytes[index]); }

bool is_zero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

error_code invalid() { return make_error_code(boost::system::errc::invalid_argument); }

}  // namespace

Result<Address> Address::from(ByteView bytes, std::uint16_t port) {
  if (bytes.size() != 4 && bytes.size() != 16) return invalid();
  const bool mapped = bytes.size() == 16 && is_zero(bytes.first(10)) && at(bytes, 10) == 0xff && at(bytes, 11) == 0xff;
  if (mapped) bytes = bytes.subspan(12);
  Address address;
  address.v4_ = bytes.size() == 4;
  address.port_ = port;
  std::ranges::copy(bytes, address.ip_.begin());
  return address;
}

Result<Address> Address::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  // No scopes; and make_address would stop reading at a zero byte.
  if (colon == std::string_view::npos || text.find_first_of(std::string_view("%\0", 2)) != std::string_view::npos)
    return invalid();
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);

  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (failed != std::errc{} || end != port_text.data() + port_text.size()) return invalid();

  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  error_code error;
  const auto parsed = ip::make_address(std::string(host), error);
  if (error || parsed.is_v6() != bracketed) return invalid();
  if (parsed.is_v4()) {
    const auto bytes = parsed.to_v4().to_bytes();
    return from(byte_view(bytes.data(), bytes.size()), port);
  }
  const auto bytes = parsed.to_v6().to_bytes();
  return from(byte_view(bytes.data(), bytes.size()), port);
}

Address Address::loopback(std::uint16_t port) noexcept {
  Address address;
  address.ip_[0] = std::byte{127};
  address.ip_[3] = std::byte{1};
  address.port_ = port;
  return address;
}

Address Address::with_port(std::uint16_t port) const noexcept {
  Address copy = *this;
  copy.port_ = port;
  return copy;
}

bool Address::is_unspecified() const noexcept { return is_zero(ip()); }

bool Address::is_loopback() const noexcept {
  if (v4_) return at(ip(), 0) == 127;
  return is_zero(ip().first(15)) && at(ip(), 15) == 1;
}

bool Address::is_link_local() const noexcept {
  if (v4_) return at(ip(), 0) == 169 && at(ip(), 1) == 254;
  return at(ip(), 0) == 0xfe && (at(ip(), 1) & 0xc0) == 0x80;
}

bool Address::is_multicast() const noexcept {
  if (!v4_) return at(ip(), 0) == 0xff;
  const bool broadcast = std::ranges::all_of(ip(), [](std::byte b) { return b == std::byte{0xff}; });
  return broadcast || (at(ip(), 0) & 0xf0) == 0xe0;
}

bool Address::is_private() const noexcept {
  if (!v4_) return (at(ip(), 0) & 0xfe) == 0xfc;
  const auto first = at(ip(), 0), second = at(ip(), 1);
  return first == 10 || (first == 172 && (second & 0xf0) == 16) || (first == 192 && second == 168) ||
         (first == 100 && (second & 0xc0) == 64);
}

std::string Address::ip_string() const {
  if (v4_) {
    ip::address_v4::bytes_type bytes;
    std::ranges::transform(ip(), bytes.begin(), [](std::byte b) { return std::to_integer<unsigned char>(b); });
    return ip::address_v4(bytes).to_string();
  }
  ip::address_v6::bytes_type bytes;
  std::ranges::transform(ip(), bytes.begin(), [](std::byte b) { return std::to_integer<unsigned char>(b); });
  return ip::address_v6(bytes).to_string();
}

std::string Address::to_string() const {
  const std::string host = v4_ ? ip_string() : "[" + ip_string() + "]";
  return host + ":" + std::to_string(port_);
}

}  // namespace quicket
