package vuelo

import (
	"runtime"
	"unsafe"
)

// grow makes the memory grow by a multiple of a page. Go's runtime must know of it,
// since it counts on being the only one that does; the linker lets this through
// with the flag -checklinkname=0.
//
//go:linkname grow runtime.sbrk
func grow(size uintptr) unsafe.Pointer

const page = 64 << 10

// Whether Go's runtime has started.
var started bool

func init() { started = true }

// Memory for what the host hands over: the arguments of an exported function and
// the results of a call. It is none of Go's heap: an allocation there may set the
// collector to work, which reads the clock, and while the host waits for memory
// every call of it is a trap. What stands here is copied when it is lifted.
//
//go:wasmexport cabi_realloc
func reallocate(_ unsafe.Pointer, oldSize, align, size uint32) unsafe.Pointer {
	if oldSize != 0 {
		stop()
	}
	if !started {
		// The adapter of WASI preview 1 asks for its state and its stack, for good.
		return grow((uintptr(size) + page - 1) &^ (page - 1))
	}
	return received.allocate(int(align), int(size))
}

func (r *regions) allocate(align, size int) unsafe.Pointer {
	for i := range r.count {
		if start := r.all[i].take(align, size); start != nil {
			return start
		}
	}
	length := page
	for length < size {
		length *= 2
	}
	if r.count == len(r.all) {
		stop()
	}
	start := grow(uintptr(length))
	if start == nil {
		stop()
	}
	r.all[r.count] = region{bytes: unsafe.Slice((*byte)(start), length)}
	r.count++
	return r.all[r.count-1].take(align, size)
}

func (r *region) take(align, size int) unsafe.Pointer {
	offset := (r.used + align - 1) &^ (align - 1)
	if offset+size > len(r.bytes) {
		return nil
	}
	r.used = offset + size
	return unsafe.Add(unsafe.Pointer(unsafe.SliceData(r.bytes)), offset)
}

// stop is a trap. A panic would be recovered by the iteration, with the host's call
// still under way.
func stop() { runtime.Breakpoint() }
