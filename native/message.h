// One netlink message in the making, and checked reading of attributes that arrived.
#pragma once

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <napi.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace netprim {

class Message {
 public:
  Message(uint16_t type, uint16_t flags);

  // Reserves and clears a fixed header (ifinfomsg, rtmsg, …) at the end of the message.
  // The pointer holds until the next put.
  template <typename Header>
  Header* header() {
    reserve(sizeof(Header));
    return static_cast<Header*>(mnl_nlmsg_put_extra_header(get(), sizeof(Header)));
  }

  void put(uint16_t type, const void* data, size_t length);
  void putString(uint16_t type, std::string_view text);  // with the closing NUL
  template <typename Number>
  void put(uint16_t type, Number number) {
    put(type, &number, sizeof number);
  }

  // Makes room for `length` more bytes, for those who write behind the message themselves (libnftnl's builders).
  nlmsghdr* reserve(size_t length);
  nlmsghdr* get() { return reinterpret_cast<nlmsghdr*>(buffer_.data()); }
  size_t size() const { return reinterpret_cast<const nlmsghdr*>(buffer_.data())->nlmsg_len; }
  Napi::Value toValue(Napi::Env env) const;

 private:
  friend class Nest;
  std::vector<uint8_t> buffer_;
  bool overlong_ = false;
};

// An open nested attribute: closes itself at the end of the scope, and vanishes if nothing was put inside.
class Nest {
 public:
  Nest(Message& message, uint16_t type);
  ~Nest();
  Nest(const Nest&) = delete;
  Nest& operator=(const Nest&) = delete;
  void keepEmpty() { keepEmpty_ = true; }

 private:
  nlattr* start() const;
  Message& message_;
  size_t offset_;
  bool keepEmpty_ = false;
};

// The attributes between two addresses, each checked to lie wholly inside before it is handed out.
class AttributeRange {
 public:
  AttributeRange(const void* begin, size_t length)
      : begin_(static_cast<const uint8_t*>(begin)), end_(begin_ + length) {}
  static AttributeRange inside(const nlattr* nest) {
    return {mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest)};
  }
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
  const nlattr* find(uint16_t type) const;

 private:
  const uint8_t* begin_;
  const uint8_t* end_;
};

// The bytes of a Uint8Array argument.
std::string_view bytesOf(const Napi::Value& value);

// Messages in a Uint8Array argument, which may begin anywhere in its buffer: where the kernel's structures could not be
// read, a copy.
class Messages {
 public:
  explicit Messages(const Napi::Value& value);
  operator std::string_view() const { return aligned_.empty() ? bytes_ : std::string_view(aligned_); }

 private:
  std::string_view bytes_;
  std::string aligned_;
};

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
