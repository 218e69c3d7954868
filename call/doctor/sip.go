package doctor

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// sipTime is how long an answer to OPTIONS is waited for: eight round trips to
// the far side of the world.
const sipTime = 4 * time.Second

// maxSIP bounds an answer.
const maxSIP = 64 << 10

// options asks the server whether it speaks SIP (RFC 3261 section 11). Any final
// response is an answer: many SBCs refuse OPTIONS of strangers, and a refusal
// shows that they are there. date is the server's time where it says so.
func (o Options) options(ctx context.Context, conn *websocket.Conn) (f Finding, date time.Time) {
	ctx, cancel := context.WithTimeout(ctx, o.times.sip)
	defer cancel()
	conn.SetReadLimit(maxSIP)
	ask := o.ask()
	o.trace("send", ask.text)
	if err := conn.Write(ctx, websocket.MessageText, ask.text); err != nil {
		return Find(SIPClosed).With(brief(err)), date
	}
	garbage := false
	for {
		_, data, err := conn.Read(ctx)
		switch {
		case err != nil && (ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded)) && garbage:
			return Find(SIPGarbage), date
		case err != nil && (ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded)):
			return Find(SIPSilent), date
		case err != nil:
			return Find(SIPClosed).With(closeWords(err)), date
		}
		o.trace("receive", data)
		r, ok := parseAnswer(data)
		if !ok {
			// A ping of the server's (RFC 5626 section 4.4.1) or a request of its own is no garbage.
			garbage = garbage || len(bytes.TrimSpace(data)) > 0 && !bytes.Contains(data, []byte(" SIP/2.0\r\n"))
			continue
		}
		if r.callID != ask.callID || r.status < 200 {
			continue
		}
		return r.finding(), r.date
	}
}

func (o Options) trace(dir string, msg []byte) {
	if o.Trace != nil {
		o.Trace(dir, msg, o.Now())
	}
}

// question is an OPTIONS and what its answer is known by.
type question struct {
	text   []byte
	callID string
}

// ask writes an OPTIONS to the server itself, without a number in it.
func (o Options) ask() question {
	host, via := rand.Text()+".invalid", "WSS"
	if strings.HasPrefix(strings.ToLower(o.Settings.URL), "ws:") {
		via = "WS"
	}
	realm := o.Settings.Realm
	if realm == "" {
		realm = "invalid"
	}
	callID := rand.Text()
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\r\n") }
	line("OPTIONS sip:", realm, " SIP/2.0")
	line("Via: SIP/2.0/", via, " ", host, ";branch=z9hG4bK", rand.Text(), ";rport")
	line("Max-Forwards: 70")
	line("From: <sip:nxphone-doctor@", realm, ">;tag=", rand.Text())
	line("To: <sip:", realm, ">")
	line("Call-ID: ", callID)
	line("CSeq: 1 OPTIONS")
	line("Contact: <sip:nxphone-doctor@", host, ";transport=ws>")
	line("Accept: application/sdp")
	line("User-Agent: ", strings.Map(printable, o.UserAgent))
	for _, h := range o.Settings.SIPHeaders {
		line(h.Name, ": ", h.Value)
	}
	line("Content-Length: 0")
	line()
	return question{[]byte(b.String()), callID}
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}

// answer is what matters of a response.
type answer struct {
	status         int
	phrase, callID string
	server         string
	date           time.Time
}

// parseAnswer reads a response leniently (RFC 3261 section 7.3.3: compact forms).
func parseAnswer(data []byte) (answer, bool) {
	text, ok := strings.CutPrefix(string(data), "SIP/2.0 ")
	if !ok {
		return answer{}, false
	}
	first, rest, _ := strings.Cut(text, "\n")
	code, phrase, _ := strings.Cut(strings.TrimSpace(first), " ")
	status, err := strconv.Atoi(code)
	if err != nil || status < 100 || status > 699 {
		return answer{}, false
	}
	r := answer{status: status, phrase: phrase}
	for line := range strings.Lines(rest) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			break // the body
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "call-id", "i":
			r.callID = value
		case "server":
			r.server = value
		case "date":
			r.date, _ = http.ParseTime(value)
		}
	}
	return r, true
}

func (r answer) finding() Finding {
	args := []string{"status", strconv.Itoa(r.status)}
	detail := "SIP " + strconv.Itoa(r.status) + " " + r.phrase
	if r.server != "" {
		detail += ", " + r.server
	}
	code := SIPAnswered
	switch {
	case r.status < 300:
		code = SIPOK
	case r.status >= 500 && r.status < 600 && r.status != 501 && r.status != 505:
		code = SIPServer
	}
	return Find(code, args...).With(detail)
}

// closeWords says how the server closed the WebSocket.
func closeWords(err error) string {
	var c websocket.CloseError
	if errors.As(err, &c) {
		return "WebSocket " + strconv.Itoa(int(c.Code)) + " " + c.Reason
	}
	return brief(err)
}
