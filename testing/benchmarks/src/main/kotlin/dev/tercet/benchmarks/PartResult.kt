package dev.tercet.benchmarks

/** Memory per connection, in bytes. */
data class Idle(val connections: Int, val heapBytes: Double, val residentBytes: Double)

/** All that was measured in one part. */
class PartResult(val part: Part, val loadAverage: String?) {
    /** The rounds of each contender, in the order of the part. */
    val samples = LinkedHashMap<String, MutableList<Sample>>()
    val idle = LinkedHashMap<String, Idle>()

    /** What cannot run here, and why. */
    val leftOut = LinkedHashMap<String, String>()

    /** What went wrong. */
    val failures = LinkedHashMap<String, String>()

    /** The same program in another process, against itself: what is not further from 1 than this is no difference. */
    val self: Ratio? get() = twin { it.rate }
    val cpuSelf: Ratio? get() = twin { it.cpuPerOperation }

    fun add(name: String, sample: Sample) {
        samples.getOrPut(name) { mutableListOf() } += sample
    }

    fun leaveOut(name: String, reason: String) {
        leftOut[name] = reason
    }

    fun fail(name: String, message: String) {
        failures[name] = message
        samples.remove(name)
        idle.remove(name)
    }

    /** How much faster one is than the other. */
    fun rateRatio(name: String, other: String) = ratio(name, other, self) { it.rate }

    /** How much more CPU one takes for an operation than the other. */
    fun cpuRatio(name: String, other: String) = ratio(name, other, cpuSelf) { it.cpuPerOperation }

    fun rates(name: String) = samples.getValue(name).map { it.rate }

    fun cpus(name: String) = samples.getValue(name).map { it.cpuPerOperation }

    fun hasBaseline() = samples[part.baseline].orEmpty().isNotEmpty()

    private fun twin(figure: (Sample) -> Double): Ratio? =
        if (samples[part.twin].isNullOrEmpty()) null else ratio(part.twin, part.baseline, null, figure)

    private fun ratio(name: String, other: String, self: Ratio?, figure: (Sample) -> Double) =
        Ratio.of(samples.getValue(name).map(figure), samples.getValue(other).map(figure), self?.distance ?: 0.0)
}
