// The messages for addresses, routes and neighbours that netprim sends, with the same attributes in the same order.
#pragma once

#include "netlink.h"

// Each adds the one of this number: 10.0.0.0 and those that follow, neighbours from 192.168.1.0 on.
void add_address(struct channel* channel, int link, int number);
void add_route(struct channel* channel, int link, int number);
void add_neighbour(struct channel* channel, int link, int number);

// Adds 192.168.0.1/16.
void add_subnet(struct channel* channel, int link);

// Each returns how many there are.
int list_addresses(struct channel* channel, int link);
int list_routes(struct channel* channel);
int list_permanent_neighbours(struct channel* channel, int link);
