package peer

import (
	"time"

	"nxphone/call"
)

// playStall is how long a running device may take to pull its next frame. One
// that pulls none hands the user nothing, which is silence too.
const playStall = 250 * time.Millisecond

// deafAsked waits for the playout to grant a Deafen, for a bounded time.
func (s *Session) deafAsked() {
	if s.ear.granted.Load() != s.ear.wish.Load() {
		s.deafLate.Reset(playStall)
	}
}

// deafConfirmed tells what the playout has granted.
func (s *Session) deafConfirmed() {
	granted := s.ear.granted.Load()
	if granted == s.ear.wish.Load() {
		s.deafLate.Stop()
	}
	s.tell(call.DeafConfirmed{On: granted&1 == 1})
}
