package dev.tercet.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tercet.blocking.*;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client of Redis. A reply is a String, a Long, a List, null, or an IOException: an error. */
public record RedisClient(BufferedStream<?> stream) {
  /** Sends commands and returns their replies. For one thread at a time. */
  public List<@Nullable Object> call(List<List<String>> all)
      throws IOException, InterruptedException {
    try {
      return Nursery.call(
          nursery -> {
            // Both at once: a server whose replies nobody receives may stop receiving, too.
            nursery.startSoon(() -> stream.sendAll(encoded(all).getBytes(UTF_8)));
            return receive(all.size(), 8);
          });
    } catch (Throwable e) {
      stream.closeForcefully(); // Late replies would be taken for those of the next call.
      throw e;
    }
  }

  private static String encoded(List<List<String>> commands) {
    var all = new StringBuilder();
    for (List<String> words : commands) {
      all.append("*" + words.size() + "\r\n");
      words.forEach(w -> all.append("$" + w.getBytes(UTF_8).length + "\r\n" + w + "\r\n"));
    }
    return all.toString();
  }

  private List<@Nullable Object> receive(int count, int maxDepth)
      throws IOException, InterruptedException {
    var replies = new ArrayList<@Nullable Object>();
    while (replies.size() < count) {
      String line = stream.receiveLine(8192);
      if (line == null || !line.matches("[+-].*|:-?\\d{1,18}|[$*](-1|\\d{1,7})") || maxDepth == 0) {
        throw new IOException("this is not RESP 2");
      }
      String text = line.substring(1);
      int size = "$*".indexOf(line.charAt(0)) < 0 ? 0 : Integer.parseInt(text);
      replies.add(
          switch (size < 0 ? '0' : line.charAt(0)) {
            case '+' -> text;
            case '-' -> new IOException(text);
            case ':' -> Long.valueOf(text);
            case '$' -> new String(stream.receiveExactly(size + 2), 0, size, UTF_8);
            case '*' -> receive(size, maxDepth - 1);
            default -> null;
          });
    }
    return replies;
  }
}
