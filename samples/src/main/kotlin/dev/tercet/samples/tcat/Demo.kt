package dev.tercet.samples.tcat

suspend fun demo(): ExitCode = ExitCode.CLEAN
