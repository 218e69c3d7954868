package call

import "time"

// The two ports of the engine. What stands behind them (SIP, WebRTC) is not
// known here. Every method returns at once; what comes of it is told through
// the tell function that was given at the start. tell may be called from any
// goroutine, never blocks, and drops what comes after the last event.

// Request is one Dial.
type Request struct {
	Realm, DN, Tel string
	// URL is the SBC's, ws:// or wss://.
	URL string
	// PushToken is "" or "default" for none.
	PushToken string
	// Test: the call only tries the line; it is no conversation.
	Test bool
	// CallID names the call at the SBC (RFC 3261 section 8.1.1.4). Dial makes
	// one, whatever stands here.
	CallID string
}

// Signaling opens legs at an SBC.
type Signaling interface {
	// Open begins to connect to the request's URL (so that it overlaps with
	// the making of the offer). The request has been validated.
	Open(req Request, tell func(SignalEvent)) Leg
}

// Leg is the signalling of one call. Its last event is exactly one LegEnded,
// whatever happens; a leg owns goroutines until then.
type Leg interface {
	// Invite sends the INVITE with this offer as soon as the server is
	// connected. It is called at most once.
	Invite(offer string)
	// Respond answers a PeerOffer: code 200 with the answer, or a refusal
	// (488, 491, 500) without.
	Respond(ref int, code int, answer string)
	// Reinvite sends a re-INVITE with a new offer; the outcome is a
	// PeerAnswer or a PeerRefused. It waits for its turn while an exchange of
	// the far end is under way, and is tried again after a glare (RFC 3261
	// section 14.1). A second one before the outcome takes the place of the
	// first as long as that waits, and has the one outcome for both.
	Reinvite(offer string)
	// SendInfo sends one DTMF digit by SIP INFO (application/dtmf-relay).
	SendInfo(digit rune)
	// Hangup ends the leg from this side, in whatever state it is: nothing,
	// CANCEL, or BYE. LegEnded follows within a bounded time (3 s). A second
	// call does nothing.
	Hangup(reason Reason)
}

// SignalEvent is what a leg tells. The set is closed.
type SignalEvent interface{ signalEvent() }

type (
	// Provisional is a 1xx. SDP is empty where it carried none.
	Provisional struct {
		Code   int
		Phrase string
		SDP    string
	}
	// Accepted: a 2xx came and its ACK has been sent. SDP is empty where it
	// carried none (the 183's counts then).
	Accepted struct{ SDP string }
	// PeerOffer: the far end offers a change (re-INVITE or UPDATE) and waits
	// for Respond with the same Ref. An empty SDP asks for our offer; the
	// answer then comes as PeerAnswer.
	PeerOffer struct {
		Ref int
		SDP string
	}
	// PeerAnswer is the answer to an offer of ours that was not the INVITE's:
	// to that of a Reinvite, or, where Ref is not 0, to the one that was given
	// in answer to the empty PeerOffer of that number.
	PeerAnswer struct {
		Ref int
		SDP string
	}
	// PeerRefused: a re-INVITE of ours was refused; the call goes on as it was.
	PeerRefused struct{ Code int }
	// LegEnded: the leg is over and holds nothing any more. For a leg that we
	// hung up, Reason is the one given to Hangup, unless the far end's own
	// came first.
	LegEnded struct{ Reason Reason }
)

func (Provisional) signalEvent() {}
func (Accepted) signalEvent()    {}
func (PeerOffer) signalEvent()   {}
func (PeerAnswer) signalEvent()  {}
func (PeerRefused) signalEvent() {}
func (LegEnded) signalEvent()    {}

// Media opens the sound of calls.
type Media interface {
	// Open makes a session for this request and begins to gather; OfferReady
	// follows, or MediaFailed. The session opens its microphone and speaker by
	// itself. What it may offer can depend on who is called: the request has
	// been validated, and a page may have named the server.
	Open(req Request, tell func(MediaEvent)) Session
}

// Session is the sound of one call, from offer to silence.
type Session interface {
	// Answer applies the SDP of a provisional (early), of the 2xx, or the
	// answer to an OfferNeeded. The same SDP given again changes nothing; an
	// empty one with the 2xx means that the provisional's counts.
	Answer(sdp string, early bool)
	// Acknowledged applies the far end's answer to the offer that an empty
	// Reoffer was given.
	Acknowledged(sdp string)
	// Refused says that the offer of an OfferNeeded was refused.
	Refused()
	// Reoffer applies an offer of the far end; PeerOfferApplied follows. An
	// empty SDP asks for a new offer of ours, with all that we can.
	Reoffer(ref int, sdp string)
	// Mute hands silence to the encoder, or the microphone again. The
	// confirmation is MuteConfirmed.
	Mute(on bool)
	// Deafen hands silence to the speaker in place of the far end, or the far
	// end again. The confirmation is DeafConfirmed. Tones go on.
	Deafen(on bool)
	// Hold puts the far end on hold or takes it off. Both directions fall
	// silent at once for a hold, and come back only with the far end's consent.
	// An OfferNeeded follows where one is needed, and then one HoldConfirmed or
	// HoldRefused.
	Hold(on bool)
	// Play ends the call's conversation: the microphone is shut for good, which
	// MuteConfirmed tells, and the far end hears the notice. NoticeBegan and
	// NoticeEnded follow, the latter at most a minute later and after what was
	// played has had time to arrive; or NoticeFailed alone, and nothing has
	// changed.
	Play()
	// SendDTMF queues digits (0-9 * # A-D); a DTMFSent follows for each. What
	// is still queued when a hold begins is forgotten.
	SendDTMF(digits string)
	// Tone plays a call-progress tone to the user, ToneNone stops it. Tones
	// give way by themselves to early media.
	Tone(t Tone)
	// Stats are the figures of this moment; false before anything has flowed.
	// It waits for nobody.
	Stats() (Stats, bool)
	// Close tells the last StatsMeasured, if anything flowed, stops microphone,
	// network and tone at once, plays the last tone to its end (bounded, under
	// 3 s; cut by the next Open), and releases everything. A second call does
	// nothing.
	Close(last Tone)
}

// Tone is a local call-progress tone.
type Tone int

const (
	ToneNone     Tone = 0
	ToneRingback Tone = 1 // the far end rings; repeats until stopped
	ToneBusy     Tone = 2 // busy, a few periods at the end of a call
	ToneEnd      Tone = 3 // a short sign that the call is over
	ToneError    Tone = 4 // congestion: the call could not be made
)

// MediaEvent is what a session tells. The set is closed.
type MediaEvent interface{ mediaEvent() }

type (
	// OfferReady is the offer for the INVITE, candidates included.
	OfferReady struct{ SDP string }
	// OfferNeeded asks for a re-INVITE with this offer: for a hold, or because
	// the session had to make a new transport. The outcome comes back through
	// Answer or Refused, before which no other is asked for; but Again says
	// that this one takes the place of the one under way, which an exchange of
	// the far end has made old.
	OfferNeeded struct {
		SDP   string
		Again bool
	}
	// PeerOfferApplied is the outcome of Reoffer: Code 200 with the answer,
	// or a refusal to be sent. Held: the far end has put us on hold.
	PeerOfferApplied struct {
		Ref  int
		Code int
		SDP  string
		Held bool
	}
	// HoldAnswered: an answer of the far end has put us on hold (it does not
	// want to hear us), or taken us off it.
	HoldAnswered struct{ Held bool }
	// EarlyHeard: the first sound of the network before the answer.
	EarlyHeard struct{}
	// MediaStarted: the first packet has been decoded. Codec is "opus",
	// "pcma" or "pcmu".
	MediaStarted struct{ Codec string }
	// MuteConfirmed: what the capture path hands to the encoder from now on.
	MuteConfirmed struct{ On bool }
	// DeafConfirmed: what is handed to the speaker from now on.
	DeafConfirmed struct{ On bool }
	// HoldConfirmed: the far end has accepted that it is held by us, or is not
	// any more.
	HoldConfirmed struct{ On bool }
	// HoldRefused: it has not; the call goes on as it was.
	HoldRefused struct{}
	// NoticeBegan: the far end is being played the notice.
	NoticeBegan struct{}
	// NoticeEnded: it has heard it.
	NoticeEnded struct{}
	// NoticeFailed: there is no notice (CodeNoNotice, CodeBadNotice), or nobody
	// to hear it (CodeMedia).
	NoticeFailed struct{ Code Code }
	// DTMFSent: one digit has gone out whole.
	DTMFSent struct{ Digit rune }
	// DTMFByInfo: RFC 4733 was not negotiated; send this digit by INFO. The
	// engine does, and the session counts it as sent.
	DTMFByInfo struct{ Digit rune }
	// StatsMeasured comes about once a second. The levels are those since
	// Since; it is zero where that is not known.
	StatsMeasured struct {
		Stats Stats
		Since time.Time
	}
	// MediaFailed ends the call: no offer, no connection, no device.
	MediaFailed struct{ Reason Reason }
)

func (OfferReady) mediaEvent()       {}
func (OfferNeeded) mediaEvent()      {}
func (PeerOfferApplied) mediaEvent() {}
func (HoldAnswered) mediaEvent()     {}
func (EarlyHeard) mediaEvent()       {}
func (MediaStarted) mediaEvent()     {}
func (MuteConfirmed) mediaEvent()    {}
func (DeafConfirmed) mediaEvent()    {}
func (HoldConfirmed) mediaEvent()    {}
func (HoldRefused) mediaEvent()      {}
func (NoticeBegan) mediaEvent()      {}
func (NoticeEnded) mediaEvent()      {}
func (NoticeFailed) mediaEvent()     {}
func (DTMFSent) mediaEvent()         {}
func (DTMFByInfo) mediaEvent()       {}
func (StatsMeasured) mediaEvent()    {}
func (MediaFailed) mediaEvent()      {}
