// The transactions of nftables that netprim sends, byte for byte.
#pragma once

#include "netlink.h"

// A message of nfnetlink, of which a batch has several: it is appended to the datagram, however many messages a
// datagram of the channel should have.
struct nlmsghdr* begin_nfnetlink(struct channel* channel, int type, uint16_t flags, uint8_t family, uint16_t resource);
void append(struct channel* channel, const struct nlmsghdr* message);
void begin_batch(struct channel* channel);
void end_batch(struct channel* channel);

// A key of an element, or its value.
void put_value(struct nlmsghdr* message, uint16_t type, const void* value, size_t length);

// Each is a transaction of its own, in the table `inet t`. A map without a size may get as large as it likes.
void create_table_with_map(struct channel* channel, int size);
void create_table_with_chain(struct channel* channel);
void delete_table(struct channel* channel);

// Adds those of these numbers to the map, or to the chain.
void add_elements(struct channel* channel, int first, int count);
void add_rules(struct channel* channel, int count);

// Begins a message about elements of a set of this table.
struct nlmsghdr* begin_elements(struct channel* channel, int type, uint16_t flags, const char* table, const char* set);

// Each returns how many there are.
int count_elements(struct channel* channel, const char* table, const char* set);
int count_rules(struct channel* channel);
