package peer

import "nxphone/call"

// digits sends each by the way that the far end takes.
func (s *Session) digits(digits string) {
	for _, d := range digits {
		if s.cur != nil && s.cur.choice.DTMF.Name != "" {
			s.voice.press(d)
		} else {
			s.tell(call.DTMFByInfo{Digit: d})
		}
	}
}
