package webapi

import (
	"encoding/json"

	"nxphone/call"
)

// party is somebody who can control a call: a tab of an origin, or a program.
type party struct{ origin, tab string }

// event is one cause of the engine, encoded once for each of the three who may
// see it. Whoever has no right to a call learns only that the phone is busy.
type event struct {
	n  uint64
	by party // controlled the call at that moment; zero for the window
	// held is for the controller, own for other pages of its origin, other
	// for everybody else. held and own are nil for a call of the window.
	held, own, other []byte
}

// newEvent encodes a cause. old is its heritage text, "" where it has none.
func newEvent(n uint64, by party, snap call.Snapshot, cause call.Cause, old string) event {
	ev := event{n: n, by: by}
	busy := snap.State != call.Idle
	ev.other = encode(struct {
		N    uint64 `json:"n"`
		Busy bool   `json:"busy"`
	}{n, busy})
	if by == (party{}) {
		return ev
	}
	body := struct {
		N     uint64          `json:"n"`
		State string          `json:"state"`
		Old   string          `json:"old,omitempty"`
		New   json.RawMessage `json:"new,omitempty"`
	}{N: n, State: stateName(snap.State)}
	if text, ok := call.EventJSON(snap, cause); ok {
		body.New = json.RawMessage(text)
	}
	ev.own = encode(body)
	ev.held = ev.own
	if old != "" {
		body.Old = old
		ev.held = encode(body)
	}
	return ev
}

// text is the event as this party may see it.
func (ev event) text(origin string, holds bool) []byte {
	switch {
	case ev.by.origin == "" || ev.by.origin != origin:
		return ev.other
	case holds:
		return ev.held
	}
	return ev.own
}

// stateName is a state in the protocol.
func stateName(s call.State) string {
	switch s {
	case call.Idle:
		return "idle"
	case call.Connecting:
		return "connecting"
	case call.Trying:
		return "trying"
	case call.Ringing:
		return "ringing"
	case call.InCall:
		return "in-call"
	case call.Clearing:
		return "clearing"
	}
	return "unknown"
}

// pageState is STATE of the protocol: what one page may know now.
type pageState struct {
	Busy    bool      `json:"busy"`
	Control bool      `json:"control"`
	Free    bool      `json:"free"`
	Call    *pageCall `json:"call"`
}

// pageCall is a call as pages of its origin see it. The number is not in it.
type pageCall struct {
	ID          int    `json:"id"`
	State       string `json:"state"`
	DN          string `json:"dn"`
	Mute        bool   `json:"mute"`
	MutePending bool   `json:"mutePending"`
	Video       bool   `json:"video"`
	Hold        bool   `json:"hold"`
	EarlyMedia  bool   `json:"earlyMedia"`
	MediaUp     bool   `json:"mediaUp"`
	Codec       string `json:"codec"`
	Since       int64  `json:"since"`
	Old         string `json:"old,omitempty"`
}

func newPageCall(s call.Snapshot) *pageCall {
	c := s.Call
	p := &pageCall{
		ID: c.ID, State: stateName(s.State), DN: c.DN,
		Mute: c.Mute.On, MutePending: c.Mute.Pending, Video: c.VideoMuted, Hold: c.RemoteHold,
		EarlyMedia: c.EarlyMedia, MediaUp: c.MediaUp, Codec: c.Codec,
	}
	if !c.Answered.IsZero() {
		p.Since = c.Answered.UnixMilli()
	}
	return p
}

// quality is the measurements of a call, durations in milliseconds.
func quality(s call.Stats) []byte {
	type data struct {
		Sent     uint64  `json:"packetsSent"`
		Received uint64  `json:"packetsReceived"`
		Lost     uint64  `json:"packetsLost"`
		Conceal  uint64  `json:"samplesConcealed"`
		Played   uint64  `json:"samplesPlayed"`
		Jitter   float64 `json:"jitterMs"`
		RTT      float64 `json:"rttMs"`
		Buffered float64 `json:"bufferedMs"`
		LevelIn  float64 `json:"levelIn"`
		LevelOut float64 `json:"levelOut"`
	}
	ms := func(d interface{ Seconds() float64 }) float64 { return d.Seconds() * 1000 }
	return encode(struct {
		Type string `json:"type"`
		Data data   `json:"data"`
	}{"quality", data{
		s.PacketsSent, s.PacketsReceived, s.PacketsLost, s.Concealed, s.Played,
		ms(s.Jitter), ms(s.RTT), ms(s.Buffered), s.LevelIn, s.LevelOut,
	}})
}
