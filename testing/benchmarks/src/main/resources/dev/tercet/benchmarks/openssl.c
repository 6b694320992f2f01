/*
 * What OpenSSL does without a JVM: TLS 1.3 over blocking sockets, a thread per connection. Takes what it does with each connection, ECHO,
 * SINK or SOURCE, and the file and the password of a PKCS#12 store with its key; otherwise it behaves as the other servers' processes do:
 * prints "port N" when it listens, and ends when its stdin does.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum work { ECHO, SINK, SOURCE };

#define BACKLOG 4096
#define ECHO_BYTES 4096
#define BULK_BYTES 65536
#define STACK_BYTES (256 * 1024)

static enum work work;
static SSL_CTX *context;
static int listener;

static void fail(const char *what) {
  perror(what);
  ERR_print_errors_fp(stderr);
  exit(1);
}

static void talk(SSL *tls) {
  static __thread char buffer[BULK_BYTES];
  int n;
  switch (work) {
    case ECHO:
      while ((n = SSL_read(tls, buffer, ECHO_BYTES)) > 0 && SSL_write(tls, buffer, n) > 0) {
      }
      break;
    case SINK:
      while (SSL_read(tls, buffer, BULK_BYTES) > 0) {
      }
      break;
    default:
      while (SSL_write(tls, buffer, BULK_BYTES) > 0) {
      }
  }
}

static void *handle(void *argument) {
  int fd = (int)(long)argument;
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  SSL *tls = SSL_new(context);
  if (!tls || !SSL_set_fd(tls, fd)) fail("SSL_new");
  if (SSL_accept(tls) == 1) talk(tls);
  SSL_free(tls);
  close(fd);
  /* What went wrong with a peer stays in the queue of this thread, which ends. */
  return NULL;
}

static void *accept_all(void *nothing) {
  (void)nothing;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    pthread_t thread;
    if (fd != -1 && pthread_create(&thread, &attributes, handle, (void *)(long)fd)) close(fd);
  }
}

static enum work work_named(const char *name) {
  if (!strcmp(name, "ECHO")) return ECHO;
  if (!strcmp(name, "SINK")) return SINK;
  if (!strcmp(name, "SOURCE")) return SOURCE;
  fprintf(stderr, "unknown work %s\n", name);
  exit(2);
}

static void read_key(const char *file, const char *password) {
  FILE *in = fopen(file, "rb");
  PKCS12 *store = in ? d2i_PKCS12_fp(in, NULL) : NULL;
  EVP_PKEY *key;
  X509 *certificate;
  if (!store || !PKCS12_parse(store, password, &key, &certificate, NULL)) fail("the key store");
  if (SSL_CTX_use_certificate(context, certificate) != 1 || SSL_CTX_use_PrivateKey(context, key) != 1) fail("the key");
  fclose(in);
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: openssl WORK KEYSTORE PASSWORD\n");
    return 2;
  }
  work = work_named(argv[1]);
  signal(SIGPIPE, SIG_IGN);
  context = SSL_CTX_new(TLS_server_method());
  if (!context) fail("SSL_CTX_new");
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  /* As many as the JDK sends. */
  SSL_CTX_set_num_tickets(context, 1);
  read_key(argv[2], argv[3]);
  listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (listener == -1 || bind(listener, (struct sockaddr *)&address, length) == -1 || listen(listener, BACKLOG) == -1 ||
      getsockname(listener, (struct sockaddr *)&address, &length) == -1)
    fail("listen");
  pthread_t thread;
  if (pthread_create(&thread, NULL, accept_all, NULL)) fail("pthread_create");
  printf("port %d\n", ntohs(address.sin_port));
  fflush(stdout);

  char command[256];
  while (fgets(command, sizeof command, stdin)) {
    printf("error no heap\n");
    fflush(stdout);
  }
  return 0;
}
