package vuelo

import (
	"encoding/json"
	"time"
)

// Response is an answer. It stays in the host: only what is asked for is copied.
// It ends with its iteration; used later, texts are empty, numbers 0, and what can
// say so returns [Closed].
type Response struct{ *resource }

func (m memory) response() (*Response, error) {
	if m.is(0) {
		return nil, m.httpError(4)
	}
	return &Response{own(m.handle(4), importResponseDrop)}, nil
}

func liftedResponse() (*Response, error) { return both(memory.response) }

// Status is the status code.
func (r *Response) Status() int { return int(importResponseStatus(r.handle)) }

// URL is the URL that answered.
func (r *Response) URL() string {
	importResponseURL(r.handle, result())
	return liftedText()
}

// Header is the first header of this name, in any case.
func (r *Response) Header(name string) (string, bool) {
	importResponseHeader(r.handle, name, result())
	return both(memory.optionalText)
}

// Header is the name, in lower case, and the value of a header.
type Header struct{ Name, Value string }

func headers(pairs [][2]string) (all []Header) {
	for _, pair := range pairs {
		all = append(all, Header{pair[0], pair[1]})
	}
	return all
}

// Headers are all headers that are text, in the order of their arrival.
func (r *Response) Headers() []Header {
	importResponseHeaders(r.handle, result())
	return headers(lifted(func(at memory) [][2]string { return at.pairs(0) }))
}

// Protocol is the protocol as k6 names it, as HTTP/1.1.
func (r *Response) Protocol() string {
	importResponseProtocol(r.handle, result())
	return liftedText()
}

// Body is the whole body. It can be read as often as wanted.
func (r *Response) Body() ([]byte, error) {
	importResponseBody(r.handle, result())
	return both(func(at memory) ([]byte, error) {
		if at.is(0) {
			return nil, at.httpError(4)
		}
		return at.bytes(4), nil
	})
}

// Text is the whole body as text; [WrongContent] where it is not UTF-8.
func (r *Response) Text() (string, error) {
	importResponseText(r.handle, result())
	return both(func(at memory) (string, error) {
		if at.is(0) {
			return "", at.httpError(4)
		}
		return at.text(4), nil
	})
}

// JSON parses the body into what `into` points to.
func (r *Response) JSON(into any) error {
	body, err := r.Body()
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// Duration tells how long sending, waiting and receiving took, where that was
// measured.
func (r *Response) Duration() (time.Duration, bool) {
	importResponseDuration(r.handle, result())
	return optionalDuration()
}

// Timings say where a request's time went. What is nil was not measured.
type Timings struct {
	Blocked        *time.Duration
	LookingUp      *time.Duration
	Connecting     *time.Duration
	TLSHandshaking *time.Duration
	Sending        *time.Duration
	Waiting        *time.Duration
	Receiving      *time.Duration
	// Duration is Sending, Waiting and Receiving together.
	Duration *time.Duration
}

// Timings say where the time went.
func (r *Response) Timings() Timings {
	importResponseTimings(r.handle, result())
	return lifted(func(at memory) (t Timings) {
		for index, part := range []**time.Duration{
			&t.Blocked, &t.LookingUp, &t.Connecting, &t.TLSHandshaking,
			&t.Sending, &t.Waiting, &t.Receiving, &t.Duration,
		} {
			*part = at.optionalDuration(16 * index)
		}
		return t
	})
}

// Events reads an opened response as Server-Sent Events.
func (r *Response) Events() (*EventStream, error) {
	importResponseEvents(r.handle, result())
	return both(func(at memory) (*EventStream, error) {
		if at.is(0) {
			return nil, at.httpError(4)
		}
		return &EventStream{own(at.handle(4), importEventStreamDrop)}, nil
	})
}

// Chunks reads an opened response in pieces, as they arrive.
func (r *Response) Chunks() (*BodyStream, error) {
	importResponseChunks(r.handle, result())
	return both(func(at memory) (*BodyStream, error) {
		if at.is(0) {
			return nil, at.httpError(4)
		}
		return &BodyStream{own(at.handle(4), importBodyStreamDrop)}, nil
	})
}
