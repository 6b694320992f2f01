package dev.tercet.internal.dtls.bouncycastle;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Who one is.
 *
 * @param key of the first certificate; EC or RSA
 * @param chain the own certificate first
 */
record DtlsIdentity(PrivateKey key, List<X509Certificate> chain) {}
