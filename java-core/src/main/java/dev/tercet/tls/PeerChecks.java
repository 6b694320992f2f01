package dev.tercet.tls;

/** What a client checks about its peer. */
enum PeerChecks {
  ALL,
  NO_NAME,
  NOTHING
}
