package interop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Trace is what the SBC has received and sent, decrypted, message by message,
// as Kamailio's sipdump module writes it.
type Trace struct{ dir string }

// Message is one SIP message that passed the SBC.
type Message struct {
	At time.Time
	// Received by the SBC; else sent by it.
	Received bool
	// Proto is "udp", "ws" or "wss"; Src and Dst are address:port.
	Proto, Src, Dst string
	// Raw is the whole message with CRLF line ends.
	Raw string
}

// WebSocket reports whether the message passed between phone and SBC.
func (m Message) WebSocket() bool { return strings.HasPrefix(m.Proto, "ws") }

// StartLine is the first line.
func (m Message) StartLine() string {
	line, _, _ := strings.Cut(m.Raw, "\r\n")
	return line
}

// Method is a request's method; "" for a response.
func (m Message) Method() string {
	if m.Status() != 0 {
		return ""
	}
	method, _, _ := strings.Cut(m.StartLine(), " ")
	return method
}

// Status is a response's code; 0 for a request.
func (m Message) Status() int {
	rest, ok := strings.CutPrefix(m.StartLine(), "SIP/2.0 ")
	if !ok {
		return 0
	}
	code, _, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(code)
	if err != nil {
		return 0
	}
	return n
}

// Header is the first value of a header field, by its long name.
func (m Message) Header(name string) string {
	head, _, _ := strings.Cut(m.Raw, "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		field, value, ok := strings.Cut(line, ":")
		if ok && strings.EqualFold(strings.TrimSpace(field), name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// CallID is the Call-ID.
func (m Message) CallID() string { return m.Header("Call-ID") }

// CSeq is the number and the method of the CSeq.
func (m Message) CSeq() (int, string) {
	n, method, _ := strings.Cut(m.Header("CSeq"), " ")
	num, err := strconv.Atoi(n)
	if err != nil {
		return 0, method
	}
	return num, strings.TrimSpace(method)
}

// Body is what follows the empty line.
func (m Message) Body() string {
	_, body, _ := strings.Cut(m.Raw, "\r\n\r\n")
	return body
}

// Direction is the SDP direction attribute of the body; "" when it has none.
func (m Message) Direction() string {
	for line := range strings.Lines(m.Body()) {
		switch d, _ := strings.CutPrefix(strings.TrimSpace(line), "a="); d {
		case "sendrecv", "sendonly", "recvonly", "inactive":
			return d
		}
	}
	return ""
}

// Messages reads the whole trace, in the order of time.
func (t *Trace) Messages() ([]Message, error) {
	files, err := filepath.Glob(filepath.Join(t.dir, "*.data"))
	if err != nil {
		return nil, err
	}
	var all []Message
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		msgs, err := parseDump(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		all = append(all, msgs...)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].At.Before(all[j].At) })
	return all, nil
}

// Call returns the messages of the call that to was dialled in by this from
// user, the newest if there were several: every message with its Call-ID.
func (t *Trace) Call(from, to string) ([]Message, error) {
	all, err := t.Messages()
	if err != nil {
		return nil, err
	}
	id := ""
	for _, m := range all {
		if m.Received && m.WebSocket() && m.Method() == "INVITE" &&
			strings.Contains(m.Header("From"), "sip:"+from+"@") && strings.Contains(m.Header("To"), "sip:"+to+"@") {
			id = m.CallID()
		}
	}
	if id == "" {
		return nil, nil
	}
	var call []Message
	for _, m := range all {
		if m.CallID() == id {
			call = append(call, m)
		}
	}
	return call, nil
}

// Wait waits until a message of the call satisfies cond and returns the call
// as far as it has come.
func (t *Trace) Wait(ctx context.Context, from, to, what string, cond func(Message) bool) ([]Message, error) {
	var call []Message
	err := WaitFor(ctx, what, func() (bool, error) {
		var err error
		call, err = t.Call(from, to)
		for _, m := range call {
			if cond(m) {
				return true, err
			}
		}
		return false, err
	})
	if err != nil {
		return call, fmt.Errorf("%w\n%s", err, Ladder(call))
	}
	return call, nil
}

// Ladder draws a call, one line a message, for error messages.
func Ladder(call []Message) string {
	if len(call) == 0 {
		return "(the SBC has seen nothing)"
	}
	var b strings.Builder
	for _, m := range call {
		arrow := "<-"
		if m.Received {
			arrow = "->"
		}
		n, method := m.CSeq()
		fmt.Fprintf(&b, "%7.3f %s %-3s %s (CSeq %d %s) %s\n",
			m.At.Sub(call[0].At).Seconds(), arrow, m.Proto, m.StartLine(), n, method, m.Direction())
	}
	return b.String()
}

// The marks of sipdump's text files.
const (
	dumpBegin = "====================\n"
	dumpBody  = "~~~~~~~~~~~~~~~~~~~~\n"
	dumpEnd   = "||||||||||||||||||||"
)

// parseDump reads a sipdump file. A message that is still being written is
// left out.
func parseDump(text string) ([]Message, error) {
	var msgs []Message
	for _, block := range strings.Split(text, dumpBegin)[1:] {
		head, rest, ok := strings.Cut(block, dumpBody)
		end := strings.LastIndex(rest, dumpEnd)
		if !ok || end < 0 {
			continue
		}
		m := Message{Raw: rest[:end]}
		ports := map[string]string{}
		for line := range strings.Lines(head) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			switch name {
			case "time":
				sec, err := strconv.ParseFloat(value, 64)
				if err != nil {
					return nil, fmt.Errorf("interop: sipdump time %q", value)
				}
				m.At = time.UnixMicro(int64(sec * 1e6))
			case "tag":
				m.Received = value == "rcv"
			case "proto":
				m.Proto, _, _ = strings.Cut(value, " ")
			default:
				ports[name] = value
			}
		}
		m.Src = ports["srcip"] + ":" + ports["srcport"]
		m.Dst = ports["dstip"] + ":" + ports["dstport"]
		msgs = append(msgs, m)
	}
	return msgs, nil
}
