package dev.tercet.blocking;

import dev.tercet.tls.ClientHello;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a server's configuration by the ClientHello: for instance another certificate for each
 * name, which may have to be fetched (spec TLS-N2).
 *
 * <pre>{@code
 * TlsListener.wrapChoosing(listener, hello -> configs.get(hello.serverName()));
 * }</pre>
 *
 * <p>Sessions are resumed within one configuration only, so answer the same name with the same
 * configuration, until its certificate is renewed.
 *
 * <p>Blocking; in Kotlin it is a suspending function.
 */
@FunctionalInterface
public interface Chooser {
  /**
   * Chooses for one connection, on the thread that does its handshake. It may take its time: a
   * client is not blamed for it, and only that connection waits. A scope sets a time limit, if one
   * is wanted.
   *
   * <p><i>Errors:</i> the operation that needed the handshake throws what this throws, unchanged;
   * the client gets the alert {@code internal_error}, and the stream is broken.
   *
   * <p><i>Interruption:</i> that of the handshake: the stream is broken.
   *
   * <p><i>Thread-safety:</i> must accept calls from any thread at once.
   *
   * @param hello the ClientHello; {@link ClientHello#serverName} may be null, or a name that nobody
   *     knows
   * @return the configuration; null for none: then the client gets the alert {@code
   *     unrecognized_name}, and the stream is broken
   * @throws IOException when the choice needs something that fails
   * @throws InterruptedException when interrupted while waiting
   */
  @Nullable TlsServerConfig choose(ClientHello hello) throws IOException, InterruptedException;
}
