// The tables as plain objects of JavaScript, and the two forms of text that the C library knows best.
#include "table.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>

#include <map>
#include <stdexcept>

#include "codec.h"
#include "message.h"

namespace netprim {

namespace {

// What may be asked for beside NLM_F_REQUEST.
constexpr NamedNumber kRequestFlags[] = {
    {"ack", NLM_F_ACK},
    {"dump", NLM_F_DUMP},
    {"create", NLM_F_CREATE},
    {"excl", NLM_F_EXCL},
    {"append", NLM_F_APPEND},
    {"replace", NLM_F_REPLACE},
};

const char* nameOfForm(Form form) {
  switch (form) {
    case Form::u8: return "u8";
    case Form::u16: return "u16";
    case Form::u32: return "u32";
    case Form::s32: return "s32";
    case Form::u64: return "u64";
    case Form::be16: return "be16";
    case Form::be32: return "be32";
    case Form::be32s: return "be32s";
    case Form::be64: return "be64";
    case Form::flag8: return "flag8";
    case Form::flags8: return "flags8";
    case Form::flags32: return "flags32";
    case Form::flagsBe32: return "flagsBe32";
    case Form::slot: return "slot";
    case Form::oneLess8: return "oneLess8";
    case Form::bit: return "bit";
    case Form::mac: return "mac";
    case Form::ip: return "ip";
    case Form::ip4: return "ip4";
    case Form::ip6: return "ip6";
    case Form::string: return "string";
    case Form::bytes: return "bytes";
    case Form::value: return "value";
    case Form::nested: return "nested";
    case Form::structure: return "structure";
    case Form::userdata: return "userdata";
    case Form::strings: return "strings";
    case Form::records: return "records";
    case Form::list: return "list";
    case Form::only: return "only";
    case Form::written: return "written";
  }
  throw std::logic_error("a form without a name");
}

// Tables refer to one another, a veth's to itself: each is made once.
class Exporter {
 public:
  explicit Exporter(Napi::Env env) : env_(env) {}

  Napi::Object object(const KernelObject& object) {
    auto value = Napi::Object::New(env_);
    auto requests = Napi::Object::New(env_);
    for (const Request& request : object.requests) {
      auto entry = Napi::Object::New(env_);
      entry.Set("type", request.type);
      entry.Set("flags", static_cast<uint16_t>(request.flags | NLM_F_REQUEST));
      requests.Set(request.name, entry);
    }
    value.Set("requests", requests);
    value.Set("told", object.told);
    value.Set("table", table(object.table));
    return value;
  }

 private:
  Napi::Object table(const Table& table) {
    const auto known = made_.find(&table);
    if (known != made_.end()) return known->second;
    auto value = Napi::Object::New(env_);
    made_.emplace(&table, value);
    auto header = Napi::Array::New(env_);
    for (const Field& field : table.header) header.Set(header.Length(), fieldOf(field));
    auto attributes = Napi::Array::New(env_);
    for (const Attribute& attribute : table.attributes) attributes.Set(attributes.Length(), attributeOf(attribute));
    value.Set("headerSize", static_cast<uint32_t>(table.headerSize));
    value.Set("header", header);
    value.Set("attributes", attributes);
    return value;
  }

  template <typename Row>
  Napi::Object rowOf(const Row& row) {
    auto value = Napi::Object::New(env_);
    value.Set("name", row.name);
    value.Set("form", nameOfForm(row.form));
    value.Set("read", row.access != Access::write);
    value.Set("write", row.access != Access::read);
    if (row.names.empty()) return value;
    auto words = Napi::Object::New(env_);
    for (const NamedNumber& word : row.names) words.Set(word.name, word.number);
    value.Set("words", words);
    return value;
  }

  Napi::Object fieldOf(const Field& field) {
    auto value = rowOf(field);
    value.Set("offset", static_cast<uint32_t>(field.offset));
    if (field.mask != 0) value.Set("mask", field.mask);
    if (field.changeOffset != 0) value.Set("changeOffset", static_cast<uint32_t>(field.changeOffset));
    if (field.allOnesIsAbsent) value.Set("allOnesIsAbsent", true);
    return value;
  }

  Napi::Object attributeOf(const Attribute& attribute) {
    auto value = rowOf(attribute);
    value.Set("type", attribute.type);
    auto inside = Napi::Object::New(env_);
    for (const Inside& one : attribute.inside) inside.Set(one.kind, table(*one.table));
    value.Set("inside", inside);
    value.Set("decider", attribute.decider);
    return value;
  }

  Napi::Env env_;
  std::map<const Table*, Napi::Object> made_;
};

Napi::Value ipBytes(const Napi::CallbackInfo& info) {
  const std::string text = info[0].As<Napi::String>();
  const bool v6 = text.find(':') != std::string::npos;
  std::string bytes(v6 ? sizeof(in6_addr) : sizeof(in_addr), '\0');
  if (inet_pton(v6 ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) != 1)
    throw Napi::Error::New(info.Env(), "no IP address: '" + text + "'");
  return Napi::Buffer<char>::Copy(info.Env(), bytes.data(), bytes.size());
}

Napi::Value ipText(const Napi::CallbackInfo& info) {
  const std::string_view bytes = bytesOf(info[0]);
  char text[INET6_ADDRSTRLEN] = "";
  if (bytes.size() == sizeof(in_addr) || bytes.size() == sizeof(in6_addr)) {
    inet_ntop(bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
  }
  return Napi::String::New(info.Env(), text);
}

}  // namespace

void registerTables(Napi::Env env, Napi::Object exports) {
  Exporter exporter(env);
  auto objects = Napi::Object::New(env);
  for (const KernelObject* object : {&kLinks,
                                     &kAddresses,
                                     &kRoutes,
                                     &kNeighbours,
                                     &kConntrack,
                                     &kNftTables,
                                     &kNftChains,
                                     &kNftRules,
                                     &kNftSets,
                                     &kNftElements,
                                     &kNftGenerations,
                                     &kNftBatches}) {
    objects.Set(object->name, exporter.object(*object));
  }
  exports.Set("objects", objects);
  auto framing = Napi::Object::New(env);
  framing.Set("messageHeader", static_cast<uint32_t>(sizeof(nlmsghdr)));
  framing.Set("attributeHeader", static_cast<uint32_t>(sizeof(nlattr)));
  framing.Set("nested", NLA_F_NESTED);
  framing.Set("typeMask", NLA_TYPE_MASK & UINT16_MAX);
  framing.Set("listElement", static_cast<uint16_t>(NFTA_LIST_ELEM));
  framing.Set("dataValue", static_cast<uint16_t>(NFTA_DATA_VALUE));
  auto flags = Napi::Object::New(env);
  for (const NamedNumber& flag : kRequestFlags) flags.Set(flag.name, flag.number);
  framing.Set("flags", flags);
  exports.Set("framing", framing);
  exports.Set("ipBytes", Napi::Function::New(env, ipBytes, "ipBytes"));
  exports.Set("ipText", Napi::Function::New(env, ipText, "ipText"));
}

}  // namespace netprim
