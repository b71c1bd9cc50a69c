// Checked reading of messages and attributes that arrived.
#pragma once

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <napi.h>

#include <cstdint>
#include <string_view>

namespace netprim {

// The attributes between two addresses, each checked to lie wholly inside before it is handed out.
class AttributeRange {
 public:
  AttributeRange(const void* begin, size_t length)
      : begin_(static_cast<const uint8_t*>(begin)), end_(begin_ + length) {}
  // What follows the fixed header of a message; empty if the message is shorter than that.
  static AttributeRange after(const nlmsghdr* message, size_t headerSize);

  class Iterator {
   public:
    Iterator(const uint8_t* at, const uint8_t* end) : at_(at), end_(end) {}
    const nlattr& operator*() const { return *reinterpret_cast<const nlattr*>(at_); }
    Iterator& operator++() {
      at_ += MNL_ALIGN((**this).nla_len);
      return *this;
    }
    // Equal to the end also when what is left is no whole attribute.
    bool operator!=(const Iterator&) const { return at_ < end_ && mnl_attr_ok(&**this, static_cast<int>(end_ - at_)); }

   private:
    const uint8_t* at_;
    const uint8_t* end_;
  };
  Iterator begin() const { return {begin_, end_}; }
  Iterator end() const { return {end_, end_}; }

 private:
  const uint8_t* begin_;
  const uint8_t* end_;
};

// The bytes of a Uint8Array argument.
std::string_view bytesOf(const Napi::Value& value);

// Calls visit(const nlmsghdr*) for each whole message in the bytes.
template <typename Visit>
void forEachMessage(std::string_view bytes, Visit visit) {
  int left = static_cast<int>(bytes.size());
  auto* message = reinterpret_cast<const nlmsghdr*>(bytes.data());
  while (mnl_nlmsg_ok(message, left)) {
    visit(message);
    message = mnl_nlmsg_next(message, &left);
  }
}

}  // namespace netprim
