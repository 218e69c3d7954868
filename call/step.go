package call

import (
	"slices"
	"time"
)

// machine is everything that step knows: the public snapshot, and what it must
// remember between inputs. It is owned by the engine's goroutine.
type machine struct {
	snap Snapshot
	cfg  timing

	req      Request
	offered  bool // the INVITE has been handed to the leg
	hasSDP   bool // an answer, early or final, has been given to the session
	decoding bool // the session has decoded a packet, maybe before the answer
	offering bool // a re-INVITE of ours is under way

	// What was last asked of the three switches, and by whom.
	mute, deaf, hold wish
	// mutedAt is since when the mute has been confirmed; zero while it is not.
	mutedAt time.Time

	leaving leaving // how far a lawful ending has come
	leavers []token // who asked for it and waits

	stopping bool // no further Dial is accepted
	ending   Reason
}

// leaving says how far a lawful ending has come.
type leaving int

const (
	staying leaving = iota
	asked           // the session is to play the notice
	playing         // it does
)

// timing holds the engine's own time limits.
type timing struct {
	ring  time.Duration // from Dial to the answer; 0 for none
	clear time.Duration // for a leg to end after Hangup
	// notice is for the whole of a lawful ending; the session keeps to a
	// minute by itself, and this guards against one that does not.
	notice time.Duration
}

// token names the caller who waits for a command's outcome; 0 is nobody.
type token int

// input is one thing that happens to the engine.
type input interface{ input() }

type (
	dial struct {
		token token
		req   Request
	}
	hangup struct{ token token }
	mute   struct {
		token token
		on    bool
	}
	muteVideo struct {
		token token
		on    bool
	}
	deafen struct {
		token token
		on    bool
	}
	hold struct {
		token token
		on    bool
	}
	farewell struct{ token token }
	sendDTMF struct {
		token  token
		digits string
	}
	// signal and media carry the call's ID: events of an older call are
	// stale and dropped.
	signal struct {
		call int
		ev   SignalEvent
	}
	media struct {
		call int
		ev   MediaEvent
	}
	ringTimeout   struct{ call int }
	clearTimeout  struct{ call int }
	noticeTimeout struct{ call int }
	stop          struct{}
)

func (dial) input()          {}
func (hangup) input()        {}
func (mute) input()          {}
func (muteVideo) input()     {}
func (deafen) input()        {}
func (hold) input()          {}
func (farewell) input()      {}
func (sendDTMF) input()      {}
func (signal) input()        {}
func (media) input()         {}
func (ringTimeout) input()   {}
func (clearTimeout) input()  {}
func (noticeTimeout) input() {}
func (stop) input()          {}

// effect is one thing that the engine must do after a step, in order.
type effect interface{ effect() }

type (
	openMedia struct {
		call int
		req  Request
	}
	openLeg struct {
		call int
		req  Request
	}
	sendInvite   struct{ offer string }
	sendReinvite struct{ offer string }
	sendInfo     struct{ digit rune }
	respond      struct {
		ref, code int
		sdp       string
	}
	hangLeg    struct{ reason Reason }
	giveAnswer struct {
		sdp   string
		early bool
	}
	giveAck struct{ sdp string }
	reoffer struct {
		ref int
		sdp string
	}
	setMute    struct{ on bool }
	setDeaf    struct{ on bool }
	setHold    struct{ on bool }
	playNotice struct{}
	playDigits struct{ digits string }
	playTone   struct{ tone Tone }
	closeMedia struct{ last Tone }
	startRing  struct {
		call int
		d    time.Duration
	}
	startClear struct {
		call int
		d    time.Duration
	}
	startNotice struct {
		call int
		d    time.Duration
	}
	offerRefused struct{}
	stopTimers   struct{}
	publish      struct {
		snap  Snapshot
		cause Cause // nil: only measurements changed
	}
	reply struct {
		token token
		call  int
		err   error
	}
	stopped struct{}
)

func (openMedia) effect()    {}
func (openLeg) effect()      {}
func (sendInvite) effect()   {}
func (sendReinvite) effect() {}
func (sendInfo) effect()     {}
func (respond) effect()      {}
func (hangLeg) effect()      {}
func (giveAnswer) effect()   {}
func (giveAck) effect()      {}
func (reoffer) effect()      {}
func (setMute) effect()      {}
func (setDeaf) effect()      {}
func (setHold) effect()      {}
func (playNotice) effect()   {}
func (playDigits) effect()   {}
func (playTone) effect()     {}
func (closeMedia) effect()   {}
func (startRing) effect()    {}
func (startClear) effect()   {}
func (startNotice) effect()  {}
func (offerRefused) effect() {}
func (stopTimers) effect()   {}
func (publish) effect()      {}
func (reply) effect()        {}
func (stopped) effect()      {}

// step is the whole behaviour of the engine: a pure function of what is known,
// what has happened and when. It blocks on nothing and reads no clock.
func step(m machine, in input, now time.Time) (machine, []effect) {
	s := &stepper{machine: m, now: now}
	// Copies, so that the machine given in stays as it was.
	s.mute.waiters = slices.Clone(m.mute.waiters)
	s.deaf.waiters = slices.Clone(m.deaf.waiters)
	s.hold.waiters = slices.Clone(m.hold.waiters)
	s.leavers = slices.Clone(m.leavers)
	switch in := in.(type) {
	case dial:
		s.dial(in)
	case hangup:
		s.hangup(in)
	case mute:
		s.setMute(in)
	case muteVideo:
		s.muteVideo(in)
	case deafen:
		s.setDeaf(in)
	case hold:
		s.setHold(in)
	case farewell:
		s.farewell(in)
	case sendDTMF:
		s.sendDTMF(in)
	case signal:
		if s.current(in.call) {
			s.signal(in.ev)
		}
	case media:
		if s.current(in.call) {
			s.media(in.ev)
		}
	case ringTimeout:
		if s.current(in.call) && s.snap.State < InCall {
			s.end(Reason{Code: CodeNoAnswer, Local: true}, ToneEnd)
		}
	case clearTimeout:
		if s.current(in.call) && s.snap.State == Clearing {
			s.ended(s.ending)
		}
	case noticeTimeout:
		if s.current(in.call) && s.snap.State == InCall && s.leaving != staying {
			s.end(lawful(), ToneNone)
		}
	case stop:
		s.stop()
	}
	return s.machine, s.out
}

// stepper gathers the effects of one step.
type stepper struct {
	machine
	now time.Time
	out []effect
}

func (s *stepper) do(e effect) { s.out = append(s.out, e) }

// tell publishes the snapshot as it is now, with its cause.
func (s *stepper) tell(c Cause) {
	s.snap.Revision++
	s.do(publish{snap: s.snap, cause: c})
}

func (s *stepper) answer(t token, err error) {
	if t != 0 {
		s.do(reply{token: t, call: s.snap.Call.ID, err: err})
	}
}

// current reports whether an event belongs to the call that is up.
func (s *stepper) current(call int) bool {
	return s.snap.State != Idle && call == s.snap.Call.ID
}

func (s *stepper) dial(in dial) {
	switch err := in.req.Validate(); {
	case s.stopping:
		s.answer(in.token, ErrStopped)
		return
	case err != nil:
		s.answer(in.token, err)
		return
	case s.snap.State != Idle:
		s.answer(in.token, ErrBusy)
		return
	}
	id := s.snap.Call.ID + 1
	s.machine = machine{
		cfg: s.cfg, req: in.req,
		snap: Snapshot{Revision: s.snap.Revision, State: Connecting, Call: Call{
			ID: id, Realm: in.req.Realm, DN: in.req.DN, Tel: in.req.Tel, CallID: in.req.CallID, Test: in.req.Test, Dialed: s.now,
		}},
	}
	// Connecting and gathering run side by side; the INVITE waits for both.
	s.do(openLeg{call: id, req: in.req})
	s.do(openMedia{call: id, req: in.req})
	if s.cfg.ring > 0 {
		s.do(startRing{call: id, d: s.cfg.ring})
	}
	s.tell(Began{ID: id})
	s.answer(in.token, nil)
}

func (s *stepper) hangup(in hangup) {
	switch s.snap.State {
	case Idle:
		s.answer(in.token, ErrNoCall)
	case Clearing:
		s.answer(in.token, nil)
	case InCall:
		if s.leaving != staying {
			// The notice is cut short, but it is what ended the call.
			s.end(lawful(), ToneNone)
		} else {
			s.end(Reason{Code: CodeHangup, Local: true}, ToneNone)
		}
		s.answer(in.token, nil)
	default:
		s.end(Reason{Code: CodeCancelled, Local: true}, ToneNone)
		s.answer(in.token, nil)
	}
}

func (s *stepper) stop() {
	s.stopping = true
	switch s.snap.State {
	case Idle:
		s.do(stopped{})
	case Clearing: // ended will say stopped
	default:
		s.end(Reason{Code: CodeShutdown, Local: true}, ToneNone)
	}
}

// muteVideo needs no read-back: there is no picture that could still be on its
// way, and whatever sends one later begins by reading Call.VideoMuted.
func (s *stepper) muteVideo(in muteVideo) {
	call := &s.snap.Call
	if s.snap.State == Idle || s.snap.State == Clearing {
		s.answer(in.token, ErrNoCall)
		return
	}
	if call.VideoMuted != in.on {
		call.VideoMuted = in.on
		s.tell(VideoMuteChanged{ID: call.ID, On: in.on})
	}
	s.answer(in.token, nil)
}

func (s *stepper) sendDTMF(in sendDTMF) {
	switch err := ValidateDigits(in.digits); {
	case s.snap.State == Idle || s.snap.State == Clearing:
		s.answer(in.token, ErrNoCall)
	case err != nil:
		s.answer(in.token, err)
	case s.snap.State != InCall:
		s.answer(in.token, ErrNotInCall)
	case s.leaving != staying:
		s.answer(in.token, errEnding)
	case s.snap.Call.RemoteHold, s.snap.Call.Hold.On, s.snap.Call.Hold.Pending:
		// They would reach nobody, or go out of turn after the resume, when
		// the far end may ask for something else.
		s.answer(in.token, errOnHold)
	default:
		s.do(playDigits{digits: in.digits})
		s.answer(in.token, nil)
	}
}

// end takes the call down from this side. The microphone and the network stop
// at once; the leg may take a little longer to say good-bye.
func (s *stepper) end(r Reason, last Tone) {
	if s.snap.State == Clearing {
		return
	}
	s.ending = r
	s.snap.State = Clearing
	s.left(nil)
	s.do(stopTimers{})
	s.do(closeMedia{last: last})
	s.do(hangLeg{reason: r})
	s.do(startClear{call: s.snap.Call.ID, d: s.cfg.clear})
	s.tell(HangingUp{ID: s.snap.Call.ID})
}

// ended is the one way back to Idle.
func (s *stepper) ended(r Reason) {
	if s.snap.State != Clearing {
		s.do(closeMedia{last: lastTone(r)})
	}
	for _, w := range []*wish{&s.mute, &s.deaf, &s.hold} {
		w.fail(s, ErrNoCall)
	}
	s.left(ErrNoCall)
	s.do(stopTimers{})
	s.snap.State = Idle
	c := &s.snap.Call
	c.Ended, c.Reason = s.now, r
	c.Mute, c.Deaf, c.Hold = Switch{}, Switch{}, Switch{}
	c.RemoteHold, c.VideoMuted, c.Stats.Buffered = false, false, 0
	s.tell(Ended{ID: c.ID, Reason: r})
	if s.stopping {
		s.do(stopped{})
	}
}

// lastTone is what the user hears when a call ends by itself.
func lastTone(r Reason) Tone {
	switch {
	case r.Local:
		return ToneNone
	case r.Code == CodeRemoteHangup:
		return ToneEnd
	case r.Code == CodeLineBusy:
		return ToneBusy
	}
	return ToneError
}
