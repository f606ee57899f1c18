package vuelo

import "errors"

// ErrorKind says what kind of error a call ended with, in the contract's word.
type ErrorKind string

// Why there is no response, and why there is no WebSocket session, or no longer.
const (
	InvalidRequest    ErrorKind = "invalid-request"
	Invalid           ErrorKind = "invalid"
	NotAllowed        ErrorKind = "not-allowed"
	NameLookup        ErrorKind = "name-lookup"
	ConnectionRefused ErrorKind = "connection-refused"
	Connect           ErrorKind = "connect"
	TLS               ErrorKind = "tls"
	Timeout           ErrorKind = "timeout"
	ConnectionLost    ErrorKind = "connection-lost"
	MalformedResponse ErrorKind = "malformed-response"
	BodyTooLarge      ErrorKind = "body-too-large"
	WrongContent      ErrorKind = "wrong-content"
	Closed            ErrorKind = "closed"
	BadEncoding       ErrorKind = "bad-encoding"
	Protocol          ErrorKind = "protocol"
	Refused           ErrorKind = "refused"
	MessageTooLarge   ErrorKind = "message-too-large"
	Other             ErrorKind = "other"
)

// In the order of the contract's variants.
var (
	httpErrors = []ErrorKind{
		InvalidRequest, NotAllowed, NameLookup, ConnectionRefused, Connect, TLS, Timeout, ConnectionLost,
		MalformedResponse, BodyTooLarge, WrongContent, Closed, BadEncoding, Protocol, Other,
	}
	websocketErrors = []ErrorKind{
		Invalid, NotAllowed, NameLookup, ConnectionRefused, Connect, TLS, Timeout, ConnectionLost,
		MalformedResponse, Refused, Protocol, MessageTooLarge, Closed, Other,
	}
)

// Error is the error of a request, a response, a stream or a WebSocket.
type Error struct {
	Kind ErrorKind
	// Text says what happened, to what. [Closed] has none.
	Text string
	// Refusal is the answer that opened no WebSocket session, for [Refused].
	Refusal *Refusal
}

func (e *Error) Error() string {
	if e.Text == "" {
		return string(e.Kind)
	}
	return e.Text
}

// Refusal is an answer that opened no WebSocket session.
type Refusal struct {
	Status  int
	Headers []Header
	// Body is the beginning of its body.
	Body []byte
}

// KindOf tells the kind of an error; empty where it is none of the host's.
func KindOf(err error) ErrorKind {
	var e *Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Kind
}

func (m memory) httpError(at int) error {
	e := &Error{Kind: httpErrors[m.u8(at)]}
	if e.Kind != Closed {
		e.Text = m.text(at + 4)
	}
	return e
}

func (m memory) websocketError(at int) error {
	e := &Error{Kind: websocketErrors[m.u8(at)]}
	switch e.Kind {
	case Closed:
	case Refused:
		e.Text = m.text(at + 24)
		e.Refusal = &Refusal{
			Status:  int(m.u16(at + 4)),
			Headers: headers(m.pairs(at + 8)),
			Body:    m.bytes(at + 16),
		}
	default:
		e.Text = m.text(at + 4)
	}
	return e
}

// noError reads a result without a value.
func noError(err func(m memory, at int) error) error {
	return lifted(func(at memory) error {
		if at.is(0) {
			return err(at, 4)
		}
		return nil
	})
}
