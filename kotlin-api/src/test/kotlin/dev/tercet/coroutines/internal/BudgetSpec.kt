package dev.tercet.coroutines.internal

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield
import kotlin.coroutines.EmptyCoroutineContext

class BudgetSpec :
    FunSpec({
        /** In which of [operations] operations a sibling got its turn, counted from 1. */
        suspend fun turnsOfSibling(budget: Budget, operations: Int, waits: Set<Int> = emptySet()): List<Int> {
            val turns = mutableListOf<Int>()
            var operation = 0
            kotlinx.coroutines.coroutineScope {
                val sibling =
                    launch(start = CoroutineStart.UNDISPATCHED) {
                        while (true) {
                            yield()
                            turns += operation
                        }
                    }
                while (operation < operations) {
                    operation++
                    budget.spend()
                    if (operation in waits) budget.waited()
                }
                sibling.cancel()
            }
            return turns
        }

        test("NUR-X26 IO-C1 every 16th ready operation yields") {
            runTest { turnsOfSibling(Budget(), 50) shouldBe listOf(16, 32, 48) }
        }

        test("NUR-X26 a wait refills the budget") {
            runTest { turnsOfSibling(Budget(), 40, waits = setOf(15)) shouldBe listOf(31) }
        }

        test("NUR-X26 with a budget of 1 every operation yields, waits or not") {
            runTest {
                withContext(BudgetElement(1)) {
                    turnsOfSibling(Budget(), 4, waits = setOf(2)) shouldBe listOf(1, 2, 3, 4)
                }
            }
        }

        test("IO-C1 a cancelled coroutine gets no operation, however much is left") {
            runTest {
                launch(EmptyCoroutineContext, CoroutineStart.UNDISPATCHED) {
                    val budget = Budget()
                    budget.spend()
                    coroutineContext[kotlinx.coroutines.Job]!!.cancel()
                    shouldThrow<CancellationException> { budget.spend() }
                }.join()
            }
        }
    })
