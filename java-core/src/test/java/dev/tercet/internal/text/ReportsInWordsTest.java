package dev.tercet.internal.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tercet.MemoryChannelStatistics;
import dev.tercet.NameInfo;
import dev.tercet.RelayReport;
import dev.tercet.RelayReport.Side;
import dev.tercet.ServeReport;
import dev.tercet.loop.LoopStatistics;
import dev.tercet.tls.DtlsChannelStatistics;
import dev.tercet.tls.DtlsEndpointStatistics;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a program prints when it prints a report. */
class ReportsInWordsTest {
  @Test
  @DisplayName("a memory channel: what it holds, who has it open, who waits")
  void memoryChannel() {
    assertEquals(
        "3 messages of at most 5, peak 4; 2 senders, 1 waiting; 1 receiver, 0 waiting",
        new MemoryChannelStatistics(3, 5, 4, 2, 1, 1, 0).toString());
    assertEquals(
        "1 message without limit, peak 1; 1 sender, 0 waiting; 0 receivers, 0 waiting",
        new MemoryChannelStatistics(1, Integer.MAX_VALUE, 1, 1, 0, 0, 0).toString());
  }

  @Test
  @DisplayName("IO-K10 the name of an address is written as addresses are")
  void nameInfo() {
    assertEquals("db.example:postgresql", new NameInfo("db.example", "postgresql").toString());
    assertEquals("[2001:db8::1]:5432", new NameInfo("2001:db8::1", "5432").toString());
  }

  @Test
  @DisplayName("a loop: what it has done, and what it has now")
  void loop() {
    assertEquals(
        "1200 turns, 3400 tasks, 560 events, 7 wake-ups; now 12 channels, 9 waiters, 0 queued tasks",
        new LoopStatistics(1200, 3400, 560, 7, 12, 9, 0).toString());
    assertEquals(
        "1 turn, 1 task, 1 event, 1 wake-up; now 1 channel, 1 waiter, 1 queued task",
        new LoopStatistics(1, 1, 1, 1, 1, 1, 1).toString());
  }

  @Test
  @DisplayName("DTLS-L7 the statistics of DTLS name what is not zero")
  void dtls() {
    assertEquals("no incidents", DtlsChannelStatistics.NONE.toString());
    DtlsChannelStatistics all = new DtlsChannelStatistics(1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertEquals(
        "1 message dropped, 2 malformed, 3 refused, 4 alerts in clear text, 5 replayed, 6 forged,"
            + " 7 flights retransmitted, 8 final flights resent, 9 MTU fallbacks",
        all.toString());
    assertEquals(
        "0 datagrams received, 0 sent; no ClientHello; 0 half open, 0 established;"
            + " channels: no incidents",
        new DtlsEndpointStatistics(
                0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, DtlsChannelStatistics.NONE)
            .toString());
    assertEquals(
        "1 datagram received, 2 sent; 3 ignored, 4 challenged, 5 with a bad cookie, 6 accepted,"
            + " 7 repeated, 8 replaced, 9 over the limit, 10 challenges dropped, 11 expired,"
            + " 12 from unknown addresses, 13 malformed; 14 half open, 15 established; channels: "
            + all,
        new DtlsEndpointStatistics(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, all)
            .toString());
  }

  @Test
  @DisplayName("IO-SV10 servers and relays: one of a thing is one")
  void singular() {
    assertEquals(
        "1 connection: 1 finished, 0 failed, 0 cancelled", new ServeReport(1, 1, 0, 0).toString());
    assertEquals(
        "1 byte to the server, 9 bytes to the client, the client ended first",
        new RelayReport(1, 9, Side.CLIENT).toString());
  }
}
