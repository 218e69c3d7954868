package wire

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// MaxMessage bounds one incoming message, in bytes. RFC 7118 names no limit;
// an SDP with many candidates is about 4 kB and a message may legally be much
// larger than a UDP datagram.
const MaxMessage = 1 << 20

// Message is one parsed message. Exactly one of Request and Response is set.
type Message struct {
	Request  *sip.Request
	Response *sip.Response

	CallID         string
	FromTag, ToTag string
	// Branch and SentBy are those of the top Via.
	Branch, SentBy string
	// CSeq is the sequence number, Method the method that the CSeq names; for
	// a request it is the request's own.
	CSeq   uint32
	Method string
}

// Parse reads one message and checks that it is sane. Its errors say what is
// wrong and never repeat the message's text, which may hold numbers.
func Parse(data []byte) (m *Message, err error) {
	// The bytes come from the network and the parser from elsewhere: a fault
	// in it may cost one message, not the program.
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, errors.New("the parser failed")
		}
	}()
	// RFC 3261 section 7.5 allows empty lines before the start line.
	data = bytes.TrimLeft(data, "\r\n")
	msg, err := newParser().ParseSIP(data)
	if err != nil {
		return nil, classify(err)
	}
	m = &Message{}
	switch msg := msg.(type) {
	case *sip.Request:
		m.Request = msg
	case *sip.Response:
		m.Response = msg
	default:
		return nil, errors.New("neither request nor response")
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	return m, nil
}

// newParser makes a parser that understands Content-Length only; every other
// field stays text. It is a few words of memory.
func newParser() *sip.Parser {
	const length = "content-length"
	p := sip.NewParser(sip.WithHeadersParsers(map[string]sip.HeaderParser{
		length: sip.DefaultHeadersParser()[length],
	}))
	p.MaxMessageLength = MaxMessage
	return p
}

// classify replaces the parser's words, which quote the faulty line.
func classify(err error) error {
	switch {
	case errors.Is(err, sip.ErrParseReadBodyIncomplete):
		return errors.New("the body is shorter than Content-Length says")
	case errors.Is(err, sip.ErrMessageTooLarge):
		return errors.New("too large")
	case errors.Is(err, sip.ErrParseEOF), errors.Is(err, sip.ErrParseLineNoCRLF):
		return errors.New("a line does not end in CRLF, or the header section does not end")
	}
	return errors.New("not a SIP message")
}

func (m *Message) check() error {
	version := ""
	if m.Request != nil {
		version = m.Request.SipVersion
	} else {
		version = m.Response.SipVersion
		if c := m.Response.StatusCode; c < 100 || c > 699 {
			return fmt.Errorf("status %d does not exist", c)
		}
	}
	if !strings.EqualFold(version, "SIP/2.0") {
		return errors.New("another version than SIP/2.0")
	}
	if err := m.readVia(); err != nil {
		return err
	}
	from, err := m.once("From")
	if err != nil {
		return err
	}
	to, err := m.once("To")
	if err != nil {
		return err
	}
	if m.CallID, err = m.once("Call-ID"); err != nil {
		return err
	}
	cseq, err := m.once("CSeq")
	if err != nil {
		return err
	}
	fromURI, fromParams := Address(from)
	toURI, toParams := Address(to)
	if fromURI == "" || toURI == "" {
		return errors.New("From or To holds no address")
	}
	m.FromTag, _ = Param(fromParams, "tag")
	m.ToTag, _ = Param(toParams, "tag")
	if err := m.readCSeq(cseq); err != nil {
		return err
	}
	lengths := m.Values("Content-Length")
	for _, l := range lengths[min(1, len(lengths)):] {
		if l != lengths[0] {
			return errors.New("two different Content-Length fields")
		}
	}
	return nil
}

func (m *Message) readVia() error {
	vias := m.Values("Via")
	if len(vias) == 0 {
		return errors.New("no Via")
	}
	top := SplitList(vias[0])[0]
	before, params, _ := strings.Cut(top, ";")
	// The protocol may have blanks around its slashes (RFC 3261 section
	// 25.1), so sent-by is what follows the last one.
	words := strings.Fields(before)
	if len(words) < 2 || strings.Count(before, "/") < 2 {
		return errors.New("a Via that cannot be read")
	}
	m.SentBy = strings.ToLower(words[len(words)-1])
	m.Branch, _ = Param(params, "branch")
	if m.Branch == "" && m.Response != nil {
		return errors.New("a response without branch")
	}
	return nil
}

func (m *Message) readCSeq(text string) error {
	words := strings.Fields(text)
	if len(words) != 2 {
		return errors.New("a CSeq that is not number and method")
	}
	n, err := strconv.ParseUint(words[0], 10, 31) // RFC 3261 section 8.1.1.5
	if err != nil {
		return errors.New("a CSeq number out of range")
	}
	m.CSeq, m.Method = uint32(n), strings.ToUpper(words[1])
	if m.Request != nil && m.Method != string(m.Request.Method) {
		return errors.New("a CSeq that names another method")
	}
	return nil
}

// once is the value of a field that must be there exactly once.
func (m *Message) once(name string) (string, error) {
	v := m.Values(name)
	if len(v) != 1 || v[0] == "" {
		return "", fmt.Errorf("%d %s fields", len(v), name)
	}
	return v[0], nil
}

func (m *Message) headers() []sip.Header {
	if m.Request != nil {
		return m.Request.Headers()
	}
	return m.Response.Headers()
}

// Values are the values of every field of this name, in order, each as it
// stood on its line. The compact form counts (RFC 3261 section 7.3.3).
func (m *Message) Values(name string) []string {
	short := compact(name)
	var out []string
	for _, h := range m.headers() {
		if strings.EqualFold(h.Name(), name) || short != "" && strings.EqualFold(h.Name(), short) {
			out = append(out, strings.TrimSpace(h.Value()))
		}
	}
	return out
}

// Value is the first of Values, or "".
func (m *Message) Value(name string) string {
	if v := m.Values(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// List is Values with every line split at its commas, for fields that are
// lists: Allow, Supported, Require, Record-Route, Contact.
func (m *Message) List(name string) []string {
	var out []string
	for _, v := range m.Values(name) {
		for _, e := range SplitList(v) {
			if e != "" {
				out = append(out, e)
			}
		}
	}
	return out
}

// Has reports whether a list field holds a token, without regard to case.
func (m *Message) Has(name, token string) bool {
	for _, e := range m.List(name) {
		if strings.EqualFold(e, token) {
			return true
		}
	}
	return false
}

// Code is the status of a response, 0 for a request.
func (m *Message) Code() int {
	if m.Response == nil {
		return 0
	}
	return m.Response.StatusCode
}

// Body is the body as text.
func (m *Message) Body() string {
	if m.Request != nil {
		return string(m.Request.Body())
	}
	return string(m.Response.Body())
}

// compact is the one-letter form of a field name, "" when it has none.
func compact(name string) string {
	switch strings.ToLower(name) {
	case "via":
		return "v"
	case "from":
		return "f"
	case "to":
		return "t"
	case "call-id":
		return "i"
	case "contact":
		return "m"
	case "content-type":
		return "c"
	case "content-length":
		return "l"
	case "supported":
		return "k"
	case "session-expires": // RFC 4028 section 4
		return "x"
	}
	return ""
}
