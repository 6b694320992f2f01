package dev.tercet.proto.connect;

import java.net.InetAddress;

/** What a {@link ConnectRace} wants done. */
public sealed interface RaceAction {
  /**
   * Which attempt.
   *
   * @return its number, from 0 in the order of the starts
   */
  int attempt();

  /**
   * Begin an attempt. How it went is told to the race; it may be told at once.
   *
   * @param attempt its number
   * @param address where to
   */
  record Start(int attempt, InetAddress address) implements RaceAction {}

  /**
   * Give up an attempt that is under way: close what it has. Nothing more need be told about it.
   *
   * @param attempt its number
   */
  record Abandon(int attempt) implements RaceAction {}
}
