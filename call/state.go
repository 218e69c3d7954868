package call

import "time"

// State says how far the call has come. Every accepted Dial walks forward and
// ends in Idle through exactly one [Cleared]:
//
//	Idle -> Connecting -> Trying -> Ringing -> InCall -> Clearing -> Idle
//	            |            |         |         |
//	            +------------+---------+---------+--> Cleared{Reason} -> Idle
//
// Trying and Ringing may be left out by the network. Hold, mute, early media
// and media health are facts of a [Call], not states.
type State int

// The numbers are written out because logs and support files show them.
const (
	// Idle: no call. A Dial is accepted only here.
	Idle State = 0
	// Connecting: Dial was accepted; the server is being reached, and nothing
	// has been heard from it.
	Connecting State = 1
	// Trying: the server has taken the call (100).
	Trying State = 2
	// Ringing: the far end is being alerted (180, or 181 to 183).
	Ringing State = 3
	// InCall: the call was answered (2xx received and acknowledged). Whether
	// sound really flows is told apart, by Call.MediaUp.
	InCall State = 4
	// Clearing: the user has hung up; the server's answer is awaited.
	Clearing State = 5
)

// States lists every state, in order.
func States() []State {
	return []State{Idle, Connecting, Trying, Ringing, InCall, Clearing}
}

func (s State) String() string {
	switch s {
	case Idle:
		return "Idle"
	case Connecting:
		return "Connecting"
	case Trying:
		return "Trying"
	case Ringing:
		return "Ringing"
	case InCall:
		return "InCall"
	case Clearing:
		return "Clearing"
	}
	return "State(?)"
}

// Snapshot is all that can be known about the phone at one moment. It is a
// value: it shares no memory with the engine.
type Snapshot struct {
	// Revision grows by at least one with every change.
	Revision uint64
	State    State
	// Call is the current call or, when Idle, the last one; its ID is 0 when
	// there has been none.
	Call Call
}

// Call is what is known of one call.
type Call struct {
	// ID counts the accepted Dials of this process, from 1.
	ID int
	// Realm, DN and Tel are as dialled.
	Realm, DN, Tel string
	// CallID is the call's name in SIP, by which it is found in the SBC's logs.
	// It holds nothing about anybody, and without the dialog's tags nobody can
	// touch the call with it.
	CallID string
	// Test is the request's: the call only tries the line, and nothing follows
	// from it (no entry in a list, no after-call work).
	Test bool

	// Dialed, Answered and Ended are zero until they have happened.
	Dialed, Answered, Ended time.Time

	// Mute is the user's microphone switch.
	Mute Switch
	// Deaf: the user does not want to hear; what is handed to the speaker is
	// silence.
	Deaf Switch
	// Hold: we have put the far end on hold; neither side hears the other. On
	// is what the far end has accepted.
	Hold Switch
	// VideoMuted: the user's picture must not be sent. No picture is sent yet;
	// the wish is kept for the length of the call, so that a video path finds
	// it before its first frame and can never send against it.
	VideoMuted bool
	// RemoteHold: the far end has put us on hold.
	RemoteHold bool
	// MuteLeak: sound was measured behind the mute gate although Mute.On was
	// confirmed. It stays for the rest of the call.
	MuteLeak bool
	// Farewell is when the notice of a lawful ending began to play to the far
	// end, zero where none has; the call ends by itself when it is over.
	Farewell time.Time
	// EarlyMedia: sound of the network has arrived before the answer.
	EarlyMedia bool
	// MediaUp: the first packet of the far end has been decoded.
	MediaUp bool
	// Codec is the negotiated codec ("opus", "pcma", "pcmu"), empty until
	// then.
	Codec string
	// Sent is the DTMF digits that have been sent, in order.
	Sent string
	// Stats is renewed about once a second while media flow.
	Stats Stats
	// Reason says why the call ended; zero until it has.
	Reason Reason
}

// Switch is a read-back: On is what has been confirmed by those who act on it
// (the capture path, the playout, the far end), not what was asked for.
type Switch struct {
	On bool
	// Pending: a change was asked for and is not confirmed yet.
	Pending bool
}

// Stats are measured by the media session. Durations are zero when unknown.
type Stats struct {
	// PacketsSent, PacketsReceived, PacketsLost count RTP packets since the
	// session began; Lost is what the far end sent and we never saw.
	PacketsSent, PacketsReceived, PacketsLost uint64
	// Concealed and Played count samples (48 kHz) handed to the speaker.
	Concealed, Played uint64
	// Underruns is the silence that the speaker played because nothing reached
	// the device in time, Overruns the sound of the microphone that was dropped
	// because it had waited too long, both in samples (48 kHz). A device that is
	// away is no part of them.
	Underruns, Overruns uint64
	// Jitter is the interarrival jitter of RFC 3550 section 6.4.1.
	Jitter time.Duration
	// RTT is the round trip as RTCP measured it.
	RTT time.Duration
	// Buffered is the sound that waits in the playout buffer.
	Buffered time.Duration
	// JitterBufferDelay is how long a sample has waited there, JitterBufferTarget
	// how long it was meant to, both as the mean of the session so far.
	JitterBufferDelay, JitterBufferTarget time.Duration
	// LevelIn and LevelOut are the loudness of what was handed to the encoder
	// (behind the mute gate) and of the far end over the last interval, in dBFS
	// (0 is full scale, -127 silence).
	LevelIn, LevelOut float64
	// LevelMic is the microphone's before the mute gate: somebody talks while
	// muted where it is far above LevelIn. It is that of the voice, behind what is
	// done to the sound, but above -127 as long as the device gives any sound.
	LevelMic float64
	// MOS is what listeners would say of the call so far, on average, by the
	// E-model (ITU-T G.107 for G.711, G.107.1 for Opus; each codec has a scale of
	// its own): 1 (bad) to 4.5, and 0 while it is not known. MOSNow is that of the
	// last ten seconds.
	MOS, MOSNow float64
	// Treatment is what is done to the sound between device and network.
	Treatment Treatment
}

// Treatment is what is done to the sound of a call beside carrying it. The zero
// value is nothing.
type Treatment struct {
	// Echo: the far end's voice is taken out of the microphone's sound. EchoDelay
	// is how long it takes from the speaker's queue to the microphone, zero where
	// there is none, and EchoLoss by how many dB the canceller makes it quieter.
	Echo      bool
	EchoDelay time.Duration
	EchoLoss  float64
	// Noise: what is no voice is taken out of the microphone's sound; NoiseLoss is
	// by how many dB just now.
	Noise     bool
	NoiseLoss float64
	// Gain: the microphone is brought to an even level; GainDB is by how many dB
	// just now, negative for a loud talker.
	Gain   bool
	GainDB float64
	// Limit: the ear is protected. Peaks, Jumps and Tones count from what: what
	// was louder than the ceiling, what was suddenly far louder than the voice
	// before, and lone loud tones. LimitMost is the most that was taken away, in
	// dB, 0 or more.
	Limit               bool
	Peaks, Jumps, Tones int
	LimitMost           float64
}

// Loud is how many loud sounds the ear was protected from.
func (t Treatment) Loud() int { return t.Peaks + t.Jumps + t.Tones }

// Levels are the loudness of this moment (the last 200 ms, renewed every 50), in
// dBFS as in [Stats]; -127 where there is nothing to measure.
type Levels struct{ Mic, Sent, Far float64 }
