// Elements of sets and maps, in columns: keys, ends of ranges and values lie one behind the other in one array each.
#include <arpa/inet.h>
#include <libnftnl/set.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <stdexcept>

#include "nft-expression.h"
#include "nft-names.h"
#include "nft-object.h"

namespace netprim {

namespace {

constexpr size_t kValueLimit = 64;
constexpr size_t kHeaderSize = 1024;
constexpr size_t kElementSize = 4096;
// nla_len has 16 bits, and a started interval must be ended in the same message.
constexpr size_t kListSize = UINT16_MAX - 2 * kElementSize;

constexpr NamedNumber kOpen[] = {{"open", NFTNL_SET_ELEM_F_INTERVAL_OPEN}};
constexpr NftField kUserdata[] = {
    {"comment", NFTNL_UDATA_SET_ELEM_COMMENT, NftForm::string},
    {"interval", NFTNL_UDATA_SET_ELEM_FLAGS, NftForm::u32, kOpen},
};
constexpr NamedNumber kFlags[] = {{"end", NFT_SET_ELEM_INTERVAL_END}, {"catchall", NFT_SET_ELEM_CATCHALL}};

// What few elements have. The columns hold what all of them have.
constexpr NftField kDetails[] = {
    {"flags", NFTNL_SET_ELEM_FLAGS, NftForm::flags, kFlags},
    {"verdict", NFTNL_SET_ELEM_VERDICT, NftForm::u32, kNftVerdicts},
    {"chain", NFTNL_SET_ELEM_CHAIN, NftForm::string},
    {"timeout", NFTNL_SET_ELEM_TIMEOUT, NftForm::u64},
    {"expires", NFTNL_SET_ELEM_EXPIRATION, NftForm::u64},
    {"object", NFTNL_SET_ELEM_OBJREF, NftForm::string},
    {"", NFTNL_SET_ELEM_USERDATA, NftForm::userdata, {}, 256, kUserdata},
};

constexpr NftField kList[] = {
    {"table", NFTNL_SET_TABLE, NftForm::string},
    {"set", NFTNL_SET_NAME, NftForm::string},
    {"setId", NFTNL_SET_ID, NftForm::u32},
};

using Element = Owned<nftnl_set_elem, nftnl_set_elem_free>;
using Set = Owned<nftnl_set, nftnl_set_free>;

NftObject viewOfElement(nftnl_set_elem* element) {
  return viewOf<nftnl_set_elem_is_set, nftnl_set_elem_set, nftnl_set_elem_get>(element);
}

// Equally long values in one array of bytes; none of them if the record lacks it.
class Column {
 public:
  Column(const Napi::Object& record, const char* name, size_t width, size_t count) : width_(width) {
    const Napi::Value value = record.Get(name);
    if (value.IsUndefined()) return;
    bytes_ = bytesOf(value);
    if (width > kValueLimit || bytes_.size() != width * count)
      throw std::length_error("nftables: a column of the wrong length");
  }
  bool present() const { return !bytes_.empty(); }
  std::string_view at(size_t row) const { return bytes_.substr(row * width_, width_); }

 private:
  std::string_view bytes_;
  size_t width_;
};

struct Columns {
  explicit Columns(const Napi::Object& record)
      : count(numberIn(record, "count")),
        keys(record, "keys", numberIn(record, "keyLength"), count),
        keyEnds(record, "keyEnds", numberIn(record, "keyLength"), count),
        data(record, "data", numberIn(record, "dataLength"), count),
        ends(record, "ends", 1, count),
        details(record.Get("details")) {}

  bool isEnd(size_t row) const { return ends.present() && ends.at(row)[0] != 0; }

  size_t count;
  Column keys;
  Column keyEnds;
  Column data;
  Column ends;
  Napi::Value details;
};

void setValue(nftnl_set_elem* element, uint16_t attribute, const Column& column, size_t row) {
  if (!column.present()) return;
  const std::string_view value = column.at(row);
  nftnl_set_elem_set(element, attribute, value.data(), static_cast<uint32_t>(value.size()));
}

void setDetails(nftnl_set_elem* element, const Napi::Object& record) {
  encodeFields(viewOfElement(element), record, kDetails);
  const Napi::Value expressions = record.Get("expressions");
  if (!expressions.IsArray()) return;
  const auto list = expressions.As<Napi::Array>();
  if (list.Length() > 2) throw std::length_error("an element has at most two expressions");
  for (uint32_t i = 0; i < list.Length(); i++) {
    nftnl_set_elem_add_expr(element, encodeExpression(list.Get(i).As<Napi::Object>()).release());
  }
}

void putValue(Message& message, uint16_t attribute, const Column& column, size_t row) {
  if (!column.present()) return;
  const std::string_view value = column.at(row);
  const Nest nest(message, attribute);
  message.put(NFTA_DATA_VALUE, value.data(), value.size());
}

// Most elements have nothing but their columns: without libnftnl's objects they take a tenth of the time.
void putPlain(Message& message, const Columns& columns, size_t row) {
  const Nest element(message, NFTA_LIST_ELEM);
  if (columns.isEnd(row)) message.put<uint32_t>(NFTA_SET_ELEM_FLAGS, htonl(NFT_SET_ELEM_INTERVAL_END));
  putValue(message, NFTA_SET_ELEM_KEY, columns.keys, row);
  putValue(message, NFTA_SET_ELEM_KEY_END, columns.keyEnds, row);
  if (!columns.isEnd(row)) putValue(message, NFTA_SET_ELEM_DATA, columns.data, row);
}

Element elementAt(const Columns& columns, size_t row, const Napi::Object& details) {
  Element element(nftnl_set_elem_alloc());
  // The element for all other keys has no key of its own.
  const bool keyless = details.Has("flags");
  if (!keyless) setValue(element.get(), NFTNL_SET_ELEM_KEY, columns.keys, row);
  if (!keyless) setValue(element.get(), NFTNL_SET_ELEM_KEY_END, columns.keyEnds, row);
  // The end of an interval maps to nothing.
  if (columns.isEnd(row)) {
    nftnl_set_elem_set_u32(element.get(), NFTNL_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
  } else {
    setValue(element.get(), NFTNL_SET_ELEM_DATA, columns.data, row);
  }
  setDetails(element.get(), details);
  return element;
}

// An element that may have more than its columns.
void putDetailed(Message& message, const Columns& columns, size_t row) {
  const Napi::HandleScope scope(columns.details.Env());
  const Napi::Value details = columns.details.As<Napi::Array>().Get(static_cast<uint32_t>(row));
  if (!details.IsObject()) return putPlain(message, columns, row);
  const Element element = elementAt(columns, row, details.As<Napi::Object>());
  nftnl_set_elem_nlmsg_build(message.reserve(kElementSize), element.get(), NFTA_LIST_ELEM);
}

void putList(Message& message, const Napi::Object& record) {
  const Set list(nftnl_set_alloc());
  encodeFields(viewOf<nftnl_set_is_set, nftnl_set_set_data, nftnl_set_get_data>(list.get()), record, kList);
  // With no elements, libnftnl writes just the set's name and table.
  nftnl_set_elems_nlmsg_build_payload(message.reserve(kHeaderSize), list.get());
}

// Appends the element's details, and its values to the columns' bytes.
struct Reader {
  explicit Reader(Napi::Env env) : details(Napi::Array::New(env)) {}

  Napi::Array details;
  std::string keys;
  std::string keyEnds;
  std::string data;
  std::string ends;
  size_t keyLength = 0;
  size_t dataLength = 0;
  uint32_t count = 0;

  static void append(std::string& column, nftnl_set_elem* element, uint16_t attribute, size_t width) {
    uint32_t length = 0;
    const void* value =
        nftnl_set_elem_is_set(element, attribute) ? nftnl_set_elem_get(element, attribute, &length) : nullptr;
    const size_t start = column.size();
    if (value != nullptr) column.append(static_cast<const char*>(value), std::min<size_t>(length, width));
    column.resize(start + width);
  }

  static void widen(size_t& width, nftnl_set_elem* element, uint16_t attribute) {
    uint32_t length = 0;
    if (width == 0 && nftnl_set_elem_is_set(element, attribute) && nftnl_set_elem_get(element, attribute, &length))
      width = length;
  }

  void measure(nftnl_set_elem* element) {
    widen(keyLength, element, NFTNL_SET_ELEM_KEY);
    widen(dataLength, element, NFTNL_SET_ELEM_DATA);
  }

  void take(nftnl_set_elem* element) {
    Napi::HandleScope scope(details.Env());
    append(keys, element, NFTNL_SET_ELEM_KEY, keyLength);
    // A single value is a range of one.
    const bool ranged = nftnl_set_elem_is_set(element, NFTNL_SET_ELEM_KEY_END);
    append(keyEnds, element, ranged ? NFTNL_SET_ELEM_KEY_END : NFTNL_SET_ELEM_KEY, keyLength);
    append(data, element, NFTNL_SET_ELEM_DATA, dataLength);
    const bool flagged = nftnl_set_elem_is_set(element, NFTNL_SET_ELEM_FLAGS);
    const uint32_t flags = flagged ? nftnl_set_elem_get_u32(element, NFTNL_SET_ELEM_FLAGS) : 0;
    ends.push_back((flags & NFT_SET_ELEM_INTERVAL_END) != 0);
    if (isDetailed(element, flags)) details.Set(count, detailsOf(element));
    count++;
  }

  static bool isDetailed(nftnl_set_elem* element, uint32_t flags) {
    if ((flags & NFT_SET_ELEM_CATCHALL) != 0) return true;
    for (const NftField& field : kDetails) {
      if (field.attribute != NFTNL_SET_ELEM_FLAGS && nftnl_set_elem_is_set(element, field.attribute)) return true;
    }
    return nftnl_set_elem_is_set(element, NFTNL_SET_ELEM_EXPR) ||
           nftnl_set_elem_is_set(element, NFTNL_SET_ELEM_EXPRESSIONS);
  }

  Napi::Object detailsOf(nftnl_set_elem* element) const {
    auto record = Napi::Object::New(details.Env());
    decodeFields(record, viewOfElement(element), kDetails);
    auto expressions = Napi::Array::New(details.Env());
    nftnl_set_elem_expr_foreach(element, appendNftExpression, &expressions);
    if (expressions.Length() > 0) record.Set("expressions", expressions);
    return record;
  }
};

void encodeRequest(Message& message, const Napi::Object& record) { putList(message, record); }

bool isReadableByLibnftnl(const nlmsghdr* message) {
  const nlattr* list = AttributeRange::after(message, sizeof(nfgenmsg)).find(NFTA_SET_ELEM_LIST_ELEMENTS);
  if (list == nullptr) return true;
  for (const nlattr& element : AttributeRange::inside(list)) {
    const auto parts = AttributeRange::inside(&element);
    if (!areReadable(parts, NFTA_SET_ELEM_EXPRESSIONS, NFTA_SET_ELEM_EXPR)) return false;
    for (const nlattr& part : parts) {
      if (mnl_attr_get_type(&part) == NFTA_SET_ELEM_DATA && !isReadableData(part)) return false;
    }
  }
  return true;
}

void decodeElements(Napi::Object record, const nlmsghdr* message) {
  const Napi::Env env = record.Env();
  const Set set(nftnl_set_alloc());
  if (!isReadableByLibnftnl(message) || nftnl_set_elems_nlmsg_parse(message, set.get()) < 0) throwUnreadable(message);
  decodeFields(record, viewOf<nftnl_set_is_set, nftnl_set_set_data, nftnl_set_get_data>(set.get()), kList);

  Reader reader(env);
  nftnl_set_elem_foreach(
      set.get(),
      [](nftnl_set_elem* element, void* to) {
        static_cast<Reader*>(to)->measure(element);
        return 0;
      },
      &reader);
  nftnl_set_elem_foreach(
      set.get(),
      [](nftnl_set_elem* element, void* to) {
        static_cast<Reader*>(to)->take(element);
        return 0;
      },
      &reader);

  const auto column = [&](const char* name, const std::string& bytes) {
    record.Set(name, Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size()));
  };
  record.Set("count", reader.count);
  record.Set("keyLength", static_cast<uint32_t>(reader.keyLength));
  record.Set("dataLength", static_cast<uint32_t>(reader.dataLength));
  column("keys", reader.keys);
  column("keyEnds", reader.keyEnds);
  column("data", reader.data);
  column("ends", reader.ends);
  record.Set("details", reader.details);
}

}  // namespace

const NftKind kNftElements = {encodeRequest, decodeElements};

Napi::Value encodeNftElements(Napi::Env env, uint16_t type, const Napi::Object& record) {
  const Columns columns(record);
  auto messages = Napi::Array::New(env);
  const bool detailed = columns.details.IsArray();
  size_t row = 0;
  while (row < columns.count) {
    Message message = nftMessage(type, record);
    putList(message, record);
    {
      const Nest list(message, NFTA_SET_ELEM_LIST_ELEMENTS);
      const size_t start = message.size();
      for (; row < columns.count; row++) {
        if (message.size() - start > kListSize && !columns.isEnd(row)) break;
        if (detailed) {
          putDetailed(message, columns, row);
        } else {
          putPlain(message, columns, row);
        }
      }
    }
    messages.Set(messages.Length(), message.toValue(env));
  }
  return messages;
}

}  // namespace netprim
