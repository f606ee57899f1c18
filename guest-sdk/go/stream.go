package vuelo

import (
	"io"
	"time"
)

// Event is one Server-Sent Event.
type Event struct {
	// Kind is its type: `message` where the server named none.
	Kind string
	// Data is its lines, joined by a line feed.
	Data string
	// ID is the last event id.
	ID string
	// Elapsed is from the start of sending the request to its arrival.
	Elapsed time.Duration
}

// EventStream is Server-Sent Events, in order. Close it where it is not read to its
// end.
type EventStream struct{ *resource }

// Next waits for the next event. [io.EOF] is the clean end.
func (s *EventStream) Next() (Event, error) {
	importEventStreamNext(s.handle, result())
	return both(func(at memory) (Event, error) {
		switch {
		case at.is(0):
			return Event{}, at.httpError(8)
		case !at.is(8):
			return Event{}, io.EOF
		}
		return Event{Kind: at.text(16), Data: at.text(24), ID: at.text(32), Elapsed: at.duration(40)}, nil
	})
}

// Retry tells how long the server wants a client to wait before it connects anew,
// where it has said so.
func (s *EventStream) Retry() (time.Duration, bool) {
	importEventStreamRetry(s.handle, result())
	return optionalDuration()
}

// BodyStream is pieces of a body, in order. Close it where it is not read to its
// end.
type BodyStream struct{ *resource }

// Next waits for the next piece. [io.EOF] is the clean end.
func (s *BodyStream) Next() ([]byte, error) {
	importBodyStreamNext(s.handle, result())
	return both(func(at memory) ([]byte, error) {
		switch {
		case at.is(0):
			return nil, at.httpError(4)
		case !at.is(4):
			return nil, io.EOF
		}
		return at.bytes(8), nil
	})
}

// Elapsed is from the start of sending the request to the arrival of the piece
// that Next returned last; there is none before the first one.
func (s *BodyStream) Elapsed() (time.Duration, bool) {
	importBodyStreamElapsed(s.handle, result())
	return optionalDuration()
}
