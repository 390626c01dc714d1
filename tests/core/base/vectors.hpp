#pragma once

#include <quicket/bytes.hpp>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "tests/core/base/hex.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace quicket::vectors {

using boost::json::object;

// read gives one file of tests/vectors. All functions here throw when the file is not what the test takes it for.
inline object read(std::string_view name) {
  constexpr std::size_t kLargest = 1 << 20;  // bytes
  const Bytes content = read_file(std::filesystem::path(QUICKET_VECTORS) / name, kLargest).value();
  return boost::json::parse(as_text(content)).as_object();
}

// list gives a member with the vectors of a test: never an empty one.
inline const boost::json::array& list(const object& from, std::string_view member) {
  const boost::json::array& vectors = from.at(member).as_array();
  if (vectors.empty()) throw std::runtime_error("no vectors: " + std::string(member));
  return vectors;
}

inline std::string text(const object& from, std::string_view member) {
  return std::string(from.at(member).as_string());
}

inline Bytes bytes(const object& from, std::string_view member) {
  const std::string digits = text(from, member);
  return from_hex(digits);
}

template <class Number>
Number number(const object& from, std::string_view member) {
  return from.at(member).to_number<Number>();
}

// fixed gives exactly `size` bytes.
template <std::size_t size>
std::array<std::byte, size> fixed(const object& from, std::string_view member) {
  const Bytes given = bytes(from, member);
  if (given.size() != size) throw std::runtime_error("wrong size: " + std::string(member));
  std::array<std::byte, size> value;
  std::copy(given.begin(), given.end(), value.begin());
  return value;
}

}  // namespace quicket::vectors
