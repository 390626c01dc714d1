#include "plugins/webhook/http_client.hpp"

#include <curl/curl.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

namespace quicket::plugin {

namespace {

constexpr std::size_t kMaxText = 120;  // bytes of an answer that are shown
constexpr int kLook = 1'000;           // milliseconds between two looks at the deadline

struct Close {
  void operator()(CURL* easy) const noexcept { ::curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const noexcept { ::curl_slist_free_all(list); }
};
struct CloseMulti {
  void operator()(CURLM* multi) const noexcept { ::curl_multi_cleanup(multi); }
};
using Easy = std::unique_ptr<CURL, Close>;
using List = std::unique_ptr<curl_slist, Close>;
using Multi = std::unique_ptr<CURLM, CloseMulti>;

// Running is a transfer as long as it is part of a multi handle.
class Running {
 public:
  Running(CURLM* multi, CURL* easy) : multi_(multi), easy_(easy) {
    if (::curl_multi_add_handle(multi, easy) != CURLM_OK) throw Failed("libcurl starts no transfer");
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { ::curl_multi_remove_handle(multi_, easy_); }

 private:
  CURLM* multi_;
  CURL* easy_;
};

// NoBrokenPipes keeps SIGPIPE, which TLS raises when the other side is gone, from the host.
class NoBrokenPipes {
 public:
  NoBrokenPipes() noexcept {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    ::sigpending(&pending);
    if (::sigismember(&pending, SIGPIPE) == 1) ::sigdelset(&pipe_, SIGPIPE);  // somebody else's: leave it
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoBrokenPipes(const NoBrokenPipes&) = delete;
  NoBrokenPipes& operator=(const NoBrokenPipes&) = delete;
  ~NoBrokenPipes() {
    const timespec now{};
    while (::sigtimedwait(&pipe_, nullptr, &now) > 0) {
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_, before_;
};

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  if (::curl_easy_setopt(easy, option, value) != CURLE_OK) throw Failed("libcurl refuses an option");
}

List list_of(const std::vector<std::string>& lines) {
  List list;
  for (const std::string& line : lines) {
    curl_slist* const longer = ::curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    static_cast<void>(list.release());
    list.reset(longer);
  }
  return list;
}

// keep_text takes the start of an answer's body, and passes over the rest.
std::size_t keep_text(char* data, std::size_t one, std::size_t size, void* text) {
  auto& kept = *static_cast<std::string*>(text);
  kept.append(data, std::min(size * one, kMaxText - std::min(kept.size(), kMaxText)));
  return size * one;
}

std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return c < 0x20 || c > 0x7e; }, ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

bool may_go_better(CURLcode code) {
  constexpr std::array kPassing{CURLE_COULDNT_RESOLVE_PROXY,
                                CURLE_COULDNT_RESOLVE_HOST,
                                CURLE_COULDNT_CONNECT,
                                CURLE_OPERATION_TIMEDOUT,
                                CURLE_SSL_CONNECT_ERROR,
                                CURLE_GOT_NOTHING,
                                CURLE_SEND_ERROR,
                                CURLE_RECV_ERROR,
                                CURLE_PARTIAL_FILE,
                                CURLE_HTTP2,
                                CURLE_HTTP2_STREAM,
                                CURLE_PROXY};
  return std::ranges::find(kPassing, code) != kPassing.end();
}

void drive(CURLM* multi, const Host& host, const Waiter& waiter, std::int64_t deadline) {
  for (int running = 1;;) {
    if (::curl_multi_perform(multi, &running) != CURLM_OK) throw Failed("libcurl fails");
    if (running == 0) return;
    waiter.pause(0, deadline);
    curl_waitfd cancelled{waiter.cancel_descriptor(), CURL_WAIT_POLLIN, 0};
    const std::int64_t left = deadline == 0 ? kLook : deadline - host.now();
    ::curl_multi_poll(multi, &cancelled, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, kLook)), nullptr);
  }
}

}  // namespace

HttpClient::HttpClient() {
  if (::curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw Failed("libcurl does not start");
}

HttpClient::~HttpClient() { ::curl_global_cleanup(); }

HttpAnswer HttpClient::exchange(const HttpRequest& request, const Host& host, const Waiter& waiter,
                                std::int64_t deadline) const {
  const NoBrokenPipes no_broken_pipes;
  HttpAnswer answer;
  std::array<char, CURL_ERROR_SIZE> why{};
  const List headers = list_of(request.headers);
  const std::string url(request.url), method(request.method), ca_file(request.ca_file);
  const Easy easy(::curl_easy_init());
  const Multi multi(::curl_multi_init());
  if (!easy || !multi) throw Failed("libcurl does not start");
  set(easy.get(), CURLOPT_URL, url.c_str());
  set(easy.get(), CURLOPT_PROTOCOLS_STR, "https,http");
  set(easy.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
  set(easy.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  set(easy.get(), CURLOPT_POSTFIELDS, request.body.data());
  set(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  set(easy.get(), CURLOPT_USERAGENT, "quicket");
  set(easy.get(), CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!ca_file.empty()) set(easy.get(), CURLOPT_CAINFO, ca_file.c_str());
  if (!request.use_proxy) set(easy.get(), CURLOPT_NOPROXY, "*");
  set(easy.get(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kConnectTime));
  set(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(kExchangeTime));
  set(easy.get(), CURLOPT_NOSIGNAL, 1L);
  set(easy.get(), CURLOPT_QUICK_EXIT, 1L);
  set(easy.get(), CURLOPT_ERRORBUFFER, why.data());
  set(easy.get(), CURLOPT_WRITEFUNCTION, &keep_text);
  set(easy.get(), CURLOPT_WRITEDATA, &answer.text);

  CURLcode code = CURLE_FAILED_INIT;
  {
    const Running running(multi.get(), easy.get());
    drive(multi.get(), host, waiter, deadline);
    int rest = 0;
    while (const CURLMsg* const message = ::curl_multi_info_read(multi.get(), &rest)) {
      if (message->msg == CURLMSG_DONE) code = message->data.result;
    }
  }
  long status = 0;
  ::curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  // An answer whose body is cut off is one all the same: many servers end a connection without TLS's close_notify.
  const bool has_answered = code == CURLE_OK || (status >= 200 && may_go_better(code));
  if (!has_answered) {
    const std::string text = printable(why[0] != '\0' ? why.data() : ::curl_easy_strerror(code));
    if (may_go_better(code)) throw Unreachable(text);
    throw Failed(text);
  }
  curl_off_t retry_after = 0;  // seconds
  ::curl_easy_getinfo(easy.get(), CURLINFO_RETRY_AFTER, &retry_after);
  constexpr curl_off_t kLongest = 365 * 24 * 3'600;
  answer.status = static_cast<int>(status);
  answer.retry_after_ms = std::clamp<curl_off_t>(retry_after, 0, kLongest) * 1'000;
  answer.text = printable(std::move(answer.text));
  return answer;
}

}  // namespace quicket::plugin
