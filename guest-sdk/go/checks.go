package vuelo

// Check records whether something held, as k6's check, and hands the answer back.
// It ends nothing.
func Check(name string, passed bool, tags ...Tag) bool {
	t := pairs(tags)
	importRecordCheck(name, passed, t.start(), t.count)
	return passed
}
