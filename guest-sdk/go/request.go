package vuelo

import (
	"time"
	"unsafe"
)

// Request is built once and sent as often as wanted. Its methods hand it back, so
// that they can stand in a row. Building never fails: the first mistake is kept,
// and every sending returns it as [InvalidRequest].
type Request struct{ *resource }

// NewRequest is a request for an absolute http or https URL.
func NewRequest(method, url string) *Request {
	return &Request{own(importRequestNew(method, url), importRequestDrop)}
}

// Get is a GET request.
func Get(url string) *Request { return NewRequest("GET", url) }

// Post is a POST request.
func Post(url string) *Request { return NewRequest("POST", url) }

// Header sets a header, in place of all earlier ones of that name.
func (r *Request) Header(name, value string) *Request {
	importRequestSetHeader(r.handle, name, value)
	return r
}

// AppendHeader adds a header beside earlier ones of that name.
func (r *Request) AppendHeader(name, value string) *Request {
	importRequestAppendHeader(r.handle, name, value)
	return r
}

// SecretHeader sets a header to a prefix followed by the secret's value.
func (r *Request) SecretHeader(name, prefix string, secret *Secret) *Request {
	importRequestSetSecretHeader(r.handle, name, prefix, secret.handle)
	return r
}

// Text sets the body to a text.
func (r *Request) Text(body string) *Request {
	importRequestSetText(r.handle, body)
	return r
}

// Body sets the body.
func (r *Request) Body(body []byte) *Request {
	importRequestSetBody(r.handle, start(body), uint32(len(body)))
	return r
}

// Tag marks the samples of this request. The tag `name` takes the place of the
// URL in reports.
func (r *Request) Tag(name, value string) *Request {
	importRequestSetTag(r.handle, name, value)
	return r
}

// Timeout says how long sending, answer and body may take together; 60 s unless
// set.
func (r *Request) Timeout(timeout time.Duration) *Request {
	importRequestSetTimeout(r.handle, nanoseconds(timeout))
	return r
}

// StatusRange is the status codes from Lowest to Highest, both included.
type StatusRange struct{ Lowest, Highest uint16 }

// ExpectStatuses says which status codes count as success; 200 to 399 unless set.
func (r *Request) ExpectStatuses(expected ...StatusRange) *Request {
	l := list(expected, func(l *lowered, statuses StatusRange) {
		l.u16(statuses.Lowest)
		l.u16(statuses.Highest)
	})
	importRequestSetExpectedStatuses(r.handle, l.start(), l.count)
	return r
}

// Unjudged judges nothing, also where no answer comes.
func (r *Request) Unjudged() *Request {
	importRequestSetUnjudged(r.handle)
	return r
}

// DiscardBody drops the answer's body as it arrives.
func (r *Request) DiscardBody(discard bool) *Request {
	importRequestSetDiscardBody(r.handle, discard)
	return r
}

// Form sets the body to the fields of a form, each a name and a value.
func (r *Request) Form(fields ...[2]string) *Request {
	l := pairs(fields)
	importRequestSetForm(r.handle, l.start(), l.count)
	return r
}

// FormPart is a part of a form that can hold files. A FileName that is empty says
// that it is no file, and a ContentType that is empty says nothing.
type FormPart struct {
	Name        string
	FileName    string
	ContentType string
	Content     []byte
}

// Multipart sets the body to the parts of a form.
func (r *Request) Multipart(parts ...FormPart) *Request {
	l := list(parts, func(l *lowered, part FormPart) {
		l.text(part.Name)
		l.optionalText(part.FileName)
		l.optionalText(part.ContentType)
		l.bytes(part.Content)
	})
	importRequestSetMultipart(r.handle, l.start(), l.count)
	return r
}

// BasicAuth authenticates by user and password.
func (r *Request) BasicAuth(user, password string) *Request {
	importRequestSetBasicAuth(r.handle, user, password)
	return r
}

// SecretBasicAuth is [Request.BasicAuth] with a password that is a secret.
func (r *Request) SecretBasicAuth(user string, password *Secret) *Request {
	importRequestSetSecretBasicAuth(r.handle, user, password.handle)
	return r
}

// DigestAuth answers the server's challenge by user and password.
func (r *Request) DigestAuth(user, password string) *Request {
	importRequestSetDigestAuth(r.handle, user, password)
	return r
}

// SecretDigestAuth is [Request.DigestAuth] with a password that is a secret.
func (r *Request) SecretDigestAuth(user string, password *Secret) *Request {
	importRequestSetSecretDigestAuth(r.handle, user, password.handle)
	return r
}

// Cookie sends a cookie, in place of one that is kept under the same name.
func (r *Request) Cookie(name, value string) *Request {
	importRequestSetCookie(r.handle, name, value)
	return r
}

// MaxRedirects says how many redirects are followed.
func (r *Request) MaxRedirects(redirects uint32) *Request {
	importRequestSetMaxRedirects(r.handle, redirects)
	return r
}

// ExpectContinue waits for the server's word before the body is sent.
func (r *Request) ExpectContinue() *Request {
	importRequestSetExpectContinue(r.handle)
	return r
}

// HeadTimeout says how long the head of the answer may take.
func (r *Request) HeadTimeout(timeout time.Duration) *Request {
	importRequestSetHeadTimeout(r.handle, nanoseconds(timeout))
	return r
}

// IdleTimeout says how long the next piece of the answer's body may take.
func (r *Request) IdleTimeout(timeout time.Duration) *Request {
	importRequestSetIdleTimeout(r.handle, nanoseconds(timeout))
	return r
}

// Send sends the request and waits until the answer is complete.
func (r *Request) Send() (*Response, error) {
	importRequestSend(r.handle, result())
	return liftedResponse()
}

// Open sends the request and waits for the answer's head alone.
func (r *Request) Open() (*Response, error) {
	importRequestOpen(r.handle, result())
	return liftedResponse()
}

// Sent is the answer to one of several requests.
type Sent struct {
	Response *Response
	Err      error
}

// SendAll sends several requests at once and waits for all answers, which come in
// the order of the requests.
func SendAll(requests ...*Request) []Sent {
	l := list(requests, func(l *lowered, request *Request) { l.u32(uint32(request.handle)) })
	importSendAll(l.start(), l.count, result())
	return lifted(func(at memory) (all []Sent) {
		at.list(0, 16, func(one memory) {
			response, err := one.response()
			all = append(all, Sent{response, err})
		})
		return all
	})
}

// Upload begins to send the request with a body that is yet to be written, in
// chunks.
func (r *Request) Upload() (*Upload, error) {
	importRequestUpload(r.handle, 0, 0, result())
	return liftedUpload()
}

// UploadLength is [Request.Upload] with a length that is announced and must be
// kept to.
func (r *Request) UploadLength(length uint64) (*Upload, error) {
	importRequestUpload(r.handle, 1, length, result())
	return liftedUpload()
}

func liftedUpload() (*Upload, error) {
	return both(func(at memory) (*Upload, error) {
		if at.is(0) {
			return nil, at.httpError(4)
		}
		return &Upload{own(at.handle(4), importUploadDrop)}, nil
	})
}

// Upload is a request whose body is written while it is sent. It ends with its
// iteration.
type Upload struct{ *resource }

// Write writes a piece of the body, as an [io.Writer].
func (u *Upload) Write(piece []byte) (int, error) {
	importUploadWrite(u.handle, start(piece), uint32(len(piece)), result())
	if err := noError(memory.httpError); err != nil {
		return 0, err
	}
	return len(piece), nil
}

// Finish ends the body and waits until the answer is complete.
func (u *Upload) Finish() (*Response, error) {
	importUploadFinish(u.handle, result())
	return liftedResponse()
}

// Open ends the body and waits for the answer's head alone.
func (u *Upload) Open() (*Response, error) {
	importUploadOpen(u.handle, result())
	return liftedResponse()
}

func start(bytes []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(bytes)) }
