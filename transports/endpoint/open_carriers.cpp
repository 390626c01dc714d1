#include <quicket/open_carriers.hpp>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "transports/endpoint/detached_thread.hpp"

namespace quicket {

namespace {

// Opening is shared with the threads: one that hangs keeps it.
struct Opening {
  Opening(CarrierLibrary from, std::span<const CarrierSpec> wanted)
      : library(std::move(from)), specs(wanted.begin(), wanted.end()), results(wanted.size()), left(wanted.size()) {}

  void put(std::size_t index, Outcome<Carrier> result) {
    const std::lock_guard lock(mutex);
    results[index] = std::move(result);
    --left;
    changed.notify_all();
  }

  const CarrierLibrary library;
  const std::vector<CarrierSpec> specs;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::optional<Outcome<Carrier>>> results;
  std::size_t left;
};

}  // namespace

std::vector<Outcome<Carrier>> open_carriers(const CarrierLibrary& library, std::span<const CarrierSpec> specs,
                                            std::chrono::milliseconds patience) {
  const auto opening = std::make_shared<Opening>(library, specs);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const bool started = start_detached([opening, i] { opening->put(i, opening->library.open(opening->specs[i])); });
    if (!started) {
      opening->put(i, Failure{make_error_code(Errc::kOutOfResources), "there is no thread left to open a carrier on"});
    }
  }
  std::vector<Outcome<Carrier>> results;
  std::unique_lock lock(opening->mutex);
  opening->changed.wait_for(lock, patience, [&] { return opening->left == 0; });
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (auto& result = opening->results[i]) {
      results.push_back(std::move(*result));
    } else {
      const std::string time = std::to_string(patience.count()) + " ms";
      results.emplace_back(
          Failure{make_error_code(Errc::kCarrierFailed),
                  "carrier " + specs[i].name + ": it did not open within " + time + " and was left behind"});
    }
  }
  return results;
}

void close_in_time(std::function<void()> closing) {
  struct Closing {
    std::mutex mutex;
    std::condition_variable changed;
    bool closed = false;
  };
  const auto state = std::make_shared<Closing>();
  const bool started = start_detached([state, closing] {
    closing();
    const std::lock_guard lock(state->mutex);
    state->closed = true;
    state->changed.notify_all();
  });
  if (!started) return closing();
  std::unique_lock lock(state->mutex);
  state->changed.wait_for(lock, kClosePatience, [&] { return state->closed; });
}

}  // namespace quicket
