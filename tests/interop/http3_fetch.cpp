// http3_fetch makes one HTTP/3 request with this project's client, to a server that others wrote:
//   http3_fetch ADDRESS METHOD PATH [FILE]      FILE holds the request's content
//   http3_fetch --make-certificate FOLDER       writes cert.pem and key.pem for such a server
// It prints "status N", the headers as "name: value", an empty line, the content. Exit status: 0 a response, 1 none, 64
// wrong usage, 66 no such file.
#include "core/base/file.hpp"
#include "core/quic/tls.hpp"
#include "transports/http3/client.hpp"
#include "transports/udp/socket.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace quicket;
using transports::Http3Client;
using transports::HttpRequest;
using transports::HttpResponse;

constexpr std::size_t kLargestFile = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kLongestWait{1000};

TimePoint time_now() { return TimePoint(std::chrono::steady_clock::now().time_since_epoch()); }

int make_certificate(const std::filesystem::path& folder) {
  const auto pem = quic::make_self_signed({"localhost", "127.0.0.1"});
  if (!pem) return 1;
  std::ofstream(folder / "cert.pem") << pem->certificate;
  std::ofstream(folder / "key.pem") << pem->key;
  return 0;
}

void print(const HttpResponse& response) {
  std::cout << "status " << response.status << "\n";
  for (const auto& header : response.headers) std::cout << header.name << ": " << header.value << "\n";
  std::cout << "\n" << as_text(response.body) << std::flush;
}

// wait returns when the socket can be read, or the client's deadline has come.
void wait(const UdpSocket& socket, const Http3Client& client) {
  auto left = kLongestWait;
  if (const auto deadline = client.deadline()) {
    const auto until = std::chrono::ceil<std::chrono::milliseconds>(*deadline - time_now());
    left = std::clamp(until, std::chrono::milliseconds(0), kLongestWait);
  }
  pollfd waiting{.fd = socket.native_handle(), .events = POLLIN, .revents = 0};
  poll(&waiting, 1, static_cast<int>(left.count()));
}

// exchange drives the client until its one request is answered, or never will be.
std::optional<HttpResponse> exchange(Http3Client& client, UdpSocket& socket) {
  std::optional<HttpResponse> response;
  while (!client.is_finished(time_now())) {
    while (auto event = client.poll()) {
      if (auto* arrived = std::get_if<Http3Client::ResponseArrived>(&*event)) {
        response = std::move(arrived->response);
        client.close(time_now());
      } else if (const auto* failed = std::get_if<Http3Client::RequestFailed>(&*event)) {
        std::cerr << "http3_fetch: " << failed->error.message() << "\n";
        client.close(time_now());
      }
    }
    client.transmit(socket, time_now());
    socket.flush();
    if (client.is_closed()) break;
    wait(socket, client);
    const auto took = socket.receive(
        [&](std::span<const Received> run) {
          for (const Received& one : run) client.receive(one, time_now());
        },
        256);
    if (!took) break;
    if (const auto deadline = client.deadline(); deadline && *deadline <= time_now()) client.on_deadline(time_now());
  }
  return response;
}

int fetch(const Address& server, HttpRequest request) {
  auto socket = UdpSocket::bind(Address::loopback(0));
  if (!socket) return 1;
  transports::Http3ClientConfig config;
  config.verify = [](const quic::PeerCertificate&) -> Result<void> { return {}; };
  const AddressPair path{.local = socket->local_address(), .remote = server};
  auto client = Http3Client::create(std::move(config), path, time_now());
  if (!client) return 1;
  request.authority = server.to_string();
  if (!(*client)->request(std::move(request), time_now())) return 1;
  const auto response = exchange(**client, *socket);
  if (!response) return 1;
  print(*response);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2 && arguments[0] == "--make-certificate") return make_certificate(arguments[1]);
  const auto server = arguments.size() < 3 ? std::nullopt : std::optional(Address::parse(arguments[0]));
  if (!server || !*server || arguments.size() > 4) {
    std::cerr << "usage: http3_fetch ADDRESS METHOD PATH [FILE] | --make-certificate FOLDER\n";
    return 64;
  }
  HttpRequest request{.method = arguments[1], .path = arguments[2]};
  if (arguments.size() == 4) {
    auto content = read_file(arguments[3], kLargestFile);
    if (!content) return 66;
    request.body = std::move(*content);
  }
  return fetch(**server, std::move(request));
}
