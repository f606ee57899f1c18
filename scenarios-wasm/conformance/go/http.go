package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"vuelo"
)

// What /echo answers.
type echo struct {
	Method  string              `json:"method"`
	Path    string              `json:"path"`
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
	Length  int                 `json:"length"`
}

func (e echo) header(name string) string { return strings.Join(e.Headers[name], ",") }

func echoed(request *vuelo.Request) (e echo, err error) {
	response, err := request.Send()
	if err != nil {
		return e, err
	}
	return e, response.JSON(&e)
}

func (u *user) setupData() error {
	numbers := make([]string, len(u.data.Numbers))
	for i, number := range u.data.Numbers {
		numbers[i] = number.String()
	}
	say("text", u.data.Text)
	say("padding", len(u.data.Padding))
	say("numbers", strings.Join(numbers, ","))
	say("nothing", u.data.Nothing == nil)
	say("nested", len(u.data.Nested.List) == 2 && u.data.Nested.Yes)
	return nil
}

func (u *user) config() error {
	for _, key := range [][2]string{
		{"greeting", "GREETING"}, {"absent", "ABSENT"}, {"undeclared", "NOBODY"}, {"secret", "TOKEN"},
	} {
		say(key[0], optional(vuelo.Config(key[1])))
	}
	say("no-secret", vuelo.ConfigSecret("GREETING") == nil)
	return nil
}

func (u *user) secretRequest() (*vuelo.Request, error) {
	token := vuelo.ConfigSecret("TOKEN")
	if token == nil {
		return nil, errors.New("TOKEN has no value")
	}
	return vuelo.Get(u.base+"/echo").SecretHeader("authorization", "Bearer ", token), nil
}

func sayAuthorization(request *vuelo.Request) error {
	e, err := echoed(request)
	say("authorization", e.header("authorization"))
	return err
}

func (u *user) secret() error {
	request, err := u.secretRequest()
	if err != nil {
		return err
	}
	return sayAuthorization(request)
}

func (u *user) handles() error {
	err := sayAuthorization(u.request)
	u.things.Add(1)
	return err
}

func (u *user) get() error {
	response, err := vuelo.Get(u.base + "/text").Send()
	if err != nil {
		return err
	}
	var twice []string
	for _, header := range response.Headers() {
		if header.Name == "x-twice" {
			twice = append(twice, header.Value)
		}
	}
	text, textErr := response.Text()
	body, bodyErr := response.Body()
	say("status", response.Status())
	say("url", response.URL())
	say("greeting", optional(response.Header("X-Greeting")))
	say("missing", optional(response.Header("x-missing")))
	say("twice", strings.Join(twice, ","))
	say("protocol", response.Protocol())
	say("text", text)
	say("length", len(body))
	return errors.Join(textErr, bodyErr)
}

func (u *user) post() error {
	e, err := echoed(vuelo.Post(u.base+"/echo?q=1").
		Header("x-one", "1").Header("x-one", "2").
		AppendHeader("x-two", "a").AppendHeader("x-two", "b").
		Header("content-type", "text/plain").
		Text("Grüße, 世界 🦉"))
	say("method", e.Method)
	say("path", e.Path)
	say("one", e.header("x-one"))
	say("two", e.header("x-two"))
	say("body", e.Body)
	return err
}

func (u *user) bytes() error {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	response, err := vuelo.Post(u.base + "/mirror").Body(all).Send()
	if err != nil {
		return err
	}
	body, err := response.Body()
	say("length", len(body))
	say("same", slices.Equal(body, all))
	return err
}

func (u *user) large() error {
	response, err := vuelo.Get(u.base + "/bytes/1048576").Send()
	if err != nil {
		return err
	}
	body, err := response.Body()
	if err != nil {
		return err
	}
	say("length", len(body))
	say("last", body[len(body)-1])
	return nil
}

func (u *user) form() error {
	e, err := echoed(vuelo.Post(u.base+"/echo").Form([2]string{"a", "1 & 2"}, [2]string{"b", "ü"}))
	say("type", e.header("content-type"))
	say("body", e.Body)
	return err
}

func (u *user) multipart() error {
	e, err := echoed(vuelo.Post(u.base+"/echo").Multipart(
		vuelo.FormPart{Name: "a", Content: []byte("1")},
		vuelo.FormPart{Name: "f", FileName: "f.bin", ContentType: "application/x-f", Content: []byte("Grüße")},
	))
	kind, _, _ := strings.Cut(e.header("content-type"), ";")
	say("type", kind)
	say("has", strings.Contains(e.Body, `name="a"`) &&
		strings.Contains(e.Body, `filename="f.bin"`) && strings.Contains(e.Body, "Grüße"))
	return err
}

func (u *user) basic() error {
	e, err := echoed(vuelo.Get(u.base+"/echo").BasicAuth("ada", "secret"))
	say("authorization", e.header("authorization"))
	return err
}

func (u *user) cookies() error {
	if err := errors.Join(
		vuelo.SetCookie(u.base, "one=1; Path=/"),
		vuelo.SetCookie(u.base, "two=2; Path=/"),
	); err != nil {
		return err
	}
	e, err := echoed(vuelo.Get(u.base+"/echo").Cookie("three", "3"))
	sent := strings.Split(e.header("cookie"), "; ")
	slices.Sort(sent)
	say("sent", strings.Join(sent, ","))

	vuelo.DeleteCookie(u.base, "one")
	var left []string
	for _, cookie := range vuelo.Cookies(u.base) {
		left = append(left, cookie.Name+"="+cookie.Value)
	}
	slices.Sort(left)
	say("left", strings.Join(left, ","))

	vuelo.ClearCookies(u.base)
	say("cleared", len(vuelo.Cookies(u.base)))
	return err
}

func (u *user) redirect() error {
	followed, err := vuelo.Get(u.base + "/redirect").Send()
	if err != nil {
		return err
	}
	say("status", followed.Status())
	say("url", followed.URL())
	unfollowed, err := vuelo.Get(u.base + "/redirect").MaxRedirects(0).Send()
	if err != nil {
		return err
	}
	say("unfollowed", unfollowed.Status())
	say("location", optional(unfollowed.Header("location")))
	return nil
}

func (u *user) timings() error {
	request := vuelo.Get(u.base + "/text")
	if _, err := request.Send(); err != nil {
		return err
	}
	response, err := request.Send()
	if err != nil {
		return err
	}
	t := response.Timings()
	duration, _ := response.Duration()
	none := func(part *time.Duration) bool { return part != nil && *part == 0 }
	say("duration", t.Duration != nil && *t.Duration == duration && duration > 0)
	say("reused", none(t.Connecting) && none(t.TLSHandshaking) && none(t.LookingUp))
	say("parts", t.Sending != nil && t.Waiting != nil && t.Receiving != nil &&
		*t.Sending+*t.Waiting+*t.Receiving == duration)
	vuelo.NewTrend("lengths").AddDuration(duration)
	return nil
}

func only(status uint16) vuelo.StatusRange {
	return vuelo.StatusRange{Lowest: status, Highest: status}
}

// The status of each, or the word for its error.
func statuses(all []vuelo.Sent) string {
	var statuses []string
	for _, sent := range all {
		if sent.Err != nil {
			statuses = append(statuses, string(vuelo.KindOf(sent.Err)))
		} else {
			statuses = append(statuses, fmt.Sprint(sent.Response.Status()))
		}
	}
	return strings.Join(statuses, ",")
}

func (u *user) sendAll() error {
	say("statuses", statuses(vuelo.SendAll(
		vuelo.Get(u.base+"/text"),
		vuelo.Get(u.base+"/status/204"),
		vuelo.Get(u.url),
		vuelo.Get(u.base+"/status/404").ExpectStatuses(only(404)),
	)))
	return nil
}

func (u *user) batchEdges() error {
	request := vuelo.Get(u.base + "/text")
	say("twice", statuses(vuelo.SendAll(request, request)))
	say("none", len(vuelo.SendAll()))
	return nil
}

func (u *user) judging() error {
	_, expected := vuelo.Get(u.base + "/status/404").ExpectStatuses(only(404)).Send()
	_, unjudged := vuelo.Get(u.base + "/status/500").Unjudged().Send()
	_, failed := vuelo.Get(u.base + "/status/500").Send()
	return errors.Join(expected, unjudged, failed)
}

func (u *user) discard() error {
	response, err := vuelo.Get(u.base + "/bytes/1000").DiscardBody(true).Send()
	if err != nil {
		return err
	}
	body, err := response.Body()
	say("length", len(body))
	return err
}

func (u *user) requestTags() error {
	_, err := vuelo.Get(u.base+"/text").Tag("name", "the text").Tag("kind", "Grüße").Send()
	return err
}

// The word for how a sending ended that should have failed.
func failure(_ *vuelo.Response, err error) any {
	if err == nil {
		return "none"
	}
	return vuelo.KindOf(err)
}

func (u *user) timeouts() error {
	const short = 100 * time.Millisecond
	say("error", failure(vuelo.Get(u.base+"/slow").Timeout(short).Send()))
	say("head", failure(vuelo.Get(u.base+"/slow").HeadTimeout(short).Send()))
	say("idle", failure(vuelo.Get(u.base+"/stalls").IdleTimeout(short).Send()))
	return nil
}

func (u *user) httpError() error {
	response, err := vuelo.Get(u.url).Timeout(500 * time.Millisecond).Send()
	if err == nil {
		_, err = response.Text()
	}
	var e *vuelo.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("an error was expected, not %v", err)
	}
	say("error", e.Kind)
	say("words", e.Kind == vuelo.Closed || e.Text != "")
	return nil
}

func (u *user) events() error {
	stream, err := u.eventStream("/events")
	if err != nil {
		return err
	}
	inOrder, last := true, time.Duration(0)
	for {
		event, err := stream.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		say("event", strings.Join([]string{event.Kind, strings.ReplaceAll(event.Data, "\n", `\n`), event.ID}, "|"))
		inOrder = inOrder && event.Elapsed > 0 && event.Elapsed >= last
		last = event.Elapsed
	}
	retry, ok := stream.Retry()
	say("retry", optional(retry.Nanoseconds(), ok))
	say("elapsed", inOrder)
	return nil
}

func (u *user) eventStream(path string) (*vuelo.EventStream, error) {
	response, err := vuelo.Get(u.base + path).Open()
	if err != nil {
		return nil, err
	}
	defer response.Close()
	return response.Events()
}

func (u *user) chunks() error {
	response, err := vuelo.Get(u.base + "/pieces").Open()
	if err != nil {
		return err
	}
	stream, err := response.Chunks()
	if err != nil {
		return err
	}
	_, before := stream.Elapsed()
	var text []byte
	for {
		piece, err := stream.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		text = append(text, piece...)
	}
	_, after := stream.Elapsed()
	say("text", string(text))
	say("elapsed", !before && after)
	return nil
}

func (u *user) notEvents() error {
	response, err := vuelo.Get(u.base + "/text").Open()
	if err != nil {
		return err
	}
	_, err = response.Events()
	say("error", vuelo.KindOf(err))
	text, err := response.Text()
	say("text", text)
	return err
}

func (u *user) droppedStream() error {
	stream, err := u.eventStream("/endless")
	if err != nil {
		return err
	}
	if _, err := stream.Next(); err != nil {
		return err
	}
	stream.Close()
	response, err := vuelo.Get(u.base + "/text").Send()
	if err != nil {
		return err
	}
	say("status", response.Status())
	return nil
}

func (u *user) upload() error {
	upload, err := vuelo.Post(u.base + "/echo").Upload()
	if err != nil {
		return err
	}
	_, first := upload.Write([]byte("one, "))
	_, second := upload.Write([]byte("two"))
	response, third := upload.Finish()
	if err := errors.Join(first, second, third); err != nil {
		return err
	}
	var chunked, announced echo
	if err := response.JSON(&chunked); err != nil {
		return err
	}
	say("body", chunked.Body)
	say("chunked", chunked.Headers["content-length"] == nil)

	upload, err = vuelo.Post(u.base + "/echo").UploadLength(3)
	if err != nil {
		return err
	}
	_, first = upload.Write([]byte("abc"))
	response, second = upload.Open()
	if err := errors.Join(first, second); err != nil {
		return err
	}
	err = response.JSON(&announced)
	say("length", announced.Length)
	return err
}

func (u *user) keptResponse() (err error) {
	if u.kept == nil {
		u.kept, err = vuelo.Get(u.base + "/text").Send()
		return err
	}
	_, err = u.kept.Text()
	say("status", u.kept.Status())
	say("text", vuelo.KindOf(err))
	return nil
}
