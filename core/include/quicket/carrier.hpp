#pragma once

#include <quicket/bytes.hpp>
#include <quicket/carrier_host.hpp>
#include <quicket/carrier_spec.hpp>
#include <quicket/error.hpp>
#include <quicket/offer.hpp>
#include <quicket/peer_id.hpp>
#include <quicket/relay_url.hpp>
#include <quicket/time.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quicket {

// CarrierInfo is what a plugin says of itself, checked and copied.
struct CarrierInfo {
  struct Option {
    std::string key;
    std::string meaning;
  };
  std::filesystem::path file;
  std::string name;     // a-z 0-9 -
  std::string summary;  // one line
  bool can_deliver = false;
  bool can_receive = false;
  bool authenticates = false;         // the receiver knows who sent it
  bool hides = false;                 // nobody else can read it
  bool by_hand = false;               // this device's user passes it on, and chooses to whom
  std::size_t max_offer = kMaxOffer;  // bytes
  std::chrono::milliseconds typical_latency{0};
  std::vector<Option> options;

  // exposes: what is not sealed would be at the mercy of strangers.
  bool exposes() const noexcept { return !hides && !authenticates && !by_hand; }
};

// CarrierDelivery is one offer on its way out.
struct CarrierDelivery {
  Bytes offer;
  std::optional<PeerId> recipient;    // nothing on first contact
  std::vector<RelayUrl> home_relays;  // of the recipient
  bool allow_exposed = false;         // an unsealed offer may go where others read and alter it
};

// check_delivery says whether an offer of `size` bytes may go out on a carrier, before anything is sent.
// Errors: kUnsupported (it only receives), kCarrierTooSmall, kCarrierExposes (an unsealed offer, and the carrier
// exposes it).
Outcome<> check_delivery(const CarrierInfo& info, std::size_t size, OfferKind kind, bool allow_exposed);

// check_exposure says whether offers of this kind may travel on a carrier, either way. Errors: kCarrierExposes.
Outcome<> check_exposure(const CarrierInfo& info, OfferKind kind, bool allow_exposed);

// What the host thinks of an offer that came in: the acknowledgement for channels that keep messages until
// acknowledged.
enum class OfferVerdict { kAccepted = 0, kDuplicate = 1, kRefused = 2 };
using OnOffer = std::function<OfferVerdict(ByteView offer)>;

// Carrier is one opened instance of a plugin: a handle, cheap to copy. The last copy closes the instance; the plugin's
// code stays in memory for as long as any handle or call is left. A plugin is foreign code: deliver and receive block
// for as long as it likes. Where that matters, run them by CarrierCall. Thread safety: all members, several calls at
// once too.
class Carrier {
 public:
  const CarrierInfo& info() const noexcept;

  // deliver sends one offer and returns once the channel has taken it. Errors: those of check_delivery and offer_kind,
  // before anything is sent; kCancelled, kDialDeadline, kCarrierTooSmall, kCarrierFailed, kInternal (a HostServices
  // function threw).
  Outcome<> deliver(const CarrierDelivery& delivery, TimePoint deadline) const;

  // receive calls `on_offer` for each message, in this thread, until the channel has ended: then it succeeds.
  // Errors: kUnsupported (it only delivers), kCancelled, kDialDeadline, kCarrierFailed, kInternal (a callback threw).
  Outcome<> receive(std::optional<TimePoint> deadline, const OnOffer& on_offer) const;

  // cancel ends what runs in this instance, and whatever is called later. Any number of times.
  void cancel() const noexcept;

  // now is the clock of its deadlines: the host's.
  TimePoint now() const;

 private:
  friend class CarrierLibrary;
  struct Instance;
  explicit Carrier(std::shared_ptr<Instance> instance);
  std::shared_ptr<Instance> instance_;
};

// CarrierSearch says where plugins are. Files are named quicket-carrier-NAME.so.
struct CarrierSearch {
  std::string plugin_path;            // folders separated by ':', as in QUICKET_PLUGIN_PATH; empty parts are skipped
  std::filesystem::path install_dir;  // searched last; empty: none
};

// CarrierLibrary finds and opens carriers. A value. Thread safety: const members, as far as HostServices allows it.
class CarrierLibrary {
 public:
  static constexpr std::size_t kMaxFound = 256;

  struct Found {
    std::string name;
    std::filesystem::path file;
  };

  CarrierLibrary(CarrierSearch search, HostServices services);

  // installed lists what is there, in search order; of one name the first counts. No plugin is loaded for it. At most
  // kMaxFound.
  std::vector<Found> installed() const;

  // open loads a plugin by its name or path and makes an instance. Every Failure names the carrier or its file.
  // Errors: kCarrierNotFound, kCarrierBroken, kCarrierOption, kCarrierFailed.
  Outcome<Carrier> open(const CarrierSpec& spec) const;
  // locate gives the file that open would load. Errors: kCarrierNotFound.
  Outcome<std::filesystem::path> locate(std::string_view name) const;

 private:
  CarrierSearch search_;
  HostServices services_;
};

// probe_carrier loads a plugin, checks it, and lets it go again, without opening an instance. It runs the plugin's
// code: a broken one may take the process with it. Errors: kCarrierNotFound, kCarrierBroken.
Outcome<CarrierInfo> probe_carrier(const std::filesystem::path& file);

}  // namespace quicket
