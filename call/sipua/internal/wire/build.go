package wire

import (
	"crypto/rand"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// Header is one header field to be written.
type Header struct{ Name, Value string }

// NewRequest begins a request. The URI is written exactly as it is given: a
// Contact of the far end is a token for it, not for us to tidy up.
func NewRequest(method, uri string, fields ...Header) *sip.Request {
	scheme, rest, ok := strings.Cut(uri, ":")
	if !ok {
		scheme, rest = "sip", uri
	}
	// sipgo writes scheme, colon and host; everything after the colon goes
	// into the host, so that nothing is parsed and written anew.
	req := sip.NewRequest(sip.RequestMethod(method), sip.Uri{Scheme: scheme, Host: rest})
	Add(req, fields...)
	return req
}

// URI is the request-URI as NewRequest was given it or as it was parsed.
func URI(req *sip.Request) string { return req.Recipient.String() }

// Add appends header fields.
func Add(msg sip.Message, fields ...Header) {
	for _, f := range fields {
		msg.AppendHeader(sip.NewHeader(f.Name, f.Value))
	}
}

// SetBody sets body and Content-Length; contentType is written when there is
// a body.
func SetBody(msg sip.Message, contentType, body string) {
	if body != "" {
		Add(msg, Header{"Content-Type", contentType})
		msg.SetBody([]byte(body))
	}
	// SetBody writes a Content-Length only together with a body; one that is
	// always there is what older servers expect.
	if msg.ContentLength() == nil {
		Add(msg, Header{"Content-Length", strconv.Itoa(len(body))})
	}
}

// NewResponse begins a response to a request: Via, From, To, Call-ID and CSeq
// as they came (RFC 3261 section 8.2.6.2). toTag is added where the request
// had none. Record-Route is echoed in answers that make or refresh a dialog.
func NewResponse(req *Message, code int, phrase, toTag string) *sip.Response {
	res := sip.NewResponse(code, phrase)
	for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		for _, v := range req.Values(name) {
			if name == "To" && req.ToTag == "" && toTag != "" && code != 100 {
				v += ";tag=" + toTag
			}
			Add(res, Header{name, v})
		}
	}
	if req.Method == "INVITE" && code > 100 && code < 300 {
		for _, v := range req.Values("Record-Route") {
			Add(res, Header{"Record-Route", v})
		}
	}
	return res
}

// Bytes is the message as it goes on the wire.
func Bytes(msg sip.Message) []byte { return []byte(msg.String()) }

// Cookie begins every branch of RFC 3261 (section 8.1.1.7).
const Cookie = "z9hG4bK"

// Token is n characters that nobody can guess and that are unique for all
// practical purposes: tags, branches, Call-IDs, host names.
func Token(n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567" // 5 bits each
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails, by its contract
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b)
}
