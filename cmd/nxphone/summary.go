package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"nxphone/call"
)

// summary is what is known of a call when it is over, for people on standard
// error and for programs in a file (--summary). It holds no number that was called. Lengths of
// time are milliseconds; those of things that did not happen are absent.
type summary struct {
	OK       bool      `json:"ok"`
	Answered bool      `json:"answered"`
	Code     call.Code `json:"code"`
	SIP      int       `json:"sip,omitempty"`
	Phrase   string    `json:"phrase,omitempty"`
	Local    bool      `json:"local,omitempty"`

	DialToInvite       *float64 `json:"dial_to_invite_ms,omitempty"`
	DialToTrying       *float64 `json:"dial_to_trying_ms,omitempty"`
	DialToRinging      *float64 `json:"dial_to_ringing_ms,omitempty"`
	DialToAnswer       *float64 `json:"dial_to_answer_ms,omitempty"`
	AnswerToFirstFrame *float64 `json:"answer_to_first_frame_ms,omitempty"`
	Duration           *float64 `json:"duration_ms,omitempty"`

	EarlyMedia bool    `json:"early_media,omitempty"`
	Codec      string  `json:"codec,omitempty"`
	DTMFSent   string  `json:"dtmf_sent,omitempty"`
	Sent       uint64  `json:"packets_sent"`
	Received   uint64  `json:"packets_received"`
	Lost       uint64  `json:"packets_lost"`
	Concealed  float64 `json:"concealed_ms"`
	Played     float64 `json:"played_ms"`
	Jitter     float64 `json:"jitter_ms"`
	// Silence that the speaker played for want of sound, and the microphone's
	// sound that was dropped.
	Underrun float64 `json:"underrun_ms"`
	Overrun  float64 `json:"overrun_ms"`
	// How long sound waited in the jitter buffer and was meant to, on average.
	BufferDelay  float64  `json:"jitter_buffer_ms"`
	BufferTarget float64  `json:"jitter_buffer_target_ms"`
	RTT          *float64 `json:"rtt_ms,omitempty"`
	// MOS is the estimate of the E-model for the whole call, Loud what the ear was
	// protected from.
	MOS  *float64 `json:"mos,omitempty"`
	Loud loud     `json:"loud"`
}

// loud counts what the ear was protected from, by kind.
type loud struct {
	Peaks int `json:"peaks"`
	Jumps int `json:"jumps"`
	Tones int `json:"tones"`
}

// stopwatch gathers the moments of one call from the goroutines that see them.
type stopwatch struct {
	mu                                            sync.Mutex
	dial, invite, trying, ringing, answer, frame1 time.Time
}

// mark sets a moment unless it is set already.
func (w *stopwatch) mark(at *time.Time, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if at.IsZero() {
		*at = now
	}
}

func (w *stopwatch) since(from, to time.Time) *float64 {
	if from.IsZero() || to.IsZero() {
		return nil
	}
	v := ms(to.Sub(from))
	return &v
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// summarize puts the last snapshot of a call and its moments together.
func summarize(s call.Snapshot, w *stopwatch) summary {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := s.Call
	out := summary{
		OK: !c.Answered.IsZero() && c.Reason.OK(), Answered: !c.Answered.IsZero(),
		Code: c.Reason.Code, SIP: c.Reason.SIP, Phrase: c.Reason.Phrase, Local: c.Reason.Local,
		DialToInvite:  w.since(w.dial, w.invite),
		DialToTrying:  w.since(w.dial, w.trying),
		DialToRinging: w.since(w.dial, w.ringing),
		DialToAnswer:  w.since(w.dial, w.answer),
		EarlyMedia:    c.EarlyMedia, Codec: c.Codec, DTMFSent: c.Sent,
		Sent: c.Stats.PacketsSent, Received: c.Stats.PacketsReceived, Lost: c.Stats.PacketsLost,
		Concealed: float64(c.Stats.Concealed) / 48, Played: float64(c.Stats.Played) / 48, Jitter: ms(c.Stats.Jitter),
		Underrun: float64(c.Stats.Underruns) / 48, Overrun: float64(c.Stats.Overruns) / 48,
		BufferDelay: ms(c.Stats.JitterBufferDelay), BufferTarget: ms(c.Stats.JitterBufferTarget),
	}
	if c.Stats.RTT > 0 {
		rtt := ms(c.Stats.RTT)
		out.RTT = &rtt
	}
	if c.Stats.MOS > 0 {
		mos := math.Round(100*c.Stats.MOS) / 100
		out.MOS = &mos
	}
	did := c.Stats.Treatment
	out.Loud = loud{did.Peaks, did.Jumps, did.Tones}
	if out.Answered {
		out.Duration = w.since(c.Answered, c.Ended)
		// Sound that came early was there at the answer.
		if !w.frame1.IsZero() {
			first := max(0, ms(w.frame1.Sub(w.answer)))
			out.AnswerToFirstFrame = &first
		}
	}
	return out
}

// write puts the summary into a file, whole or not at all. What is no file
// (/dev/stderr, /dev/null, a pipe) is written to and stays what it is.
func (s summary) write(file string) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(file, text, 0) // it is there: no mode is needed
	}
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".summary-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}

// print writes the summary for a person, labels in the user's language, one
// line for each field.
func (s summary) print(w io.Writer, word func(key string) string) {
	s.Phrase = strings.Join(strings.Fields(s.Phrase), " ")
	line := func(key, format string, args ...any) {
		fmt.Fprintf(w, "  %s: %s\n", word(key), fmt.Sprintf(format, args...))
	}
	fmt.Fprintln(w, word("summary.title"))
	if s.SIP != 0 {
		line("summary.result", "%s (SIP %d %s)", s.Code, s.SIP, s.Phrase)
	} else if s.Phrase != "" {
		line("summary.result", "%s (%s)", s.Code, s.Phrase)
	} else {
		line("summary.result", "%s", s.Code)
	}
	for _, t := range []struct {
		key string
		at  *float64
	}{
		{"summary.invite", s.DialToInvite}, {"summary.ringing", s.DialToRinging},
		{"summary.answer", s.DialToAnswer}, {"summary.first-frame", s.AnswerToFirstFrame},
	} {
		if t.at != nil {
			line(t.key, "%.1f ms", *t.at)
		}
	}
	if s.Duration != nil {
		line("summary.duration", "%.1f s", *s.Duration/1000)
	}
	if s.Codec != "" {
		line("summary.codec", "%s", s.Codec)
		line("summary.packets", "%d / %d / %d", s.Sent, s.Received, s.Lost)
		line("summary.concealed", "%.0f ms", s.Concealed)
	}
	if s.MOS != nil {
		line("summary.mos", "%.1f", *s.MOS)
	}
	if n := s.Loud.Peaks + s.Loud.Jumps + s.Loud.Tones; n > 0 {
		line("summary.loud", "%d (%d / %d / %d)", n, s.Loud.Tones, s.Loud.Jumps, s.Loud.Peaks)
	}
}
