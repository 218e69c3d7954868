package call

// This file is the half of step that follows the leg and the session. Events
// that come too late for the state they meet change nothing: the leg owns the
// races on the wire (a 200 that crosses a CANCEL, a BYE that crosses ours).

func (s *stepper) signal(ev SignalEvent) {
	if e, ok := ev.(LegEnded); ok {
		s.ended(e.Reason)
		return
	}
	if s.snap.State == Clearing {
		return
	}
	switch ev := ev.(type) {
	case Provisional:
		s.provisional(ev)
	case Accepted:
		s.accepted(ev)
	case PeerOffer:
		if !s.hasSDP {
			// No offer of ours has been answered yet, so none can be
			// replaced (RFC 6337 section 3.4).
			s.do(respond{ref: ev.Ref, code: 500})
			return
		}
		s.do(reoffer{ref: ev.Ref, sdp: ev.SDP})
	case PeerAnswer:
		switch {
		case s.snap.State != InCall:
		case ev.Ref != 0:
			s.do(giveAck{sdp: ev.SDP})
		default:
			s.offering = false
			s.do(giveAnswer{sdp: ev.SDP})
		}
	case PeerRefused:
		// The call goes on as it was (RFC 3261 section 14.1).
		s.offering = false
		s.do(offerRefused{})
	}
}

func (s *stepper) provisional(ev Provisional) {
	if s.snap.State >= InCall {
		return // a straggler behind the 200
	}
	id := s.snap.Call.ID
	rings := ev.Code >= 180 && ev.Code <= 183
	switch {
	case rings && s.snap.State < Ringing:
		s.snap.State = Ringing
		s.tell(Rang{ID: id, Code: ev.Code})
	case !rings && s.snap.State < Trying:
		s.snap.State = Trying
		s.tell(Tried{ID: id})
	}
	if ev.SDP != "" {
		s.hasSDP = true
		s.do(giveAnswer{sdp: ev.SDP, early: true})
	}
	// RFC 3960 section 3.2: a 180 asks for local ringback, until sound of the
	// network takes its place. A 183 that brings no SDP brings no sound
	// either, and silence would frighten.
	if (ev.Code == 180 || rings && ev.SDP == "") && !s.snap.Call.EarlyMedia {
		s.do(playTone{tone: ToneRingback})
	}
}

func (s *stepper) accepted(ev Accepted) {
	if s.snap.State >= InCall {
		return
	}
	if ev.SDP == "" && !s.hasSDP {
		s.end(Reason{Code: CodeNotAcceptable, Phrase: "the answer carries no SDP", Local: true}, ToneError)
		return
	}
	c := &s.snap.Call
	s.snap.State = InCall
	c.Answered = s.now
	s.do(stopTimers{})
	s.do(playTone{tone: ToneNone})
	s.hasSDP = true
	s.do(giveAnswer{sdp: ev.SDP})
	s.tell(Answered{ID: c.ID})
	s.mediaUp()
}

// mediaUp tells once that sound flows: packets that were decoded before the
// answer count from the answer on.
func (s *stepper) mediaUp() {
	c := &s.snap.Call
	if s.decoding && s.snap.State == InCall && !c.MediaUp {
		c.MediaUp = true
		s.tell(MediaUp{ID: c.ID, Codec: c.Codec})
	}
}

func (s *stepper) media(ev MediaEvent) {
	c := &s.snap.Call
	if s.snap.State == Clearing {
		if ev, ok := ev.(StatsMeasured); ok { // the session's last word
			c.Stats = ev.Stats
		}
		return
	}
	switch ev := ev.(type) {
	case OfferReady:
		if !s.offered {
			s.offered = true
			s.do(sendInvite{offer: ev.SDP})
		}
	case OfferNeeded:
		// A re-INVITE needs a confirmed dialog; and one that is to replace
		// another comes too late when that has had its outcome.
		if s.snap.State == InCall && (s.offering || !ev.Again) {
			s.offering = true
			s.do(sendReinvite{offer: ev.SDP})
		}
	case PeerOfferApplied:
		s.do(respond{ref: ev.Ref, code: ev.Code, sdp: ev.SDP})
		if ev.Code == 200 {
			s.held(ev.Held)
		}
	case HoldAnswered:
		s.held(ev.Held)
	case EarlyHeard:
		if s.snap.State < InCall && !c.EarlyMedia {
			c.EarlyMedia = true
			s.do(playTone{tone: ToneNone})
			s.tell(EarlyMediaHeard{ID: c.ID})
		}
	case MediaStarted:
		s.decoding, c.Codec = true, ev.Codec
		s.mediaUp()
	case MuteConfirmed:
		s.muteConfirmed(ev.On)
	case DeafConfirmed:
		s.deafConfirmed(ev.On)
	case HoldConfirmed:
		s.holdConfirmed(ev.On)
	case HoldRefused:
		s.holdRefused()
	case NoticeBegan:
		s.noticeBegan()
	case NoticeEnded:
		if s.leaving == playing {
			s.end(lawful(), ToneNone)
		}
	case NoticeFailed:
		s.noticeFailed(ev.Code)
	case DTMFSent:
		s.digitSent(ev.Digit)
	case DTMFByInfo:
		s.do(sendInfo{digit: ev.Digit})
		s.digitSent(ev.Digit)
	case StatsMeasured:
		s.measured(ev)
	case MediaFailed:
		r := ev.Reason
		r.Local = true
		s.end(r, ToneError)
	}
}

// held notes the far end's side of a hold. Before the answer there is nobody
// who could hold: an announcement that does not listen is no hold.
func (s *stepper) held(on bool) {
	c := &s.snap.Call
	if s.snap.State == InCall && on != c.RemoteHold {
		c.RemoteHold = on
		s.tell(RemoteHoldChanged{ID: c.ID, On: on})
	}
}

func (s *stepper) digitSent(d rune) {
	c := &s.snap.Call
	c.Sent += string(d)
	s.tell(DigitSent{ID: c.ID, Digit: d})
}
