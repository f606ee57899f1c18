package vuelo

import (
	"runtime"
	"sync"
)

// resource is a handle of the host's, and how it is given back.
type resource struct {
	handle  int32
	drop    func(handle int32)
	cleanup runtime.Cleanup
}

func own(handle int32, drop func(handle int32)) *resource {
	r := &resource{handle: handle, drop: drop}
	r.cleanup = runtime.AddCleanup(r, unreachable.add, abandoned{handle, drop})
	return r
}

// Close gives it back to the host at once, in place of when the collector finds
// that nothing uses it any more. It must not be used afterwards.
func (r *resource) Close() {
	if r.handle != 0 {
		r.cleanup.Stop()
		r.drop(r.handle)
		r.handle = 0
	}
}

type abandoned struct {
	handle int32
	drop   func(handle int32)
}

// The collector's cleanups may run while the host writes into the guest's memory,
// when no call of the host is allowed. So they only note what is to be dropped.
type abandonedList struct {
	mutex sync.Mutex
	list  []abandoned
}

var unreachable abandonedList

func (l *abandonedList) add(a abandoned) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.list = append(l.list, a)
}

func (l *abandonedList) drop() {
	l.mutex.Lock()
	list := l.list
	l.list = nil
	l.mutex.Unlock()
	for _, a := range list {
		a.drop(a.handle)
	}
}
