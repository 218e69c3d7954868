package uitest

import (
	"slices"
	"time"

	"nxphone/call"
)

// number is dialled in every state; it is one that nobody has.
const number = "01000001234"

// States names every state that State makes, in the order of a call's life.
func States() []string {
	return []string{
		"idle", "connecting", "slow", "trying", "ringing", "early", "waiting", "incall", "muted", "muting", "unmuting",
		"held", "hold", "bothhold", "deaf", "leak", "farewell", "nosound", "digits", "clearing", "ended", "remote", "busy", "notfound", "unreachable", "certificate",
		"servererror",
	}
}

// State makes the snapshot of a state as it is at now; false for a name that
// States does not have.
func State(name string, now time.Time) (call.Snapshot, bool) {
	if !slices.Contains(States(), name) {
		return call.Snapshot{}, false
	}
	if s, ok := before(name, now); ok {
		return s, true
	}
	if s, ok := after(name, now); ok {
		return s, true
	}
	return during(name, now), true
}

func before(name string, now time.Time) (call.Snapshot, bool) {
	c := call.Call{ID: 1, Realm: "example.net", DN: "1000", Tel: number, Dialed: now.Add(-time.Second)}
	s := call.Snapshot{Revision: 1, State: call.Connecting, Call: c}
	switch name {
	case "idle":
		return call.Snapshot{}, true
	case "connecting":
	case "slow":
		s.Call.Dialed = now.Add(-8 * time.Second)
	case "trying":
		s.State = call.Trying
	case "ringing":
		s.State = call.Ringing
	case "early":
		s.State = call.Ringing
		s.Call.EarlyMedia = true
	default:
		return s, false
	}
	return s, true
}

func during(name string, now time.Time) call.Snapshot {
	c := call.Call{
		ID: 1, Realm: "example.net", DN: "1000", Tel: number,
		Dialed: now.Add(-214 * time.Second), Answered: now.Add(-204 * time.Second),
		MediaUp: true, Codec: "opus",
		Stats: call.Stats{
			PacketsReceived: 10190, PacketsLost: 10, RTT: 23 * time.Millisecond, Jitter: 4 * time.Millisecond,
			LevelIn: -32, LevelOut: -28, LevelMic: -32, MOS: 4.3, MOSNow: 4.3,
			Treatment: call.Treatment{Echo: true, EchoLoss: 32, Noise: true, NoiseLoss: 14, Gain: true, GainDB: 6, Limit: true},
		},
	}
	s := call.Snapshot{Revision: 1, State: call.InCall, Call: c}
	switch name {
	case "waiting":
		s.Call.MediaUp, s.Call.Answered = false, now.Add(-time.Second)
	case "muted":
		s.Call.Mute.On = true
	case "muting":
		s.Call.Mute.Pending = true
	case "unmuting":
		s.Call.Mute = call.Switch{On: true, Pending: true}
	case "held":
		s.Call.RemoteHold = true
	case "hold":
		s.Call.Hold.On = true
	case "bothhold":
		s.Call.Hold.On, s.Call.RemoteHold = true, true
	case "deaf":
		s.Call.Deaf.On = true
	case "leak":
		s.Call.Mute.On, s.Call.MuteLeak = true, true
	case "farewell":
		s.Call.Farewell = now.Add(-2 * time.Second)
	case "nosound":
		s.Call.MediaUp = false
	case "digits":
		s.Call.Sent = "1029384756#"
	case "clearing":
		s.State = call.Clearing
	}
	return s
}

func after(name string, now time.Time) (call.Snapshot, bool) {
	reasons := map[string]call.Reason{
		"ended":       {Code: call.CodeHangup, Local: true},
		"remote":      {Code: call.CodeRemoteHangup},
		"busy":        {Code: call.CodeLineBusy, SIP: 486, Phrase: "Busy Here"},
		"notfound":    {Code: call.CodeNotFound, SIP: 404, Phrase: "Not Found"},
		"unreachable": {Code: call.CodeUnreachable, Phrase: "connection refused"},
		"certificate": {Code: call.CodeCertificate, Phrase: "x509: certificate signed by unknown authority"},
		"servererror": {Code: call.CodeServerError, SIP: 503, Phrase: "Service Unavailable"},
	}
	r, ok := reasons[name]
	if !ok {
		return call.Snapshot{}, false
	}
	s := during("incall", now)
	s.State, s.Call.Reason, s.Call.Ended = call.Idle, r, now
	if !r.OK() {
		s.Call.Answered = time.Time{}
	}
	return s, true
}
