#pragma once

#include <quicket/error.hpp>
#include <quicket/offer.hpp>
#include <quicket/time.hpp>

#include <filesystem>
#include <map>

namespace quicket {

// ReplayMemory knows the offers that were used, so that none is used twice.
class ReplayMemory {
 public:
  // kMaxEntries bounds a memory; a full one refuses, for forgetting an offer would let it be used again.
  static constexpr std::size_t kMaxEntries = 65'536;

  virtual ~ReplayMemory() = default;

  // claim marks an offer as used; only the first claim of an id succeeds. It is kept until the offer's expiry and
  // tolerance have passed. Errors: kOfferReplayed; kReplayMemoryFull; those of check_expiry(); those
  // of the memory's place.
  virtual Outcome<> claim(const OfferId& id, UnixTime expires, UnixTime now) = 0;
};

// ReplayEntries are the ids in a memory and when their offers expire.
using ReplayEntries = std::map<OfferId, UnixTime>;

// claim_entry is the rule of claim() over `entries`: it drops what may be forgotten, then adds the id. On an error,
// too, the rest stays.
Result<void> claim_entry(ReplayEntries& entries, const OfferId& id, UnixTime expires, UnixTime now);

// TransientReplayMemory is a memory that ends with its owner: for simulations, and for an accepter with a fresh key
// each time. Thread safety: none.
class TransientReplayMemory final : public ReplayMemory {
 public:
  Outcome<> claim(const OfferId& id, UnixTime expires, UnixTime now) override;
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  ReplayEntries entries_;
};

// FileReplayMemory is a memory in a file that several processes share; no file yet is an empty one. Its folder must
// exist. A claim is on the disk when claim() returns: it survives a crash. claim() blocks while another process claims.
// Thread safety: any number of threads and processes, each with an object of its own or one for all.
class FileReplayMemory final : public ReplayMemory {
 public:
  explicit FileReplayMemory(std::filesystem::path file) : file_(std::move(file)) {}

  // Further errors, which name the file: kReplayMemoryDamaged (it is not what was written; it stays as it is) and the
  // operating system's.
  Outcome<> claim(const OfferId& id, UnixTime expires, UnixTime now) override;

 private:
  std::filesystem::path file_;
};

}  // namespace quicket
