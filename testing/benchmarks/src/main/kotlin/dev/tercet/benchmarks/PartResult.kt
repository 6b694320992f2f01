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

    /** The noise of rates and of CPU per operation: the spread of the baseline, and without end when there was one round. */
    val noise: Double get() = noiseOf { it.rate }
    val cpuNoise: Double get() = noiseOf { it.cpuPerOperation }

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

    /** How much faster one is than the other: the ratio of their medians. */
    fun rateRatio(name: String, other: String) = Ratio(median(rates(name)) / median(rates(other)), noise)

    /** How much more CPU one takes for an operation than the other. */
    fun cpuRatio(name: String, other: String) = Ratio(median(cpus(name)) / median(cpus(other)), cpuNoise)

    fun rates(name: String) = samples.getValue(name).map { it.rate }

    fun cpus(name: String) = samples.getValue(name).map { it.cpuPerOperation }

    fun hasBaseline() = samples[part.baseline].orEmpty().isNotEmpty()

    private fun noiseOf(figure: (Sample) -> Double): Double {
        val baseline = samples.getValue(part.baseline)
        return if (baseline.size < 2) Double.POSITIVE_INFINITY else spread(baseline.map(figure))
    }
}
