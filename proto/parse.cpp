#include "proto/parse.hpp"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <limits>
#include <string>

namespace quicket {

using google::protobuf::LogSilencer;

bool parse_message(std::span<const std::byte> bytes, google::protobuf::MessageLite& message) {
  if (bytes.size() > std::numeric_limits<int>::max()) return false;
  const LogSilencer silence;
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

bool parse_json_message(std::span<const std::byte> text, google::protobuf::Message& message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const std::string json(reinterpret_cast<const char*>(text.data()), text.size());
  const LogSilencer silence;
  return google::protobuf::util::JsonStringToMessage(json, &message, options).ok();
}

}  // namespace quicket
