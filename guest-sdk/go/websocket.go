package vuelo

import "time"

// Handshake opens WebSocket sessions: built once, made as often as wanted.
type Handshake struct{ *resource }

// NewHandshake is a handshake for an absolute ws or wss URL.
func NewHandshake(url string) *Handshake {
	return &Handshake{own(importHandshakeNew(url), importHandshakeDrop)}
}

// Header sets a header, in place of all earlier ones of that name.
func (h *Handshake) Header(name, value string) *Handshake {
	importHandshakeSetHeader(h.handle, name, value)
	return h
}

// AppendHeader adds a header beside earlier ones of that name.
func (h *Handshake) AppendHeader(name, value string) *Handshake {
	importHandshakeAppendHeader(h.handle, name, value)
	return h
}

// SecretHeader sets a header to a prefix followed by the secret's value.
func (h *Handshake) SecretHeader(name, prefix string, secret *Secret) *Handshake {
	importHandshakeSetSecretHeader(h.handle, name, prefix, secret.handle)
	return h
}

// BasicAuth authenticates by user and password.
func (h *Handshake) BasicAuth(user, password string) *Handshake {
	importHandshakeSetBasicAuth(h.handle, user, password)
	return h
}

// SecretBasicAuth is [Handshake.BasicAuth] with a password that is a secret.
func (h *Handshake) SecretBasicAuth(user string, password *Secret) *Handshake {
	importHandshakeSetSecretBasicAuth(h.handle, user, password.handle)
	return h
}

// OfferSubprotocol offers a subprotocol, after those that were offered before.
func (h *Handshake) OfferSubprotocol(name string) *Handshake {
	importHandshakeOfferSubprotocol(h.handle, name)
	return h
}

// Tag marks the samples of its sessions.
func (h *Handshake) Tag(name, value string) *Handshake {
	importHandshakeSetTag(h.handle, name, value)
	return h
}

// Timeout says how long the opening may take, and then each sending, each closing
// and each [Socket.Next]; 60 s unless set.
func (h *Handshake) Timeout(timeout time.Duration) *Handshake {
	importHandshakeSetTimeout(h.handle, nanoseconds(timeout))
	return h
}

// Open opens a session.
func (h *Handshake) Open() (*Socket, error) {
	importHandshakeOpen(h.handle, result())
	return both(func(at memory) (*Socket, error) {
		if at.is(0) {
			return nil, at.websocketError(4)
		}
		return &Socket{own(at.handle(4), importSocketDrop)}, nil
	})
}

// Socket is a session. It ends with its iteration.
type Socket struct{ socket *resource }

// Subprotocol is the subprotocol that the server took; empty where it took none.
func (s *Socket) Subprotocol() string {
	importSocketSubprotocol(s.socket.handle, result())
	return liftedText()
}

// Header is the first header of this name of the answer that opened the session.
func (s *Socket) Header(name string) (string, bool) {
	importSocketHeader(s.socket.handle, name, result())
	return both(memory.optionalText)
}

// SendText sends a text.
func (s *Socket) SendText(text string) error {
	importSocketSendText(s.socket.handle, text, result())
	return noError(memory.websocketError)
}

// SendBinary sends bytes.
func (s *Socket) SendBinary(bytes []byte) error {
	importSocketSendBinary(s.socket.handle, start(bytes), uint32(len(bytes)), result())
	return noError(memory.websocketError)
}

// Ping sends a ping. The answer comes as a message.
func (s *Socket) Ping() error {
	importSocketPing(s.socket.handle, result())
	return noError(memory.websocketError)
}

// Message is what comes from the other side: a [TextMessage], a [BinaryMessage], a
// [Pong] or a [Closing].
type Message interface{ message() }

// TextMessage is a text.
type TextMessage string

// BinaryMessage is bytes.
type BinaryMessage []byte

// Pong is the answer to a ping, and how long it took.
type Pong time.Duration

// Closing says how a session was closed. It is the last message.
type Closing struct {
	// Code says why: 1000 is the normal one, 1005 stands for none.
	Code uint16
	// Reason says why in words; mostly empty.
	Reason string
}

func (TextMessage) message()   {}
func (BinaryMessage) message() {}
func (Pong) message()          {}
func (Closing) message()       {}

// Next waits for the next message. An error [Timeout] says that none came within
// the handshake's time; the session goes on.
func (s *Socket) Next() (Message, error) {
	importSocketNext(s.socket.handle, 0, 0, result())
	return liftedMessage()
}

// NextWithin waits for the next message; nil where none came within that time. 0
// asks for one that is there already.
func (s *Socket) NextWithin(timeout time.Duration) (Message, error) {
	importSocketNext(s.socket.handle, 1, nanoseconds(timeout), result())
	return liftedMessage()
}

func liftedMessage() (Message, error) {
	return both(func(at memory) (Message, error) {
		switch {
		case at.is(0):
			return nil, at.websocketError(8)
		case !at.is(8):
			return nil, nil
		}
		switch at.u8(16) {
		case 0:
			return TextMessage(at.text(24)), nil
		case 1:
			return BinaryMessage(at.bytes(24)), nil
		case 2:
			return Pong(at.duration(24)), nil
		default:
			return Closing{Code: at.u16(24), Reason: at.text(28)}, nil
		}
	})
}

// AnsweredAfter is from the writing of the last text or bytes that were sent to the
// arrival of the last ones that came.
func (s *Socket) AnsweredAfter() (time.Duration, bool) {
	importSocketAnsweredAfter(s.socket.handle, result())
	return optionalDuration()
}

// CloseWith closes the session and waits until the other side has answered.
func (s *Socket) CloseWith(code uint16, reason string) error {
	importSocketClose(s.socket.handle, uint32(code), reason, result())
	return noError(memory.websocketError)
}

// Close leaves the session as a browser does, at once.
func (s *Socket) Close() { s.socket.Close() }
