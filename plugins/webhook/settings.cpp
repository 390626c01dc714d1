#include "plugins/webhook/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <stdexcept>

#include <quicket/plugin/options.hpp>
#include <quicket/plugin/secret.hpp>

#include "plugins/webhook/header_lines.hpp"
#include "plugins/webhook/tls_server.hpp"

namespace quicket::plugin {

namespace {

using boost::asio::ip::tcp;

constexpr std::size_t kMaxTemplate = 64 * 1'024;  // bytes

struct Form {
  std::string_view name, content_type, body;  // body empty: the offer's bytes
};
constexpr std::array kForms{Form{"json", "application/json", "{{offer_json}}"},
                            Form{"uri", "text/plain; charset=utf-8", "{{offer_uri}}\n"},
                            Form{"binary", "application/octet-stream", ""}};
constexpr std::array<std::string_view, 3> kFormNames{kForms[0].name, kForms[1].name, kForms[2].name};
constexpr std::array<std::string_view, 3> kMethods{"POST", "PUT", "PATCH"};

// explained runs what throws std::invalid_argument, and says which option was wrong.
template <class Function>
auto explained(std::string_view key, Function&& function) {
  try {
    return function();
  } catch (const std::invalid_argument& wrong) {
    throw bad_option(key, wrong.what());
  }
}

std::string file_option(std::string_view key, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content(kMaxTemplate + 1, '\0');
  file.read(content.data(), std::ssize(content));
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (!file.is_open() || file.bad()) throw bad_option(key, "names " + path + ", which cannot be read");
  if (content.size() > kMaxTemplate) throw bad_option(key, "names " + path + ", which is larger than 64 KiB");
  return content;
}

// together refuses an option that says nothing without another one.
void together(const Options& options, std::string_view key, std::string_view other) {
  if (options.contains(key) && !options.contains(other)) {
    throw bad_option(key, "goes with \"" + std::string(other) + "\"");
  }
}
// apart refuses two options that say the same.
void apart(const Options& options, std::string_view key, std::string_view other) {
  if (options.contains(key) && options.contains(other)) {
    throw bad_option(key, "does not go with \"" + std::string(other) + "\"");
  }
}

std::optional<TargetUrl> target_url(const Options& options) {
  apart(options, "url", "url-file");
  if (const auto url = text_option(options, "url")) return explained("url", [&] { return TargetUrl(*url); });
  if (const auto url = secret_option(options, "url-file")) {
    return explained("url-file", [&] { return TargetUrl(url->text()); });
  }
  return std::nullopt;
}

tcp::endpoint parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  const std::string port = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  std::uint16_t number = 0;
  const auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool whole = bad == std::errc{} && end == port.data() + port.size() && !port.empty();
  if (error || !whole || address.is_v6() != bracketed) {
    throw bad_option("listen", "takes ADDRESS:PORT, like 127.0.0.1:8443 or [::]:8443");
  }
  return {address, number};
}

}  // namespace

std::optional<SenderSettings> sender_settings(const Options& options) {
  auto url = target_url(options);
  if (!url) {
    if (options.contains("listen")) return std::nullopt;
    throw BadOption("option \"url\", \"url-file\" or \"listen\" must be given");
  }
  const std::size_t method = choice_option(options, "method", 0, kMethods);
  apart(options, "form", "body-file");
  const Form& form = kForms[choice_option(options, "form", 0, kFormNames)];
  SenderSettings settings{.url = *std::move(url), .method = std::string(kMethods[method])};
  if (const auto file = text_option(options, "body-file")) {
    const std::string text = file_option("body-file", *file);
    settings.body = explained("body-file", [&] { return BodyTemplate(text); });
  } else if (!form.body.empty()) {
    settings.body.emplace(form.body);
  }
  if (const auto headers = secret_option(options, "headers-file")) {
    settings.headers = explained("headers-file", [&] { return parse_header_lines(headers->text()); });
  }
  const bool typed = std::ranges::any_of(settings.headers, [](std::string_view line) {
    constexpr std::string_view kName = "content-type:";
    return std::ranges::equal(line.substr(0, kName.size()), kName, {},
                              [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  });
  if (!typed) settings.headers.push_back("Content-Type: " + std::string(form.content_type));
  settings.ca_file = text_option(options, "ca-file").value_or("");
  if (!settings.ca_file.empty()) file_option("ca-file", settings.ca_file);
  return settings;
}

std::optional<ListenerSettings> listener_settings(const Options& options) {
  for (const std::string_view key : {"path", "cert-file", "key-file"}) together(options, key, "listen");
  together(options, "cert-file", "key-file");
  together(options, "key-file", "cert-file");
  const auto address = text_option(options, "listen");
  if (!address) return std::nullopt;
  ListenerSettings settings{.address = parse_address(*address), .path = text_option(options, "path").value_or("/")};
  const bool plain =
      std::ranges::all_of(settings.path, [](char c) { return c > 0x20 && c < 0x7f && c != '?' && c != '#'; });
  if (settings.path.front() != '/' || !plain) throw bad_option("path", "takes a path of a URL, like /offers");
  if (const auto certificates = text_option(options, "cert-file")) {
    const auto key = secret_option(options, "key-file");
    try {
      settings.tls = make_tls_server(*certificates, key->text());
    } catch (const std::invalid_argument& wrong) {
      throw BadOption(wrong.what());
    }
  } else if (!settings.address.address().is_loopback()) {
    throw bad_option("listen",
                     "needs \"cert-file\" and \"key-file\": plain HTTP is served on this machine itself alone");
  }
  return settings;
}

std::optional<SigningKeys> signing_keys(const Options& options) {
  const auto lines = secret_option(options, "secret-file");
  if (!lines) return std::nullopt;
  return explained("secret-file", [&] { return SigningKeys(lines->text()); });
}

}  // namespace quicket::plugin
