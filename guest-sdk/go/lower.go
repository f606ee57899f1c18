package vuelo

import (
	"encoding/binary"
	"time"
	"unsafe"
)

// Values for the host, in the canonical ABI's memory. A list in the making keeps
// what its pointers point to.
type lowered struct {
	memory []byte
	count  uint32
	keep   []unsafe.Pointer
}

func (l *lowered) u16(value uint16) { l.memory = binary.LittleEndian.AppendUint16(l.memory, value) }
func (l *lowered) u32(value uint32) { l.memory = binary.LittleEndian.AppendUint32(l.memory, value) }

func (l *lowered) text(value string) {
	l.pointer(unsafe.Pointer(unsafe.StringData(value)), len(value))
}

func (l *lowered) bytes(value []byte) {
	l.pointer(unsafe.Pointer(unsafe.SliceData(value)), len(value))
}

func (l *lowered) pointer(to unsafe.Pointer, length int) {
	l.keep = append(l.keep, to)
	l.u32(uint32(uintptr(to)))
	l.u32(uint32(length))
}

func (l *lowered) optionalText(value string) {
	if value == "" {
		l.memory = append(l.memory, make([]byte, 12)...)
		return
	}
	l.u32(1)
	l.text(value)
}

func (l *lowered) start() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(l.memory)) }

// list lowers a list, each element with `each`.
func list[T any](elements []T, each func(l *lowered, element T)) *lowered {
	l := &lowered{count: uint32(len(elements))}
	for _, element := range elements {
		each(l, element)
	}
	latest = l
	return l
}

// The last list that was lowered: what stands here is on the heap, where it does
// not move, and alive while the host reads it.
var latest *lowered

func pairs[T ~[2]string](all []T) *lowered {
	if len(all) == 0 {
		return &none
	}
	return list(all, func(l *lowered, pair T) {
		l.text(pair[0])
		l.text(pair[1])
	})
}

var none lowered

func nanoseconds(duration time.Duration) uint64 { return uint64(max(duration, 0)) }
