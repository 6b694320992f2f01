package dev.tercet.blocking;

import dev.tercet.tls.ClientHello;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * How a server chooses its configuration by what the client says first: another certificate for
 * each name, for instance, which may have to be fetched (spec TLS-N2).
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
   * client is not blamed for it, and only that connection waits. Whoever wants a limit sets one, by
   * a scope.
   *
   * <p><i>Errors:</i> what it throws comes out of the operation that needed the handshake, as it
   * is; the client gets the alert {@code internal_error}, and the stream is broken.
   *
   * <p><i>Interruption:</i> that of the handshake: the stream is broken.
   *
   * <p><i>Thread-safety:</i> must accept calls from any thread at once.
   *
   * @param hello what the client has said; {@link ClientHello#serverName} may be null, or a name
   *     that nobody knows
   * @return the configuration; null for none: then the client gets the alert {@code
   *     unrecognized_name}, and the stream is broken
   * @throws IOException when the choice needs something that fails
   * @throws InterruptedException when interrupted while waiting
   */
  @Nullable TlsServerConfig choose(ClientHello hello) throws IOException, InterruptedException;
}
