// Package flow is one WebSocket connection to a SIP server (RFC 7118): it is
// dialled once, carries messages both ways in order, notices when it is dead,
// and never dials again. What the messages mean is not known here.
//
// # Concurrency
//
// [Flow.Send] may be called from any goroutine and never blocks: messages wait
// in a queue that the flow's writer empties. The receive function is called by
// the flow's one reader, a message at a time in the order of arrival, and must
// not block. A started flow owns three goroutines until [Flow.Wait] returns:
// reader, writer and pinger.
//
// # What was looked at
//
// sipgo's WebSocket transport and JsSIP's WebSocketInterface. The first loses
// bytes that arrive together with the 101, binary and fragmented messages, and
// closes the connection for one malformed message or for a ping with a payload;
// the second leaves liveness to the browser. Here framing is
// github.com/coder/websocket's business, the HTTP part net/http's, and a server
// that has stopped answering is noticed within half a minute, or at once when
// somebody asks ([Flow.Probe]).
package flow
