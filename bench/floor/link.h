// The link messages that netprim sends, with the same attributes in the same order.
#pragma once

// Where a pair goes: a master and a state for this end, a namespace for the other; all 0 for none of it.
struct place {
  int master;
  int up;
  int peer_namespace;
};

// Each returns the index of the new link.
int create_bridge(int socket, const char* name);
int create_pair(int socket, int number, struct place place);

void delete_link(int socket, int index);
void set_group(int socket, int index, unsigned group);
void delete_group(int socket, unsigned group);
