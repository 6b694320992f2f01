package dev.tercet.benchmarks

import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.isExecutable

/** Where processes are put: all servers on one core, the load on another, where there are two cores and `taskset`. */
class Cpus private constructor(private val server: Int?, private val load: Int?, val remark: String) {
    /** What stands in front of a command. */
    fun pinServer(): List<String> = pin(server)

    fun pinLoad(): List<String> = pin(load)

    private fun pin(cpu: Int?) = if (cpu == null) emptyList() else listOf("taskset", "-c", "$cpu")

    companion object {
        fun find(): Cpus {
            val allowed = allowed()
            val cores = allowed.size.takeIf { it > 0 } ?: Runtime.getRuntime().availableProcessors()
            return when {
                cores < 2 -> Cpus(
                    null,
                    null,
                    "one core: servers and load generator take it from each other, so rates are about half; compare CPU per operation",
                )

                allowed.isEmpty() || !hasTaskset() -> Cpus(
                    null,
                    null,
                    "not pinned, for want of taskset: threads move between $cores cores, which is kind to servers that use several",
                )

                else -> Cpus(allowed[0], allowed[1], "servers on core ${allowed[0]}, load generator on core ${allowed[1]}")
            }
        }

        private fun allowed(): List<Int> {
            val status = Path.of("/proc/self/status")
            if (!Files.isReadable(status)) return emptyList()
            val line = Files.readAllLines(status).firstOrNull { it.startsWith("Cpus_allowed_list:") } ?: return emptyList()
            return parseCpuList(line.substringAfter(':').trim())
        }

        private fun hasTaskset() = System.getenv("PATH").orEmpty().split(':').any {
            it.isNotEmpty() && Path.of(it, "taskset").isExecutable()
        }
    }
}

/** Reads what Linux writes about CPUs: `0-2,7` are 0, 1, 2 and 7. */
fun parseCpuList(text: String): List<Int> = text.split(',').filter { it.isNotBlank() }.flatMap {
    val ends = it.trim().split('-').map(String::toInt)
    (ends.first()..ends.last()).toList()
}
