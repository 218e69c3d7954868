package peer

import (
	"testing"

	"nxphone/call"
)

func TestSoundBothWays(t *testing.T) {
	r := newRig(t, Settings{})
	far := newFarEnd(t, farOptions{freq: theirTone})
	r.s.Answer(far.answer(r.offer()), false)
	if got := await[call.MediaStarted](r, nil).Codec; got != "opus" {
		t.Errorf("codec %q, want opus", got)
	}
	r.hears(theirTone)
	far.hears(ourTone)
}
