package vuelo

import "unsafe"

// What the host offers, in the canonical ABI's flattened form. A string is a
// pointer and a length, a resource its handle; `to` is where a result goes that
// is more than one number (see lift.go).

//go:wasmimport vuelo:load/checks@0.1.0 record-check
func importRecordCheck(name string, passed bool, tags unsafe.Pointer, count uint32)

//go:wasmimport vuelo:load/config@0.1.0 get
func importConfigGet(key string, to unsafe.Pointer)

//go:wasmimport vuelo:load/config@0.1.0 get-secret
func importConfigGetSecret(key string, to unsafe.Pointer)

//go:wasmimport vuelo:load/config@0.1.0 [resource-drop]secret
func importSecretDrop(handle int32)

//go:wasmimport vuelo:load/flow@0.1.0 sleep
func importSleep(duration uint64)

//go:wasmimport vuelo:load/flow@0.1.0 sleep-between
func importSleepBetween(shortest, longest uint64)

//go:wasmimport vuelo:load/flow@0.1.0 random
func importRandom() float64

//go:wasmimport vuelo:load/flow@0.1.0 begin-group
func importBeginGroup(name string)

//go:wasmimport vuelo:load/flow@0.1.0 end-group
func importEndGroup()

//go:wasmimport vuelo:load/flow@0.1.0 set-tag
func importSetTag(name, value string)

//go:wasmimport vuelo:load/flow@0.1.0 remove-tag
func importRemoveTag(name string)

//go:wasmimport vuelo:load/flow@0.1.0 vu
func importVU() uint32

//go:wasmimport vuelo:load/flow@0.1.0 vu-iteration
func importVUIteration() uint64

//go:wasmimport vuelo:load/flow@0.1.0 scenario-iteration
func importScenarioIteration() uint64

//go:wasmimport vuelo:load/flow@0.1.0 scenario-name
func importScenarioName(to unsafe.Pointer)

//go:wasmimport vuelo:load/flow@0.1.0 abort
func importAbort(reason string)

//go:wasmimport vuelo:load/flow@0.1.0 mark-failed
func importMarkFailed(reason string)

//go:wasmimport vuelo:load/log@0.1.0 write
func importLogWrite(level uint32, message string)

//go:wasmimport vuelo:load/metrics@0.1.0 [constructor]counter
func importCounterNew(name string) int32

//go:wasmimport vuelo:load/metrics@0.1.0 [resource-drop]counter
func importCounterDrop(handle int32)

//go:wasmimport vuelo:load/metrics@0.1.0 [method]counter.add
func importCounterAdd(counter int32, value float64, tags unsafe.Pointer, count uint32)

//go:wasmimport vuelo:load/metrics@0.1.0 [constructor]gauge
func importGaugeNew(name string) int32

//go:wasmimport vuelo:load/metrics@0.1.0 [resource-drop]gauge
func importGaugeDrop(handle int32)

//go:wasmimport vuelo:load/metrics@0.1.0 [method]gauge.set
func importGaugeSet(gauge int32, value float64, tags unsafe.Pointer, count uint32)

//go:wasmimport vuelo:load/metrics@0.1.0 [constructor]rate
func importRateNew(name string) int32

//go:wasmimport vuelo:load/metrics@0.1.0 [resource-drop]rate
func importRateDrop(handle int32)

//go:wasmimport vuelo:load/metrics@0.1.0 [method]rate.add
func importRateAdd(rate int32, value bool, tags unsafe.Pointer, count uint32)

//go:wasmimport vuelo:load/metrics@0.1.0 [constructor]trend
func importTrendNew(name string) int32

//go:wasmimport vuelo:load/metrics@0.1.0 [resource-drop]trend
func importTrendDrop(handle int32)

//go:wasmimport vuelo:load/metrics@0.1.0 [method]trend.add
func importTrendAdd(trend int32, value float64, tags unsafe.Pointer, count uint32)

//go:wasmimport vuelo:load/metrics@0.1.0 [method]trend.add-duration
func importTrendAddDuration(trend int32, value uint64, tags unsafe.Pointer, count uint32)

//go:wasmimport vuelo:load/http@0.1.0 [constructor]request
func importRequestNew(method, url string) int32

//go:wasmimport vuelo:load/http@0.1.0 [resource-drop]request
func importRequestDrop(handle int32)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-header
func importRequestSetHeader(request int32, name, value string)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.append-header
func importRequestAppendHeader(request int32, name, value string)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-secret-header
func importRequestSetSecretHeader(request int32, name, prefix string, secret int32)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-text
func importRequestSetText(request int32, body string)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-body
func importRequestSetBody(request int32, body unsafe.Pointer, length uint32)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-tag
func importRequestSetTag(request int32, name, value string)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-timeout
func importRequestSetTimeout(request int32, timeout uint64)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-expected-statuses
func importRequestSetExpectedStatuses(request int32, ranges unsafe.Pointer, count uint32)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-unjudged
func importRequestSetUnjudged(request int32)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-discard-body
func importRequestSetDiscardBody(request int32, discard bool)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-form
func importRequestSetForm(request int32, fields unsafe.Pointer, count uint32)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-multipart
func importRequestSetMultipart(request int32, parts unsafe.Pointer, count uint32)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-basic-auth
func importRequestSetBasicAuth(request int32, user, password string)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-secret-basic-auth
func importRequestSetSecretBasicAuth(request int32, user string, password int32)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-digest-auth
func importRequestSetDigestAuth(request int32, user, password string)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-secret-digest-auth
func importRequestSetSecretDigestAuth(request int32, user string, password int32)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-cookie
func importRequestSetCookie(request int32, name, value string)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-max-redirects
func importRequestSetMaxRedirects(request int32, redirects uint32)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-expect-continue
func importRequestSetExpectContinue(request int32)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-head-timeout
func importRequestSetHeadTimeout(request int32, timeout uint64)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.set-idle-timeout
func importRequestSetIdleTimeout(request int32, timeout uint64)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.upload
func importRequestUpload(request int32, announced uint32, length uint64, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.send
func importRequestSend(request int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]request.open
func importRequestOpen(request int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 send-all
func importSendAll(requests unsafe.Pointer, count uint32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 set-cookie
func importSetCookie(url, cookie string, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 cookies
func importCookies(url string, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 delete-cookie
func importDeleteCookie(url, name string)

//go:wasmimport vuelo:load/http@0.1.0 clear-cookies
func importClearCookies(url string)

//go:wasmimport vuelo:load/http@0.1.0 [resource-drop]upload
func importUploadDrop(handle int32)

//go:wasmimport vuelo:load/http@0.1.0 [method]upload.write
func importUploadWrite(upload int32, piece unsafe.Pointer, length uint32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]upload.finish
func importUploadFinish(upload int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]upload.open
func importUploadOpen(upload int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [resource-drop]response
func importResponseDrop(handle int32)

//go:wasmimport vuelo:load/http@0.1.0 [method]response.status
func importResponseStatus(response int32) uint32

//go:wasmimport vuelo:load/http@0.1.0 [method]response.url
func importResponseURL(response int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]response.header
func importResponseHeader(response int32, name string, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]response.headers
func importResponseHeaders(response int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]response.protocol
func importResponseProtocol(response int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]response.body
func importResponseBody(response int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]response.text
func importResponseText(response int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]response.duration
func importResponseDuration(response int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]response.timings
func importResponseTimings(response int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]response.events
func importResponseEvents(response int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]response.chunks
func importResponseChunks(response int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [resource-drop]event-stream
func importEventStreamDrop(handle int32)

//go:wasmimport vuelo:load/http@0.1.0 [method]event-stream.next
func importEventStreamNext(stream int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]event-stream.retry
func importEventStreamRetry(stream int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [resource-drop]body-stream
func importBodyStreamDrop(handle int32)

//go:wasmimport vuelo:load/http@0.1.0 [method]body-stream.next
func importBodyStreamNext(stream int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/http@0.1.0 [method]body-stream.elapsed
func importBodyStreamElapsed(stream int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/websocket@0.1.0 [constructor]handshake
func importHandshakeNew(url string) int32

//go:wasmimport vuelo:load/websocket@0.1.0 [resource-drop]handshake
func importHandshakeDrop(handle int32)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]handshake.set-header
func importHandshakeSetHeader(handshake int32, name, value string)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]handshake.append-header
func importHandshakeAppendHeader(handshake int32, name, value string)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]handshake.set-secret-header
func importHandshakeSetSecretHeader(handshake int32, name, prefix string, secret int32)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]handshake.set-basic-auth
func importHandshakeSetBasicAuth(handshake int32, user, password string)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]handshake.set-secret-basic-auth
func importHandshakeSetSecretBasicAuth(handshake int32, user string, password int32)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]handshake.offer-subprotocol
func importHandshakeOfferSubprotocol(handshake int32, name string)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]handshake.set-tag
func importHandshakeSetTag(handshake int32, name, value string)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]handshake.set-timeout
func importHandshakeSetTimeout(handshake int32, timeout uint64)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]handshake.open
func importHandshakeOpen(handshake int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/websocket@0.1.0 [resource-drop]socket
func importSocketDrop(handle int32)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]socket.subprotocol
func importSocketSubprotocol(socket int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]socket.header
func importSocketHeader(socket int32, name string, to unsafe.Pointer)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]socket.send-text
func importSocketSendText(socket int32, text string, to unsafe.Pointer)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]socket.send-binary
func importSocketSendBinary(socket int32, bytes unsafe.Pointer, length uint32, to unsafe.Pointer)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]socket.ping
func importSocketPing(socket int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]socket.next
func importSocketNext(socket int32, limited uint32, timeout uint64, to unsafe.Pointer)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]socket.answered-after
func importSocketAnsweredAfter(socket int32, to unsafe.Pointer)

//go:wasmimport vuelo:load/websocket@0.1.0 [method]socket.close
func importSocketClose(socket int32, code uint32, reason string, to unsafe.Pointer)
