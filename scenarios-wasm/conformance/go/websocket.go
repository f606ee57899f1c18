package main

import (
	"errors"
	"fmt"
	"strings"

	"vuelo"
)

func (u *user) handshake(path string) *vuelo.Handshake {
	return vuelo.NewHandshake("ws" + strings.TrimPrefix(u.base, "http") + path)
}

func (u *user) websocket() error {
	socket, err := u.handshake("/socket").Header("x-one", "1").Open()
	if err != nil {
		return err
	}
	say("protocol", socket.Subprotocol())

	text, err := answer[vuelo.TextMessage](socket, socket.SendText("Grüße, 世界 🦉"))
	if err != nil {
		return err
	}
	say("text", text)

	binary, err := answer[vuelo.BinaryMessage](socket, socket.SendBinary([]byte{0, 1, 2, 255}))
	if err != nil {
		return err
	}
	say("binary", strings.ReplaceAll(strings.Trim(fmt.Sprint([]byte(binary)), "[]"), " ", ","))

	pong, err := answer[vuelo.Pong](socket, socket.Ping())
	if err != nil {
		return err
	}
	say("pong", pong > 0)

	closing, err := answer[vuelo.Closing](socket, socket.CloseWith(1000, "done"))
	if err != nil {
		return err
	}
	say("closing", closing.Code)
	return nil
}

// answer waits for the answer to what was sent.
func answer[M vuelo.Message](socket *vuelo.Socket, sent error) (m M, err error) {
	if sent != nil {
		return m, sent
	}
	message, err := socket.Next()
	if err != nil {
		return m, err
	}
	m, ok := message.(M)
	if !ok {
		return m, fmt.Errorf("not the message that was expected: %v", message)
	}
	return m, nil
}

func (u *user) websocketRefused() error {
	_, err := u.handshake("/status/403").Open()
	var e *vuelo.Error
	if !errors.As(err, &e) || e.Refusal == nil {
		return fmt.Errorf("a refusal was expected, not %v", err)
	}
	say("refused", e.Refusal.Status)
	say("words", e.Text != "")
	say("body", string(e.Refusal.Body))
	return nil
}
