package vuelo

import (
	"encoding/binary"
	"math"
	"time"
	"unsafe"
)

// What the host has handed over and nobody has lifted yet.
var received regions

// regions are pieces of memory that are filled from their beginning, again and
// again, each twice as large as the largest thing that did not fit before at most.
type regions struct {
	all   [64]region
	count int
}

type region struct {
	bytes []byte
	used  int
}

// at is the piece of memory at an address.
func (r *regions) at(address, length uint32) memory {
	for _, region := range r.all[:r.count] {
		if offset := int(address) - int(uintptr(unsafe.Pointer(unsafe.SliceData(region.bytes)))); offset >= 0 &&
			offset+int(length) <= region.used {
			return region.bytes[offset : offset+int(length)]
		}
	}
	panic("vuelo: the host handed over what it did not allocate")
}

func (r *regions) clear() {
	for i := range r.all[:r.count] {
		r.all[i].used = 0
	}
}

// Where the host writes a result that is more than one number. Every caller reads
// it before the next call.
var returned [128 / 8]uint64

func result() unsafe.Pointer { return unsafe.Pointer(&returned) }

// lifted reads the result of a call, and lets go of what it was made of.
func lifted[T any](read func(at memory) T) T {
	value := read(unsafe.Slice((*byte)(result()), unsafe.Sizeof(returned)))
	received.clear()
	return value
}

// memory is a piece of the guest's memory in the canonical ABI.
type memory []byte

func (m memory) u8(at int) uint8   { return m[at] }
func (m memory) u16(at int) uint16 { return binary.LittleEndian.Uint16(m[at:]) }
func (m memory) u32(at int) uint32 { return binary.LittleEndian.Uint32(m[at:]) }
func (m memory) u64(at int) uint64 { return binary.LittleEndian.Uint64(m[at:]) }
func (m memory) is(at int) bool    { return m[at] != 0 }

func (m memory) handle(at int) int32 { return int32(m.u32(at)) }

func (m memory) text(at int) string { return string(m.piece(at, 1)) }

func (m memory) bytes(at int) []byte { return append([]byte{}, m.piece(at, 1)...) }

// piece is what a pointer and a number of elements of this size stand for.
func (m memory) piece(at int, size uint32) memory {
	if m.u32(at+4) == 0 {
		return nil
	}
	return received.at(m.u32(at), m.u32(at+4)*size)
}

func (m memory) list(at, size int, each func(element memory)) {
	elements := m.piece(at, uint32(size))
	for start := 0; start < len(elements); start += size {
		each(elements[start : start+size])
	}
}

func (m memory) pairs(at int) [][2]string {
	var pairs [][2]string
	m.list(at, 16, func(pair memory) {
		pairs = append(pairs, [2]string{pair.text(0), pair.text(8)})
	})
	return pairs
}

func (m memory) duration(at int) time.Duration {
	return time.Duration(min(m.u64(at), math.MaxInt64))
}

func (m memory) optionalText() (string, bool) {
	if !m.is(0) {
		return "", false
	}
	return m.text(4), true
}

func (m memory) optionalDuration(at int) *time.Duration {
	if !m.is(at) {
		return nil
	}
	duration := m.duration(at + 8)
	return &duration
}

// both reads a result of two values.
func both[A, B any](read func(at memory) (A, B)) (A, B) {
	type pair struct {
		a A
		b B
	}
	values := lifted(func(at memory) pair {
		a, b := read(at)
		return pair{a, b}
	})
	return values.a, values.b
}

func optionalDuration() (time.Duration, bool) {
	duration := lifted(func(at memory) *time.Duration { return at.optionalDuration(0) })
	if duration == nil {
		return 0, false
	}
	return *duration, true
}

func liftedText() string { return lifted(func(at memory) string { return at.text(0) }) }
