package dev.tercet.internal.process;

import dev.tercet.internal.net.Receiving;

/** The end of a pipe that we receive from. */
public interface PipeSource extends PipeEnd, Receiving {}
