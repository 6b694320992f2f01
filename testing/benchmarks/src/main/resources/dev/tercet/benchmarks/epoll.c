/*
 * The limit: what a server can do that has nothing between itself and the kernel. One thread, one level-triggered epoll,
 * one buffer. Takes what it does with each connection, ECHO, SINK or SOURCE, as its argument; otherwise it behaves as the other
 * servers' processes do: prints "port N" when it listens, and ends when its stdin does. It has no heap to tell of.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum work { ECHO, SINK, SOURCE };

#define BACKLOG 4096
#define EVENTS 256
#define ECHO_BYTES 4096
#define BULK_BYTES 65536

static char buffer[BULK_BYTES];

/* What a socket did not take of an echo; nothing more is read before it is out. */
struct connection {
  int fd;
  size_t from, to;
  char rest[ECHO_BYTES];
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void watch(int epoll, int op, int fd, unsigned events, void *data) {
  struct epoll_event event = {.events = events, .data.ptr = data};
  if (epoll_ctl(epoll, op, fd, &event) == -1) fail("epoll_ctl");
}

static void end(struct connection *c) {
  close(c->fd);
  free(c);
}

/* Both answer whether the connection goes on. */
static int would_block(ssize_t n) { return n == -1 && (errno == EAGAIN || errno == EINTR); }

static int echo(int epoll, struct connection *c) {
  if (c->from < c->to) {
    ssize_t n = send(c->fd, c->rest + c->from, c->to - c->from, MSG_NOSIGNAL);
    if (n == -1) return would_block(n);
    c->from += (size_t)n;
    if (c->from == c->to) watch(epoll, EPOLL_CTL_MOD, c->fd, EPOLLIN, c);
    return 1;
  }
  ssize_t got = recv(c->fd, buffer, ECHO_BYTES, 0);
  if (got <= 0) return would_block(got);
  ssize_t sent = send(c->fd, buffer, (size_t)got, MSG_NOSIGNAL);
  if (sent == -1) {
    if (!would_block(sent)) return 0;
    sent = 0;
  }
  if (sent < got) {
    c->from = 0;
    c->to = (size_t)(got - sent);
    memcpy(c->rest, buffer + sent, c->to);
    watch(epoll, EPOLL_CTL_MOD, c->fd, EPOLLOUT, c);
  }
  return 1;
}

static int turn(int epoll, enum work work, struct connection *c) {
  ssize_t n;
  switch (work) {
    case ECHO:
      return echo(epoll, c);
    case SINK:
      n = recv(c->fd, buffer, BULK_BYTES, 0);
      return n > 0 || would_block(n);
    default:
      n = send(c->fd, buffer, BULK_BYTES, MSG_NOSIGNAL);
      return n >= 0 || would_block(n);
  }
}

static void accept_all(int epoll, int listener, enum work work) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *c = malloc(sizeof *c);
    if (!c) fail("malloc");
    c->fd = fd;
    c->from = c->to = 0;
    watch(epoll, EPOLL_CTL_ADD, fd, work == SOURCE ? EPOLLOUT : EPOLLIN, c);
  }
}

static enum work work_named(const char *name) {
  if (!strcmp(name, "ECHO")) return ECHO;
  if (!strcmp(name, "SINK")) return SINK;
  if (!strcmp(name, "SOURCE")) return SOURCE;
  fprintf(stderr, "unknown work %s\n", name);
  exit(2);
}

int main(int argc, char **argv) {
  enum work work = work_named(argc > 1 ? argv[1] : "");
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (listener == -1 || bind(listener, (struct sockaddr *)&address, length) == -1 || listen(listener, BACKLOG) == -1 ||
      getsockname(listener, (struct sockaddr *)&address, &length) == -1)
    fail("listen");
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (epoll == -1) fail("epoll_create1");
  /* The address of a variable tells the two descriptors that are no connections. */
  int input = STDIN_FILENO;
  watch(epoll, EPOLL_CTL_ADD, listener, EPOLLIN, &listener);
  watch(epoll, EPOLL_CTL_ADD, input, EPOLLIN, &input);
  printf("port %d\n", ntohs(address.sin_port));
  fflush(stdout);

  struct epoll_event events[EVENTS];
  for (;;) {
    int n = epoll_wait(epoll, events, EVENTS, -1);
    if (n == -1 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < n; i++) {
      void *data = events[i].data.ptr;
      if (data == &listener) {
        accept_all(epoll, listener, work);
      } else if (data == &input) {
        char command[256];
        ssize_t got = read(input, command, sizeof command);
        if (got <= 0) return 0;
        if (write(STDOUT_FILENO, "error no heap\n", 14) != 14) return 1;
      } else if (!turn(epoll, work, data)) {
        end(data);
      }
    }
  }
}
