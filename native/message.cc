// Where the attributes of a message begin; pure.
#include "message.h"

namespace netprim {

AttributeRange AttributeRange::after(const nlmsghdr* message, size_t headerSize) {
  const size_t payload = mnl_nlmsg_get_payload_len(message);
  const size_t offset = MNL_ALIGN(headerSize);
  if (payload < offset) return {message, 0};
  return {static_cast<const uint8_t*>(mnl_nlmsg_get_payload(message)) + offset, payload - offset};
}

std::string_view bytesOf(const Napi::Value& value) {
  auto array = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(array.Data()), array.ByteLength()};
}

}  // namespace netprim
