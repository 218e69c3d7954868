package peer

import (
	"strings"

	"nxphone/call"
)

// digits sends each by the way that the far end takes. A to D are keys in
// either case, and have one name on the wire.
func (s *Session) digits(digits string) {
	for _, d := range strings.ToUpper(digits) {
		if s.cur != nil && s.cur.choice.DTMF.Name != "" {
			s.voice.press(d)
		} else {
			s.tell(call.DTMFByInfo{Digit: d})
		}
	}
}
