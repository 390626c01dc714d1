#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <quicket/carrier.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <quicket/conformance/channel.hpp>
#include <quicket/conformance/host.hpp>
#include <quicket/conformance/inbox.hpp>

namespace quicket::conformance {

// load gives a plugin's table; the code stays loaded. Throws std::runtime_error.
inline const quicket_carrier& load(const std::filesystem::path& file) {
  void* const library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) throw std::runtime_error(::dlerror());
  void* const symbol = ::dlsym(library, QUICKET_CARRIER_SYMBOL);
  if (symbol == nullptr) throw std::runtime_error(file.string() + " has no symbol " QUICKET_CARRIER_SYMBOL);
  const auto* table = reinterpret_cast<decltype(&quicket_carrier_v1)>(symbol)(QUICKET_CARRIER_ABI_VERSION);
  if (table == nullptr) throw std::runtime_error(file.string() + " does not support this version of the ABI");
  return *table;
}

// End is how a call ended.
struct End {
  int status = -1;
  std::string text;
};

inline End end_of(int status, const quicket_error& error) {
  const void* const terminator = std::memchr(error.text, 0, sizeof error.text);
  EXPECT_NE(terminator, nullptr) << "the error's text is not terminated";
  return {status, terminator != nullptr ? error.text : ""};
}

// Call is a call that runs in a thread of its own.
class Call {
 public:
  static constexpr std::chrono::seconds kHangs{20};

  explicit Call(std::function<End()> call) : end_(std::async(std::launch::async, std::move(call))) {}

  bool is_over_after(std::chrono::milliseconds time) { return end_.wait_for(time) == std::future_status::ready; }
  // end waits for the end. A call that hangs ends the program: nothing else can be done about it.
  End end() {
    if (!is_over_after(kHangs)) {
      std::fputs("the carrier hangs: a call that has ended for everybody else does not return\n", stderr);
      std::abort();
    }
    return end_.get();
  }

 private:
  std::future<End> end_;
};

// Instance is one opened carrier. Closed at the end; no Call of it may run any more.
class Instance {
 public:
  Instance(const quicket_carrier& table, const Options& options, Channel* channel = nullptr, bool receiving = false)
      : table_(table),
        channel_(channel),
        host_(channel != nullptr ? std::make_unique<Host>(*channel, receiving) : std::make_unique<Host>()) {
    std::vector<quicket_option> list;
    for (const auto& [key, value] : options) list.push_back({key.c_str(), value.c_str()});
    quicket_error error{};
    const int status = table_.open(&host_->table(), list.data(), list.size(), &instance_, &error);
    opened_ = end_of(status, error);
  }
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  ~Instance() {
    host_->cancel();
    if (is_open()) table_.close(instance_);
  }

  bool is_open() const noexcept { return opened_.status == QUICKET_CARRIER_OK && instance_ != nullptr; }
  const End& opened() const noexcept { return opened_; }
  std::vector<std::string> log() const { return host_->log(); }
  void cancel() const {
    host_->cancel();
    table_.cancel(instance_);
  }

  // deliver: `deadline` in milliseconds from now.
  End deliver(const Octets& offer, std::int64_t deadline = 60'000) const {
    const std::string recipient = channel_ != nullptr ? channel_->recipient() : "";
    const std::vector<std::string> relays = channel_ != nullptr ? channel_->home_relays() : std::vector<std::string>();
    std::vector<const char*> pointers;
    for (const std::string& relay : relays) pointers.push_back(relay.c_str());
    const quicket_delivery delivery{.struct_size = sizeof(quicket_delivery),
                                    .offer = offer.data(),
                                    .offer_size = offer.size(),
                                    .recipient = recipient.empty() ? nullptr : recipient.c_str(),
                                    .home_relays = pointers.data(),
                                    .home_relay_count = pointers.size(),
                                    .deadline_ms = now() + deadline};
    quicket_error error{};
    const int status = table_.deliver(instance_, &delivery, &error);
    return end_of(status, error);
  }
  Call start_deliver(Octets offer, std::int64_t deadline = 60'000) const {
    return Call([this, offer = std::move(offer), deadline] { return deliver(offer, deadline); });
  }

  // receive: `deadline` in milliseconds from now, or 0 for none.
  End receive(Inbox& inbox, std::int64_t deadline = 60'000) const {
    struct Running {
      Inbox& inbox;
      std::thread::id thread = std::this_thread::get_id();
    } running{.inbox = inbox};
    const auto on_offer = [](void* context, const std::uint8_t* offer, std::size_t size) -> int {
      auto& self = *static_cast<Running*>(context);
      EXPECT_EQ(std::this_thread::get_id(), self.thread) << "on_offer was called in another thread than receive's";
      return self.inbox.add(Octets(offer, offer + size));
    };
    quicket_error error{};
    const int status = table_.receive(instance_, deadline == 0 ? 0 : now() + deadline, on_offer, &running, &error);
    return end_of(status, error);
  }
  Call start_receive(Inbox& inbox, std::int64_t deadline = 60'000) const {
    return Call([this, &inbox, deadline] { return receive(inbox, deadline); });
  }

 private:
  const quicket_carrier& table_;
  Channel* channel_;
  std::unique_ptr<Host> host_;
  void* instance_ = nullptr;
  End opened_;
};

}  // namespace quicket::conformance
