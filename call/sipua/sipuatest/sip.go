package sipuatest

import (
	"fmt"
	"strings"

	"nxphone/call/sipua/internal/wire"
)

// Msg is a message of the client, taken apart.
type Msg struct {
	*wire.Message
	Text string
}

// URI is the request-URI.
func (m *Msg) URI() string { return wire.URI(m.Request) }

// Expect gives the next message and fails unless it is a request of this method
// or, for a number, a response with this status.
func (c *Conn) Expect(what string) *Msg {
	c.t.Helper()
	m := c.Take(c.Next())
	got := m.Method
	if m.Response != nil {
		got = fmt.Sprint(m.Code())
	}
	if got != what {
		c.t.Fatalf("the client sent %s, want %s:\n%s", got, what, m.Text)
	}
	return m
}

// Take takes a message of the client apart.
func (c *Conn) Take(text string) *Msg {
	c.t.Helper()
	m, err := wire.Parse([]byte(text))
	if err != nil {
		c.t.Fatalf("the client sent a faulty message: %v\n%s", err, text)
	}
	return &Msg{m, text}
}

// Tag is the To-tag of this server's responses; a test with forks adds its own.
const Tag = "far1"

// Contact is where the server wants its requests: an address that a client
// must not dial, because nothing may leave the flow.
const Contact = "<sip:pbx@127.0.2.1:5060;transport=udp>"

// Reply answers a request. Extra lines ("Name: value") come before the body; a
// body begins behind an empty line. To gets Tag, unless status is 100 or an extra
// line gives a To.
func (c *Conn) Reply(m *Msg, status string, extra ...string) { c.Send(Response(m, status, extra...)) }

// Response is the text that Reply sends.
func Response(m *Msg, status string, extra ...string) string {
	var b strings.Builder
	b.WriteString("SIP/2.0 " + status + "\n")
	head, body := split(extra)
	for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		if name == "To" && hasLine(head, "To:") {
			continue
		}
		for _, v := range m.Values(name) {
			if name == "To" && m.ToTag == "" && !strings.HasPrefix(status, "100") {
				v += ";tag=" + Tag
			}
			b.WriteString(name + ": " + v + "\n")
		}
	}
	if strings.HasPrefix(status, "2") && m.Method == "INVITE" && !hasLine(head, "Contact:") {
		b.WriteString("Contact: " + Contact + "\n")
	}
	finish(&b, head, body)
	return b.String()
}

// split parts extra lines at the empty one that the body follows.
func split(extra []string) (head, body string) {
	for i, line := range extra {
		if line == "" {
			return strings.Join(extra[:i], "\n"), strings.Join(extra[i+1:], "\n")
		}
	}
	return strings.Join(extra, "\n"), ""
}

// finish writes the extra lines, the length and the body.
func finish(b *strings.Builder, head, body string) {
	if head != "" {
		b.WriteString(head + "\n")
	}
	body = CRLF(body)
	if body != "" && !hasLine(head, "Content-Type:") {
		b.WriteString("Content-Type: application/sdp\n")
	}
	fmt.Fprintf(b, "Content-Length: %d\n\n%s", len(body), body)
}

func hasLine(head, name string) bool {
	for line := range strings.SplitSeq(head, "\n") {
		if strings.HasPrefix(line, name) {
			return true
		}
	}
	return false
}

// Dialog is the server's side of a call, to send requests in.
type Dialog struct {
	c      *Conn
	invite *Msg
	Tag    string // ours, Tag unless the test sets it
	Seq    int    // of the last request
}

// Dialog is the one that the INVITE makes.
func (c *Conn) Dialog(invite *Msg) *Dialog { return &Dialog{c: c, invite: invite, Tag: Tag} }

// Request sends a request in the dialog, with the next CSeq number, and gives
// its text.
func (d *Dialog) Request(method string, extra ...string) string {
	if method != "ACK" && method != "CANCEL" {
		d.Seq++
	}
	text := d.Text(method, fmt.Sprintf("%sb%d%s", wire.Cookie, d.Seq, wire.Token(6)), extra...)
	d.c.Send(text)
	return text
}

// Text is a request with its branch, with the current CSeq number.
func (d *Dialog) Text(method, branch string, extra ...string) string {
	uri, _ := wire.Address(d.invite.Value("Contact"))
	var b strings.Builder
	head, body := split(extra)
	fmt.Fprintf(&b, "%s %s SIP/2.0\nVia: SIP/2.0/WSS sbc.test:443;branch=%s, SIP/2.0/UDP 192.0.2.1;branch=%sx\n"+
		"Max-Forwards: 69\nFrom: %s;tag=%s\nTo: %s\nCall-ID: %s\nCSeq: %d %s\n",
		method, uri, branch, branch, d.invite.Value("To"), d.Tag, d.invite.Value("From"), d.invite.CallID, d.Seq, method)
	if (method == "INVITE" || method == "UPDATE") && !hasLine(head, "Contact:") {
		b.WriteString("Contact: " + Contact + "\n")
	}
	finish(&b, head, body)
	return b.String()
}
