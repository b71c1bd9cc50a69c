// Growing and reading of netlink messages; pure, on top of libmnl's attribute functions.
#include "message.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace netprim {

Message::Message(uint16_t type, uint16_t flags) : buffer_(512) {
  nlmsghdr* header = mnl_nlmsg_put_header(buffer_.data());
  header->nlmsg_type = type;
  header->nlmsg_flags = flags;
}

nlmsghdr* Message::reserve(size_t length) {
  const size_t needed = size() + MNL_ALIGN(length);
  if (needed > buffer_.size()) buffer_.resize(std::max(needed, 2 * buffer_.size()));
  return get();
}

void Message::put(uint16_t type, const void* data, size_t length) {
  // nla_len has 16 bits; a longer attribute would be cut in silence.
  if (length > UINT16_MAX - MNL_ATTR_HDRLEN) throw std::length_error("netlink attribute over 64 KiB");
  mnl_attr_put(reserve(MNL_ATTR_HDRLEN + length), type, length, data);
}

void Message::putString(uint16_t type, std::string_view text) {
  const std::string closed(text);
  put(type, closed.c_str(), closed.size() + 1);
}

Napi::Value Message::toValue(Napi::Env env) const {
  if (overlong_) throw std::length_error("netlink attribute over 64 KiB");
  return Napi::Buffer<uint8_t>::Copy(env, buffer_.data(), size());
}

Nest::Nest(Message& message, uint16_t type) : message_(message), offset_(message.size()) {
  mnl_attr_nest_start(message.reserve(MNL_ATTR_HDRLEN), type);
}

Nest::~Nest() {
  if (message_.size() == offset_ + MNL_ATTR_HDRLEN && !keepEmpty_) {
    mnl_attr_nest_cancel(message_.get(), start());
  } else {
    // Its length has 16 bits. A destructor cannot throw; the message, when it is taken, can.
    if (message_.size() - offset_ > UINT16_MAX) message_.overlong_ = true;
    mnl_attr_nest_end(message_.get(), start());
  }
}

nlattr* Nest::start() const { return reinterpret_cast<nlattr*>(reinterpret_cast<uint8_t*>(message_.get()) + offset_); }

AttributeRange AttributeRange::after(const nlmsghdr* message, size_t headerSize) {
  const size_t payload = mnl_nlmsg_get_payload_len(message);
  const size_t offset = MNL_ALIGN(headerSize);
  if (payload < offset) return {message, 0};
  return {static_cast<const uint8_t*>(mnl_nlmsg_get_payload(message)) + offset, payload - offset};
}

const nlattr* AttributeRange::find(uint16_t type) const {
  for (const nlattr& attribute : *this) {
    if (mnl_attr_get_type(&attribute) == type) return &attribute;
  }
  return nullptr;
}

std::string_view bytesOf(const Napi::Value& value) {
  auto array = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(array.Data()), array.ByteLength()};
}

Messages::Messages(const Napi::Value& value) : bytes_(bytesOf(value)) {
  const bool aligned = reinterpret_cast<uintptr_t>(bytes_.data()) % alignof(uint64_t) == 0;
  // The capacity keeps short text out of the string object itself, which is aligned less than the heap.
  if (!aligned) aligned_.reserve(std::max<size_t>(bytes_.size(), 64));
  if (!aligned) aligned_.assign(bytes_);
}

}  // namespace netprim
