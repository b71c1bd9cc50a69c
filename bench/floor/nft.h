// The transactions of nftables that netprim sends, byte for byte.
#pragma once

#include "netlink.h"

// Each is a transaction of its own, in the table `inet t`.
void create_table_with_map(struct channel* channel);
void create_table_with_chain(struct channel* channel);
void delete_table(struct channel* channel);

// Adds those of these numbers to the map, or to the chain.
void add_elements(struct channel* channel, int first, int count);
void add_rules(struct channel* channel, int count);

// Each returns how many there are.
int count_elements(struct channel* channel);
int count_rules(struct channel* channel);
