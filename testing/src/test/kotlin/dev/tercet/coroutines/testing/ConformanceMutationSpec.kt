package dev.tercet.coroutines.testing

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldStartWith
import kotlinx.coroutines.test.runTest

/**
 * The battery against streams that are broken on purpose: the whole battery is run, and the first check to fail must be the right one.
 *
 * Without a mutant: KIT-C1, C9, C41, C44 (such streams do not compile), C7 (the check is in an extension function of ours), C57.
 */
class ConformanceMutationSpec :
    FunSpec({
        val mutants = transferMutants + closingMutants + cancellationMutants + cloggedMutants + twoWayMutants + halfCloseMutants
        for (mutant in mutants) {
            test("${mutant.id} ${mutant.what} is caught") {
                runTest {
                    shouldThrow<AssertionError> { mutant.check() }.message shouldStartWith "${mutant.id} "
                }
            }
        }
    })
