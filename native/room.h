// The room that a socket's messages have in the kernel.
#pragma once

#include <sys/socket.h>

namespace netprim {

// The forced form passes net.core.{r,w}mem_max, but needs CAP_NET_ADMIN in the initial user namespace.
inline void setRoom(int fd, int option, int forcedOption, int bytes) {
  if (setsockopt(fd, SOL_SOCKET, forcedOption, &bytes, sizeof bytes) != 0)
    setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof bytes);
}

}  // namespace netprim
