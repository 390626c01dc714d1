#include "tests/apps/quicket-relay/process.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>

#include "tests/core/base/temporary_folder.hpp"
#include "tests/core/quic/ed25519_pem.hpp"

namespace quicket::relayd {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The program on loopback, with a home of its own.
class RelayProcess : public testing::Test {
 protected:
  void start(const std::vector<std::string>& more = {}, const std::string& port = "0") {
    relay.reset();
    std::vector<std::string> arguments{"--listen", "127.0.0.1:" + port, "--admin", "127.0.0.1:0", "--allow-loopback"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    relay = std::make_unique<test::Process>(QUICKET_RELAY_PROGRAM, arguments, environment());
  }
  // serve starts and waits for the addresses.
  void serve(const std::vector<std::string>& more = {}, const std::string& port = "0") {
    start(more, port);
    const auto found = relay->find(R"((https://[^ "]+#pin=[^ "]+))");
    ASSERT_TRUE(found) << relay->text();
    url = *found;
    admin_port = relay->find(R"(http://127\.0\.0\.1:([0-9]+)/metrics)").value();
    udp_port = url.substr(url.rfind(':') + 1, url.find('#') - url.rfind(':') - 1);
  }
  std::vector<std::string> environment() const {
    const std::string home = folder.path().string();
    return {"HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_CONFIG_HOME=" + home};
  }

  // get asks the admin endpoint.
  std::string get(const std::string& path) const {
    const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(static_cast<std::uint16_t>(std::stoi(admin_port)))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return "not connected";
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    if (::send(socket.fd(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return "not sent";
    std::string answer;
    std::array<char, 4096> more;
    for (ssize_t size = 0; (size = ::recv(socket.fd(), more.data(), more.size(), 0)) > 0;) {
      answer.append(more.data(), static_cast<std::size_t>(size));
    }
    return answer;
  }

  // request runs a foreign HTTP/3 client.
  static bool has_client() { return std::string_view(QUICKET_GTLSCLIENT).size() > 0; }
  int request(const std::string& path, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"--exit-on-all-streams-close", "-q", "127.0.0.1", udp_port,
                                       "https://127.0.0.1" + path};
    arguments.insert(arguments.begin(), more.begin(), more.end());
    return test::Process(QUICKET_GTLSCLIENT, arguments, environment()).status();
  }
  void register_somebody() {
    std::ofstream(folder / "body") << R"({"key": "AAECAwQFBgcICQoLDA0ODw==", "num": 10})";
    ASSERT_EQ(request("/v1/register", {"-m", "POST", "-d", (folder / "body").string()}), 0);
    ASSERT_THAT(get("/metrics"), HasSubstr("\nquicket_relay_registrations 1\n"));
  }

  TemporaryFolder folder;
  std::unique_ptr<test::Process> relay;
  std::string url, udp_port, admin_port;
};

TEST_F(RelayProcess, IsAliveAndReadyOnceItSaysItsAddresses) {
  serve();
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(get("/metrics"), HasSubstr("\nquicket_relay_registrations 0\n"));
}

TEST_F(RelayProcess, AnswersAForeignClientAndCountsThat) {
  if (!has_client()) GTEST_SKIP() << "gtlsclient is not installed";
  serve();
  EXPECT_EQ(request("/v1/info"), 0);
  EXPECT_THAT(get("/metrics"), HasSubstr("\nquicket_relay_http_responses_total{status=\"200\"} 1\n"));
}

TEST_F(RelayProcess, KeepsItsPinOverARestart) {
  serve();
  const std::string before = url;
  serve({}, udp_port);
  EXPECT_EQ(url, before);
}

TEST_F(RelayProcess, EndsWithStatus0WhenNobodyIsThereToDrain) {
  serve();
  relay->signal(SIGTERM);
  EXPECT_EQ(relay->status(), 0);
  EXPECT_THAT(relay->text(), HasSubstr("drained"));
}

TEST_F(RelayProcess, IsNotReadyWhileItDrainsAndEndsAtTheSecondSignal) {
  if (!has_client()) GTEST_SKIP() << "gtlsclient is not installed";
  serve();
  register_somebody();
  relay->signal(SIGTERM);
  ASSERT_TRUE(relay->find("draining after SIGTERM: 1 registration "));
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 "));
  relay->signal(SIGINT);
  EXPECT_EQ(relay->status(), 0);
  EXPECT_THAT(relay->text(), HasSubstr("stopped at the second signal"));
}

TEST_F(RelayProcess, DrainsNoLongerThanItMay) {
  if (!has_client()) GTEST_SKIP() << "gtlsclient is not installed";
  serve({"--drain-timeout", "300ms"});
  register_somebody();
  relay->signal(SIGTERM);
  EXPECT_EQ(relay->status(), 0);
  EXPECT_THAT(relay->text(), HasSubstr("stopped with 1 registration left"));
}

TEST_F(RelayProcess, ReadsConfigurationAndCertificateAgainAtSighup) {
  serve({"--state", (folder / "other").string()});
  const std::string other_url = url;
  serve();
  const std::string first_url = url;
  relay->signal(SIGTERM);
  ASSERT_EQ(relay->status(), 0);

  const auto pem = [this](const std::string& state) { return folder / state / "relay.pem"; };
  std::filesystem::copy_file(pem("quicket/relay"), folder / "used.pem");
  std::ofstream(folder / "relay.conf") << "cert = " << (folder / "used.pem").string()
                                       << "\nkey = " << (folder / "used.pem").string() << "\n";
  serve({"--config", (folder / "relay.conf").string()});
  const auto pin = [](const std::string& of) { return of.substr(of.find('#')); };
  ASSERT_EQ(pin(url), pin(first_url));

  std::filesystem::copy_file(pem("other"), folder / "used.pem", std::filesystem::copy_options::overwrite_existing);
  std::ofstream(folder / "relay.conf", std::ios::app) << "max-ids = 1000000\nlog-level = debug\n";
  relay->signal(SIGHUP);
  EXPECT_TRUE(relay->find("SIGHUP: configuration, certificate and tokens are read again")) << relay->text();
  EXPECT_TRUE(relay->find("SIGHUP: max-ids has changed: the next start heeds it")) << relay->text();
  EXPECT_TRUE(relay->find("relay url  [^ ]+" + pin(other_url) + " ")) << relay->text();
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(RelayProcess, StaysAsItIsWhenWhatItReadsAtSighupIsWrong) {
  std::ofstream(folder / "relay.conf") << "lease = 1min\n";
  serve({"--config", (folder / "relay.conf").string()});
  std::ofstream(folder / "relay.conf") << "lease = never\n";
  relay->signal(SIGHUP);
  EXPECT_TRUE(relay->find("SIGHUP: .*relay.conf.*never.*All stays as it was")) << relay->text();
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200 "));
  relay->signal(SIGTERM);
  EXPECT_EQ(relay->status(), 0);
}

TEST_F(RelayProcess, KeepsItsCertificateWhenTheOneOfferedAtSighupHasAnotherKey) {
  const auto write = [this](const char* name, const char* text) {
    std::ofstream(folder / name) << text;
    std::filesystem::permissions(folder / name,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  };
  write("cert.pem", quic::test::kEd25519Certificate);
  write("key.pem", quic::test::kEd25519Key);
  serve({"--cert", (folder / "cert.pem").string(), "--key", (folder / "key.pem").string()});
  write("key.pem", quic::test::kOtherEd25519Key);
  relay->signal(SIGHUP);
  EXPECT_TRUE(relay->find("SIGHUP: [^\"]*cert.pem and [^\"]*key.pem are not [^\"]*All stays as it was"))
      << relay->text();
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200 "));
  if (has_client()) {
    EXPECT_EQ(request("/v1/info"), 0);
  }
}

TEST_F(RelayProcess, TakesACertificateFromOtherFilesAtSighup) {
  serve({"--state", (folder / "other").string()});
  const std::string other_pin = url.substr(url.find('#'));
  std::ofstream(folder / "relay.conf") << "";
  serve({"--config", (folder / "relay.conf").string()});
  const std::string pem = (folder / "other" / "relay.pem").string();
  std::ofstream(folder / "relay.conf") << "cert = " << pem << "\nkey = " << pem << "\n";
  relay->signal(SIGHUP);
  EXPECT_TRUE(relay->find("relay url  [^ ]+" + other_pin + " ")) << relay->text();
}

TEST_F(RelayProcess, SaysThatItsPortIsTaken) {
  serve();
  test::Process second(QUICKET_RELAY_PROGRAM,
                       {"--listen", "127.0.0.1:" + udp_port, "--admin", "off", "--log-format", "text"}, environment());
  EXPECT_EQ(second.status(), 69);
  EXPECT_THAT(second.text(), StartsWith("error: udp 127.0.0.1:" + udp_port));
  EXPECT_THAT(second.text(), HasSubstr("--listen"));
}

TEST_F(RelayProcess, SaysThatItsAdminPortIsTaken) {
  serve();
  test::Process second(QUICKET_RELAY_PROGRAM, {"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:" + admin_port},
                       environment());
  EXPECT_EQ(second.status(), 69);
  EXPECT_THAT(second.text(), HasSubstr("--admin"));
}

TEST_F(RelayProcess, SaysThatItsStateIsDamaged) {
  serve();
  relay->signal(SIGTERM);
  ASSERT_EQ(relay->status(), 0);
  std::ofstream(folder / "quicket/relay/relay.pem") << "nonsense";
  start();
  EXPECT_EQ(relay->status(), 78);
  EXPECT_THAT(relay->text(), HasSubstr("relay.pem is damaged"));
}

TEST_F(RelayProcess, SaysWhatToLowerWhenItGetsNoMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer needs more address space than any limit leaves";
#endif
  test::Process limited("/bin/sh",
                        {"-c", "ulimit -v 1000000 && exec \"$0\" --listen 127.0.0.1:0 --admin off --max-ids 256000000",
                         QUICKET_RELAY_PROGRAM},
                        environment());
  EXPECT_EQ(limited.status(), 75) << limited.text();
  EXPECT_THAT(limited.text(), HasSubstr("Lower --max-ids"));
}

TEST_F(RelayProcess, WritesOnlyJsonWhenNoTerminalIsThere) {
  serve();
  relay->signal(SIGTERM);
  ASSERT_EQ(relay->status(), 0);
  std::istringstream lines(relay->text());
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(line.starts_with("{\"ts\":\"") && line.ends_with("}")) << line;
}

}  // namespace
}  // namespace quicket::relayd
