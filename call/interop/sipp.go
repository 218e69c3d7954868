package interop

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
	"time"
)

//go:embed etc
var etc embed.FS

// Numbers that the lab's PBX answers, each with its own behaviour.
const (
	// NumberBaresip rings (Config.RingFor), answers, plays the PBX signal,
	// records what it hears and reports digits. One call at a time: see
	// [Baresip].
	NumberBaresip = "01012345678"
	// NumberAnswer answers at once, without a 180, and plays the PBX signal.
	NumberAnswer = "01000000200"
	// NumberEarly sends 183 with SDP and the signal, and answers after 3 s.
	NumberEarly = "01000000183"
	// NumberRing rings until it is cancelled.
	NumberRing = "01000000180"
	// NumberSilent never says anything; the SBC gives up (408) after
	// Config.NoReply.
	NumberSilent = "01000000100"
	// NumberBye rings, answers and hangs up after 3 s.
	NumberBye = "01000000003"
	// NumberHold holds (sendonly, the signal plays on as music on hold) at
	// 2 s, resumes at 4 s.
	NumberHold = "01000000011"
	// NumberHoldInactive holds with inactive and stops its signal, resumes.
	NumberHoldInactive = "01000000012"
	// NumberHoldUpdate is NumberHold by UPDATE (RFC 3311).
	NumberHoldUpdate = "01000000013"
	// NumberHoldZero holds the old way (RFC 2543): c=0.0.0.0.
	NumberHoldZero = "01000000014"
	// NumberLateOffer asks for the phone's offer by a re-INVITE without SDP,
	// 2 s after the answer.
	NumberLateOffer = "01000000015"
	// NumberRequests answers at once and sends OPTIONS, INFO, NOTIFY and a
	// method that does not exist, and hangs up when each got its answer: 200,
	// and 405 for the last.
	NumberRequests = "01000000021"
	// NumberHeld answers at once, sends every RTP packet back, and waits for
	// the phone to hold it: the first attempt meets a glare (491), the next is
	// taken; the first attempt to resume is refused (488), the next is taken.
	NumberHeld = "01000000016"
	// NumberEcho answers at once and sends every RTP packet back.
	NumberEcho = "01000000007"
)

// NumberReject is the number that is refused with this code, which must be one
// of RejectCodes.
func NumberReject(code int) string { return "01000000" + strconv.Itoa(code) }

// RejectCodes lists the codes that the PBX refuses calls with.
func RejectCodes() []int { return []int{403, 404, 480, 486, 488, 500, 503, 600, 603} }

// NumberUnknown is one that the SBC has no route for (404 by the SBC itself).
const NumberUnknown = "01099999999"

// holdAt and resumeAt are when the hold agents act, counted from the ACK.
const (
	holdAt   = 2 * time.Second
	resumeAt = 4 * time.Second
)

// agent is one kind of sipp UAS.
type agent struct {
	name    string
	pattern string // POSIX expression over the called number
	echo    bool   // let sipp send RTP back
	codes   []int  // see the template "reject"
	steps   []step
}

// step is one call of a template in etc/agent.xml.tmpl.
type step struct {
	tmpl string
	wait time.Duration
	sdp  sdpText
	req  request
}

// request fills the "request" template.
type request struct {
	method string
	cseq   int
	fields []string
	code   int // of the answer that must come
}

// sdpText fills the "sdp" template.
type sdpText struct {
	version   int
	direction string
	zero      bool // c=0.0.0.0
}

func exactly(number string) string { return "^" + number + "$" }

// agents lists every sipp agent of the lab.
func agents() []agent {
	first := sdpText{version: 1, direction: "sendrecv"}
	hold := func(name, number, method string, held sdpText, music bool) agent {
		held.version = 2
		resumed := sdpText{version: 3, direction: "sendrecv"}
		a := agent{name: name, pattern: exactly(number)}
		a.steps = []step{{tmpl: "ringing"}, {tmpl: "answer", sdp: first}, {tmpl: "play"}, {tmpl: "wait", wait: holdAt}}
		if !music {
			a.steps = append(a.steps, step{tmpl: "pause-stream"})
		}
		a.steps = append(a.steps, step{tmpl: method, sdp: held}, step{tmpl: "wait", wait: resumeAt - holdAt}, step{tmpl: method, sdp: resumed})
		if !music {
			a.steps = append(a.steps, step{tmpl: "resume-stream"})
		}
		a.steps = append(a.steps, step{tmpl: "wait-bye"})
		return a
	}
	return []agent{
		{name: "answer", pattern: exactly(NumberAnswer), steps: []step{
			{tmpl: "answer", sdp: first}, {tmpl: "play"}, {tmpl: "wait-bye"}}},
		{name: "early", pattern: exactly(NumberEarly), steps: []step{
			{tmpl: "progress", sdp: first}, {tmpl: "play"}, {tmpl: "wait", wait: 3 * time.Second},
			{tmpl: "answer", sdp: first}, {tmpl: "wait-bye"}}},
		{name: "ring", pattern: exactly(NumberRing), steps: []step{
			{tmpl: "ringing"}, {tmpl: "wait-cancel"}}},
		{name: "silent", pattern: exactly(NumberSilent), steps: []step{{tmpl: "swallow"}}},
		{name: "bye", pattern: exactly(NumberBye), steps: []step{
			{tmpl: "ringing"}, {tmpl: "answer", sdp: first}, {tmpl: "play"},
			{tmpl: "wait", wait: 3 * time.Second}, {tmpl: "send-bye"}}},
		hold("hold", NumberHold, "reinvite", sdpText{direction: "sendonly"}, true),
		hold("hold-inactive", NumberHoldInactive, "reinvite", sdpText{direction: "inactive"}, false),
		hold("hold-update", NumberHoldUpdate, "update", sdpText{direction: "sendonly"}, true),
		hold("hold-zero", NumberHoldZero, "reinvite", sdpText{direction: "sendonly", zero: true}, false),
		{name: "late-offer", pattern: exactly(NumberLateOffer), steps: []step{
			{tmpl: "answer", sdp: first}, {tmpl: "play"}, {tmpl: "wait", wait: holdAt},
			{tmpl: "late-offer", sdp: sdpText{version: 2, direction: "sendrecv"}}, {tmpl: "wait-bye"}}},
		{name: "requests", pattern: exactly(NumberRequests), steps: []step{
			{tmpl: "answer", sdp: first}, {tmpl: "play"},
			{tmpl: "request", req: request{"OPTIONS", 2, nil, 200}},
			{tmpl: "request", req: request{"INFO", 3, nil, 200}},
			{tmpl: "request", req: request{"NOTIFY", 4, []string{"Event: talk", "Subscription-State: active"}, 200}},
			{tmpl: "request", req: request{"UNHEARDOF", 5, nil, 405}},
			{tmpl: "send-bye"}}},
		{name: "echo", pattern: exactly(NumberEcho), echo: true, steps: []step{
			{tmpl: "answer", sdp: first}, {tmpl: "wait-bye"}}},
		{name: "held", pattern: exactly(NumberHeld), echo: true, steps: []step{
			{tmpl: "answer", sdp: first},
			{tmpl: "refuse-reinvite", req: request{code: 491}},
			{tmpl: "take-reinvite", sdp: sdpText{version: 2, direction: "recvonly"}},
			{tmpl: "refuse-reinvite", req: request{code: 488}},
			{tmpl: "take-reinvite", sdp: sdpText{version: 3, direction: "sendrecv"}},
			{tmpl: "wait-bye"}}},
		{name: "reject", pattern: "^01000000[4-6][0-9][0-9]$", codes: RejectCodes(), steps: []step{{tmpl: "reject"}}},
	}
}

// scenario renders the agent's sipp scenario.
func (a agent) scenario(tone string) ([]byte, error) {
	t, err := template.ParseFS(etc, "etc/agent.xml.tmpl")
	if err != nil {
		return nil, err
	}
	var steps []string
	for _, s := range a.steps {
		var b strings.Builder
		if err := t.ExecuteTemplate(&b, s.tmpl, a.data(s, tone)); err != nil {
			return nil, fmt.Errorf("interop: scenario %s: %w", a.name, err)
		}
		steps = append(steps, b.String())
	}
	var out bytes.Buffer
	err = t.ExecuteTemplate(&out, "scenario", map[string]any{"Name": a.name, "Steps": steps, "Codes": a.codes})
	return out.Bytes(), err
}

func (a agent) data(s step, tone string) map[string]any {
	address, portVar := "[media_ip]", "rtpstream_audio_port"
	if a.echo {
		portVar = "media_port" // the port that -rtp_echo listens on
	}
	if s.sdp.zero {
		address = "0.0.0.0"
	}
	version := s.sdp.version
	if s.req.cseq > 0 {
		version = s.req.cseq
	}
	return map[string]any{
		"Method":    s.req.method,
		"Fields":    s.req.fields,
		"Code":      s.req.code,
		"Tone":      tone,
		"Wait":      s.wait.Milliseconds(),
		"Version":   version,
		"Direction": s.sdp.direction,
		"Address":   address,
		"PortVar":   portVar,
		"Codes":     a.codes,
		"Codecs":    "0 8",
		"RTPMap":    []string{"0 PCMU/8000", "8 PCMA/8000"},
	}
}

// startAgent writes the scenario and runs sipp.
func (l *Lab) startAgent(a agent, port, control, rtp int) (*Process, error) {
	text, err := a.scenario(filepath.Join(l.plain, "pbx.ulaw"))
	if err != nil {
		return nil, err
	}
	file := filepath.Join(l.Dir, "sipp", a.name+".xml")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return nil, err
	}
	errFile := filepath.Join(l.Dir, "logs", "sipp-"+a.name+".err")
	args := []string{"-sf", file, "-i", "127.0.0.1", "-p", strconv.Itoa(port),
		"-mi", "127.0.0.1", "-mp", strconv.Itoa(rtp),
		"-ci", "127.0.0.1", "-cp", strconv.Itoa(control),
		"-nostdin", "-f", "3600", "-trace_err", "-error_file", errFile}
	if a.echo {
		args = append(args, "-rtp_echo")
	}
	args = append(args, loopback(l.ports.SIP))
	return l.group.Start(Spec{Name: "sipp-" + a.name, Path: l.programs["sipp"], Args: args, Dir: filepath.Join(l.Dir, "sipp")})
}
