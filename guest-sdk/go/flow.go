package vuelo

import "time"

// Tag is a name and a value that mark a sample.
type Tag [2]string

// Sleep waits.
func Sleep(duration time.Duration) { importSleep(nanoseconds(duration)) }

// SleepBetween waits for a time that the host draws evenly, by the run's seed.
func SleepBetween(shortest, longest time.Duration) {
	importSleepBetween(nanoseconds(shortest), nanoseconds(longest))
}

// Random draws evenly from 0 (included) to 1 (not included), by the run's seed.
func Random() float64 { return importRandom() }

// Pick draws one of the elements, by the run's seed. There must be one.
func Pick[T any](elements []T) T {
	return elements[int(Random()*float64(len(elements)))]
}

// Group does something in a group: its samples are tagged with the group's name.
func Group(name string, do func() error) error {
	BeginGroup(name)
	defer EndGroup()
	return do()
}

// BeginGroup opens a group inside the current one.
func BeginGroup(name string) { importBeginGroup(name) }

// EndGroup closes the innermost group.
func EndGroup() { importEndGroup() }

// SetTag marks every later sample of this virtual user, until the iteration ends;
// set in Start, as long as the instance lives.
func SetTag(name, value string) { importSetTag(name, value) }

// RemoveTag takes such a tag away.
func RemoveTag(name string) { importRemoveTag(name) }

// VU is the virtual user's number, from 1; 0 in setup, teardown and summary.
func VU() uint32 { return importVU() }

// VUIteration tells how many iterations this virtual user had before this one.
func VUIteration() uint64 { return importVUIteration() }

// ScenarioIteration is the number of this iteration among all of its scenario,
// from 0.
func ScenarioIteration() uint64 { return importScenarioIteration() }

// ScenarioName is the scenario's name in the plan.
func ScenarioName() string {
	importScenarioName(result())
	return liftedText()
}

// Abort ends the whole run. It does not come back.
func Abort(reason string) { importAbort(reason) }

// MarkFailed lets the run go on and marks it as failed.
func MarkFailed(reason string) { importMarkFailed(reason) }
