// Rules of nftables: their fields, and their expressions one by one.
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <stdexcept>

#include "nft-expression.h"
#include "nft-object.h"

namespace netprim {

namespace {

constexpr size_t kRuleSize = 2048;
// As many as the kernel takes in a rule (NFT_RULE_MAXEXPRS in net/netfilter/nf_tables_api.c).
constexpr uint32_t kMaxExpressions = 128;

constexpr NftField kUserdata[] = {{"comment", NFTNL_UDATA_RULE_COMMENT, NftForm::string}};
constexpr NftField kRule[] = {
    {"table", NFTNL_RULE_TABLE, NftForm::string},
    {"chain", NFTNL_RULE_CHAIN, NftForm::string},
    {"handle", NFTNL_RULE_HANDLE, NftForm::u64},
    {"position", NFTNL_RULE_POSITION, NftForm::u64},
    {"", NFTNL_RULE_USERDATA, NftForm::userdata, {}, 256, kUserdata},
};

using Rule = Owned<nftnl_rule, nftnl_rule_free>;

NftObject viewOfRule(nftnl_rule* rule) {
  return viewOf<nftnl_rule_is_set, nftnl_rule_set_data, nftnl_rule_get_data>(rule);
}

void encodeRule(Message& message, const Napi::Object& record) {
  const Rule rule(nftnl_rule_alloc());
  encodeFields(viewOfRule(rule.get()), record, kRule);
  size_t size = kRuleSize;
  const Napi::Value list = record.Get("expressions");
  if (list.IsArray()) {
    const auto expressions = list.As<Napi::Array>();
    if (expressions.Length() > kMaxExpressions) throw std::length_error("a rule has at most 128 expressions");
    for (uint32_t i = 0; i < expressions.Length(); i++) {
      nftnl_rule_add_expr(rule.get(), encodeExpression(expressions.Get(i).As<Napi::Object>()).release());
      size += kExpressionSize;
    }
  }
  nftnl_rule_nlmsg_build_payload(message.reserve(size), rule.get());
}

void appendExpressions(Napi::Array list, nftnl_rule* rule) { nftnl_expr_foreach(rule, appendNftExpression, &list); }

bool isReadableByLibnftnl(const nlmsghdr* message) {
  return areReadable(AttributeRange::after(message, sizeof(nfgenmsg)), NFTA_RULE_EXPRESSIONS, NFTA_RULE_UNSPEC);
}

std::string_view nameOfExpression(const nlattr* expression) {
  const nlattr* name = AttributeRange::inside(expression).find(NFTA_EXPR_NAME);
  if (name == nullptr) return {};
  const std::string_view text(mnl_attr_get_str(name), mnl_attr_get_payload_len(name));
  return text.substr(0, text.find('\0'));
}

// libnftnl refuses a whole rule for one expression that it does not know, so each is put before it alone.
void appendEach(Napi::Array list, const nlattr* expressions) {
  for (const nlattr& element : AttributeRange::inside(expressions)) {
    Message alone((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWRULE, 0);
    alone.header<nfgenmsg>();
    {
      const Nest nest(alone, NFTA_RULE_EXPRESSIONS);
      alone.put(NFTA_LIST_ELEM | NLA_F_NESTED, mnl_attr_get_payload(&element), mnl_attr_get_payload_len(&element));
    }
    const Rule rule(nftnl_rule_alloc());
    if (isReadableByLibnftnl(alone.get()) && nftnl_rule_nlmsg_parse(alone.get(), rule.get()) >= 0) {
      appendExpressions(list, rule.get());
    } else {
      auto unknown = Napi::Object::New(list.Env());
      unknown.Set("name", std::string(nameOfExpression(&element)));
      list.Set(list.Length(), unknown);
    }
  }
}

// The rule's own fields, when its expressions are not readable together.
void decodeWithout(Napi::Object record, const nlmsghdr* message, const AttributeRange& attributes) {
  Message bare(message->nlmsg_type, 0);
  *bare.header<nfgenmsg>() = *static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(message));
  for (const nlattr& attribute : attributes) {
    const uint16_t type = mnl_attr_get_type(&attribute);
    if (type == NFTA_RULE_EXPRESSIONS) continue;
    bare.put(type, mnl_attr_get_payload(&attribute), mnl_attr_get_payload_len(&attribute));
  }
  const Rule rule(nftnl_rule_alloc());
  if (nftnl_rule_nlmsg_parse(bare.get(), rule.get()) < 0) throwUnreadable(message);
  decodeFields(record, viewOfRule(rule.get()), kRule);
}

void decodeRule(Napi::Object record, const nlmsghdr* message) {
  auto list = Napi::Array::New(record.Env());
  record.Set("expressions", list);
  const Rule rule(nftnl_rule_alloc());
  if (isReadableByLibnftnl(message) && nftnl_rule_nlmsg_parse(message, rule.get()) >= 0) {
    decodeFields(record, viewOfRule(rule.get()), kRule);
    return appendExpressions(list, rule.get());
  }
  const auto attributes = AttributeRange::after(message, sizeof(nfgenmsg));
  decodeWithout(record, message, attributes);
  if (const nlattr* expressions = attributes.find(NFTA_RULE_EXPRESSIONS)) appendEach(list, expressions);
}

}  // namespace

const NftKind kNftRule = {encodeRule, decodeRule};

}  // namespace netprim
