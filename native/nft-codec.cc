// Messages of nftables: the frame around its objects, the begin and end of a transaction, and what JavaScript calls.
#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>

#include <stdexcept>

#include "codec.h"
#include "guarded.h"
#include "nft-names.h"
#include "nft-object.h"

namespace netprim {

namespace {

// Since Linux 6.3; the headers that netprim is built with may be older.
constexpr uint16_t kDestroyTable = 26;
constexpr uint16_t kDestroyChain = 27;
constexpr uint16_t kDestroyRule = 28;
constexpr uint16_t kDestroySet = 29;
constexpr uint16_t kDestroyElement = 30;

struct NftMessage {
  const char* name;
  uint16_t number;
  const NftKind& kind;
};

constexpr NftMessage kMessages[] = {
    {"NFT_MSG_NEWTABLE", NFT_MSG_NEWTABLE, kNftTable},
    {"NFT_MSG_GETTABLE", NFT_MSG_GETTABLE, kNftTable},
    {"NFT_MSG_DELTABLE", NFT_MSG_DELTABLE, kNftTable},
    {"NFT_MSG_DESTROYTABLE", kDestroyTable, kNftTable},
    {"NFT_MSG_NEWCHAIN", NFT_MSG_NEWCHAIN, kNftChain},
    {"NFT_MSG_GETCHAIN", NFT_MSG_GETCHAIN, kNftChain},
    {"NFT_MSG_DELCHAIN", NFT_MSG_DELCHAIN, kNftChain},
    {"NFT_MSG_DESTROYCHAIN", kDestroyChain, kNftChain},
    {"NFT_MSG_NEWRULE", NFT_MSG_NEWRULE, kNftRule},
    {"NFT_MSG_GETRULE", NFT_MSG_GETRULE, kNftRule},
    {"NFT_MSG_DELRULE", NFT_MSG_DELRULE, kNftRule},
    {"NFT_MSG_DESTROYRULE", kDestroyRule, kNftRule},
    {"NFT_MSG_NEWSET", NFT_MSG_NEWSET, kNftSet},
    {"NFT_MSG_GETSET", NFT_MSG_GETSET, kNftSet},
    {"NFT_MSG_DELSET", NFT_MSG_DELSET, kNftSet},
    {"NFT_MSG_DESTROYSET", kDestroySet, kNftSet},
    {"NFT_MSG_NEWSETELEM", NFT_MSG_NEWSETELEM, kNftElements},
    {"NFT_MSG_GETSETELEM", NFT_MSG_GETSETELEM, kNftElements},
    {"NFT_MSG_DELSETELEM", NFT_MSG_DELSETELEM, kNftElements},
    {"NFT_MSG_DESTROYSETELEM", kDestroyElement, kNftElements},
    {"NFT_MSG_NEWGEN", NFT_MSG_NEWGEN, kNftGeneration},
    {"NFT_MSG_GETGEN", NFT_MSG_GETGEN, kNftGeneration},
};

constexpr NamedNumber kRequestFlags[] = {
    {"create", NLM_F_CREATE},
    {"excl", NLM_F_EXCL},
    {"append", NLM_F_APPEND},
    {"replace", NLM_F_REPLACE},
    {"dump", NLM_F_DUMP},
    {"ack", NLM_F_ACK},
    {"nonrec", NLM_F_NONREC},
};

const NftMessage& messageCalled(const std::string& name) {
  for (const NftMessage& message : kMessages) {
    if (name == message.name) return message;
  }
  throw std::invalid_argument("no message of nftables is called '" + name + "'");
}

const NftMessage* messageOf(const nlmsghdr* header) {
  if (header->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES) return nullptr;
  if (mnl_nlmsg_get_payload_len(header) < sizeof(nfgenmsg)) return nullptr;
  for (const NftMessage& message : kMessages) {
    if ((header->nlmsg_type & 0xff) == message.number) return &message;
  }
  return nullptr;
}

Napi::Value encode(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const NftMessage& kind = messageCalled(info[0].As<Napi::String>());
    const auto record = info[1].As<Napi::Object>();
    Message message = nftMessage(kind.number, record);
    kind.kind.encode(message, record);
    return message.toValue(info.Env());
  });
}

Napi::Value encodeElements(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const NftMessage& kind = messageCalled(info[0].As<Napi::String>());
    return encodeNftElements(info.Env(), kind.number, info[1].As<Napi::Object>());
  });
}

Napi::Value decode(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto records = Napi::Array::New(env);
  return guarded(env, [&]() -> Napi::Value {
    forEachMessage(Messages(info[0]), [&](const nlmsghdr* header) {
      const NftMessage* message = messageOf(header);
      if (message == nullptr) return;
      Napi::HandleScope scope(env);
      auto record = Napi::Object::New(env);
      record.Set("message", message->name);
      record.Set("family", nameOf(env, nftFamilyOf(header), kNftFamilies));
      message->kind.decode(record, header);
      records.Set(records.Length(), record);
    });
    return records;
  });
}

Message batchMessage(uint16_t type) {
  Message message(type, NLM_F_REQUEST);
  auto* header = message.header<nfgenmsg>();
  header->version = NFNETLINK_V0;
  header->res_id = htons(NFNL_SUBSYS_NFTABLES);
  return message;
}

Napi::Value encodeBatchBegin(const Napi::CallbackInfo& info) {
  Message message = batchMessage(NFNL_MSG_BATCH_BEGIN);
  if (info[0].IsNumber()) message.put<uint32_t>(NFNL_BATCH_GENID, htonl(info[0].As<Napi::Number>()));
  return message.toValue(info.Env());
}

Napi::Value encodeBatchEnd(const Napi::CallbackInfo& info) {
  return batchMessage(NFNL_MSG_BATCH_END).toValue(info.Env());
}

}  // namespace

Message nftMessage(uint16_t type, const Napi::Object& record) {
  const Napi::Value flags = record.Get("flags");
  const uint32_t words = flags.IsArray() ? flagsOf(flags, kRequestFlags) : 0;
  Message message((NFNL_SUBSYS_NFTABLES << 8) | type, static_cast<uint16_t>(NLM_F_REQUEST | words));
  auto* header = message.header<nfgenmsg>();
  header->nfgen_family = static_cast<uint8_t>(numberIn(record, "family", NFPROTO_UNSPEC, kNftFamilies));
  header->version = NFNETLINK_V0;
  return message;
}

uint8_t nftFamilyOf(const nlmsghdr* message) {
  return static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(message))->nfgen_family;
}

Napi::Value nftSymbols(const Napi::CallbackInfo& info);

void registerNftables(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("encodeNft", encode);
  add("encodeNftElements", encodeElements);
  add("decodeNft", decode);
  add("encodeNftBatchBegin", encodeBatchBegin);
  add("encodeNftBatchEnd", encodeBatchEnd);
  add("nftSymbols", nftSymbols);
}

}  // namespace netprim
