// The transactions of nftables that netprim sends, byte for byte.
#include "nft.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

// As many elements as netprim puts into one message: the length of an attribute has 16 bits.
static const int most_elements = 1593;
static const uint32_t first_address = 0x0a000000;
static const int first_port = 1024;
// The types ipv4_addr, inet_proto and inet_service as nft(8) numbers them, six bits each.
static const uint32_t key_type = 12 << 6 | 13;
static const uint32_t data_type = 7 << 6 | 13;

struct nlmsghdr* begin_nfnetlink(struct channel* channel, int type, uint16_t flags, uint8_t family, uint16_t resource) {
  struct nlmsghdr* message = begin_message(channel, (uint16_t)type, flags);
  struct nfgenmsg* header = mnl_nlmsg_put_extra_header(message, sizeof *header);
  header->nfgen_family = family;
  header->res_id = htons(resource);
  return message;
}

void append(struct channel* channel, const struct nlmsghdr* message) {
  channel->length += MNL_ALIGN(message->nlmsg_len);
}

void begin_batch(struct channel* channel) {
  append(channel, begin_nfnetlink(channel, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

void end_batch(struct channel* channel) {
  append(channel, begin_nfnetlink(channel, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
  flush_batch(channel);
}

static struct nlmsghdr* begin_nft(struct channel* channel, int type, uint16_t flags) {
  return begin_nfnetlink(channel, NFNL_SUBSYS_NFTABLES << 8 | type, flags, NFPROTO_INET, 0);
}

static void put_number(struct nlmsghdr* message, uint16_t type, uint32_t number) {
  mnl_attr_put_u32(message, type, htonl(number));
}

static void put_table(struct channel* channel, int type, uint16_t flags) {
  struct nlmsghdr* message = begin_nft(channel, type, flags);
  mnl_attr_put_strz(message, NFTA_TABLE_NAME, "t");
  append(channel, message);
}

void create_table_with_map(struct channel* channel, int size) {
  begin_batch(channel);
  put_table(channel, NFT_MSG_NEWTABLE, NLM_F_CREATE);
  struct nlmsghdr* message = begin_nft(channel, NFT_MSG_NEWSET, NLM_F_CREATE);
  mnl_attr_put_strz(message, NFTA_SET_TABLE, "t");
  mnl_attr_put_strz(message, NFTA_SET_NAME, "m");
  put_number(message, NFTA_SET_FLAGS, NFT_SET_MAP);
  put_number(message, NFTA_SET_KEY_TYPE, key_type);
  put_number(message, NFTA_SET_KEY_LEN, 8);
  put_number(message, NFTA_SET_DATA_TYPE, data_type);
  put_number(message, NFTA_SET_DATA_LEN, 8);
  put_number(message, NFTA_SET_ID, 1);
  if (size > 0) {
    struct nlattr* description = mnl_attr_nest_start(message, NFTA_SET_DESC);
    put_number(message, NFTA_SET_DESC_SIZE, (uint32_t)size);
    mnl_attr_nest_end(message, description);
  }
  append(channel, message);
  end_batch(channel);
}

void create_table_with_chain(struct channel* channel) {
  begin_batch(channel);
  put_table(channel, NFT_MSG_NEWTABLE, NLM_F_CREATE);
  struct nlmsghdr* message = begin_nft(channel, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
  mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, "t");
  mnl_attr_put_strz(message, NFTA_CHAIN_NAME, "c");
  append(channel, message);
  end_batch(channel);
}

void delete_table(struct channel* channel) {
  begin_batch(channel);
  put_table(channel, NFT_MSG_DELTABLE, 0);
  end_batch(channel);
}

void put_value(struct nlmsghdr* message, uint16_t type, const void* value, size_t length) {
  struct nlattr* data = mnl_attr_nest_start(message, type);
  mnl_attr_put(message, NFTA_DATA_VALUE, length, value);
  mnl_attr_nest_end(message, data);
}

// Two fields of one key or value, each in a register of 32 bits.
struct pair {
  uint32_t first;
  uint16_t second;
  uint16_t padding;
};

static void put_element(struct nlmsghdr* message, int number) {
  struct pair key = {.second = htons((uint16_t)(first_port + number))};
  // One byte, at the beginning of its register.
  const uint8_t protocol = IPPROTO_TCP;
  memcpy(&key.first, &protocol, sizeof protocol);
  const struct pair target = {.first = htonl(first_address + (uint32_t)number), .second = htons(80)};
  struct nlattr* element = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
  put_value(message, NFTA_SET_ELEM_KEY, &key, sizeof key);
  put_value(message, NFTA_SET_ELEM_DATA, &target, sizeof target);
  mnl_attr_nest_end(message, element);
}

struct nlmsghdr* begin_elements(struct channel* channel, int type, uint16_t flags, const char* table, const char* set) {
  struct nlmsghdr* message = begin_nft(channel, type, flags);
  mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, set);
  mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, table);
  return message;
}

void add_elements(struct channel* channel, int first, int count) {
  begin_batch(channel);
  for (int at = 0; at < count;) {
    struct nlmsghdr* message = begin_elements(channel, NFT_MSG_NEWSETELEM, NLM_F_CREATE, "t", "m");
    struct nlattr* list = mnl_attr_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS);
    for (int end = at + most_elements; at < end && at < count; at++) put_element(message, first + at);
    mnl_attr_nest_end(message, list);
    append(channel, message);
  }
  end_batch(channel);
}

struct expression {
  struct nlattr* element;
  struct nlattr* data;
};

static struct expression begin_expression(struct nlmsghdr* message, const char* name) {
  struct nlattr* element = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
  mnl_attr_put_strz(message, NFTA_EXPR_NAME, name);
  return (struct expression){element, mnl_attr_nest_start(message, NFTA_EXPR_DATA)};
}

static void end_expression(struct nlmsghdr* message, struct expression expression) {
  mnl_attr_nest_end(message, expression.data);
  mnl_attr_nest_end(message, expression.element);
}

static void put_meta(struct nlmsghdr* message, uint32_t key) {
  const struct expression meta = begin_expression(message, "meta");
  put_number(message, NFTA_META_KEY, key);
  put_number(message, NFTA_META_DREG, NFT_REG_1);
  end_expression(message, meta);
}

static void put_payload(struct nlmsghdr* message, uint32_t base, uint32_t offset, uint32_t length) {
  const struct expression payload = begin_expression(message, "payload");
  put_number(message, NFTA_PAYLOAD_DREG, NFT_REG_1);
  put_number(message, NFTA_PAYLOAD_BASE, base);
  put_number(message, NFTA_PAYLOAD_OFFSET, offset);
  put_number(message, NFTA_PAYLOAD_LEN, length);
  end_expression(message, payload);
}

static void put_compare(struct nlmsghdr* message, const void* value, size_t length) {
  const struct expression compare = begin_expression(message, "cmp");
  put_number(message, NFTA_CMP_SREG, NFT_REG_1);
  put_number(message, NFTA_CMP_OP, NFT_CMP_EQ);
  put_value(message, NFTA_CMP_DATA, value, length);
  end_expression(message, compare);
}

static void put_accept(struct nlmsghdr* message) {
  const struct expression immediate = begin_expression(message, "immediate");
  put_number(message, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
  struct nlattr* data = mnl_attr_nest_start(message, NFTA_IMMEDIATE_DATA);
  struct nlattr* verdict = mnl_attr_nest_start(message, NFTA_DATA_VERDICT);
  put_number(message, NFTA_VERDICT_CODE, NF_ACCEPT);
  mnl_attr_nest_end(message, verdict);
  mnl_attr_nest_end(message, data);
  end_expression(message, immediate);
}

// ip saddr 10.… tcp dport … accept
static void put_expressions(struct nlmsghdr* message, int number) {
  const uint8_t family = NFPROTO_IPV4, protocol = IPPROTO_TCP;
  const uint32_t source = htonl(first_address + (uint32_t)number);
  const uint16_t port = htons((uint16_t)(1 + number));
  put_meta(message, NFT_META_NFPROTO);
  put_compare(message, &family, sizeof family);
  put_payload(message, NFT_PAYLOAD_NETWORK_HEADER, 12, 4);
  put_compare(message, &source, sizeof source);
  put_meta(message, NFT_META_L4PROTO);
  put_compare(message, &protocol, sizeof protocol);
  put_payload(message, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2);
  put_compare(message, &port, sizeof port);
  put_accept(message);
}

void add_rules(struct channel* channel, int count) {
  begin_batch(channel);
  for (int number = 0; number < count; number++) {
    struct nlmsghdr* message = begin_nft(channel, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
    mnl_attr_put_strz(message, NFTA_RULE_TABLE, "t");
    mnl_attr_put_strz(message, NFTA_RULE_CHAIN, "c");
    struct nlattr* list = mnl_attr_nest_start(message, NFTA_RULE_EXPRESSIONS);
    put_expressions(message, number);
    mnl_attr_nest_end(message, list);
    append(channel, message);
  }
  end_batch(channel);
}

// \param message a part of the list of elements
static void count_in_message(const struct nlmsghdr* message, void* count) {
  const struct nlattr* attribute;
  mnl_attr_for_each(attribute, message, sizeof(struct nfgenmsg)) {
    if (mnl_attr_get_type(attribute) != NFTA_SET_ELEM_LIST_ELEMENTS) continue;
    const struct nlattr* element;
    mnl_attr_for_each_nested(element, attribute)(*(int*)count)++;
  }
}

int count_elements(struct channel* channel, const char* table, const char* set) {
  append(channel, begin_elements(channel, NFT_MSG_GETSETELEM, NLM_F_DUMP, table, set));
  int count = 0;
  dump(channel, count_in_message, &count);
  return count;
}

int count_rules(struct channel* channel) {
  append(channel, begin_nft(channel, NFT_MSG_GETRULE, NLM_F_DUMP));
  return dump(channel, NULL, NULL);
}
