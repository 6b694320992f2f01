package dev.tercet.blocking;

import dev.tercet.tls.ClientHello;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a server's configuration by the ClientHello: for example another certificate for each
 * name, which may have to be fetched (spec TLS-N2).
 *
 * <pre>{@code
 * TlsListener.wrapChoosing(listener, hello -> configs.get(hello.serverName()));
 * }</pre>
 *
 * <p>Sessions are resumed within one configuration only, so return the same configuration for the
 * same name, until its certificate is renewed.
 *
 * <p>Blocking; in Kotlin it is a suspending function.
 */
@FunctionalInterface
public interface Chooser {
  /**
   * Chooses for one connection, on the thread of its handshake. It may block: its time does not
   * count against the client, and only that connection waits. A scope in it can set a time limit.
   *
   * <p><i>Errors:</i> the operation that needed the handshake throws what this throws, unchanged;
   * the client gets the alert {@code internal_error}, and the stream is broken.
   *
   * <p><i>Interruption:</i> that of the handshake: the stream is broken.
   *
   * <p><i>Thread-safety:</i> must accept calls from any thread at once.
   *
   * @param hello the ClientHello; {@link ClientHello#serverName} may be null, which a map of {@code
   *     Map.of} refuses, or an unknown name
   * @return the configuration; null for none: then the client gets the alert {@code
   *     unrecognized_name}, and the stream is broken
   * @throws IOException when the choice needs something that fails
   * @throws InterruptedException when interrupted while waiting
   */
  @Nullable TlsServerConfig choose(ClientHello hello) throws IOException, InterruptedException;
}
