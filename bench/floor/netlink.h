// The least that is needed to talk netlink: a namespace, a socket in it, datagrams of messages, their answers.
#pragma once

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>

enum { MOST_MESSAGES = 1024 };

// A socket, and the datagram that is being made for it.
struct channel {
  int socket;
  // How many messages go in a datagram.
  int most;
  // Whether the kernel is to answer only what it refuses.
  bool quiet;
  int count;
  size_t length;
  // By message: where the index goes of the link that it is answered with.
  int* echoed[MOST_MESSAGES];
  char bytes[1024 * 1024];
};

// Moves the process into a fresh namespace, which a descriptor keeps until the process ends, and returns that
// descriptor.
int enter_fresh_namespace(void);

// Opens a netlink socket in the present namespace, with the options that netprim sets.
struct channel* open_channel(int protocol, int most);
void close_channel(struct channel* channel);

// The same in two steps, for a channel that has one socket after the other: close(2) and free(3) end them.
struct channel* make_channel(int most);
void open_socket(struct channel* channel, int protocol);

// Begins a message at the end of the datagram.
struct nlmsghdr* begin_message(struct channel* channel, uint16_t type, uint16_t flags);

// Ends it; a datagram that is full is sent.
// \param echoed where the index of the new link goes, or NULL
void end_message(struct channel* channel, const struct nlmsghdr* message, int* echoed);

// Sends the datagram and waits for the kernel's answers; a refusal ends the process.
void flush(struct channel* channel);

// Sends the datagram as a transaction, to which the kernel answers only if it refuses.
void flush_batch(struct channel* channel);

// Sends the datagram, which is a request for a list; returns how many objects it has, and gives each of them to
// \param each may be NULL; must not ask the kernel for anything, whose answer would take the place of the list
int dump(struct channel* channel, void (*each)(const struct nlmsghdr* object, void* context), void* context);
