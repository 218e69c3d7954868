package peer

import (
	"testing"
	"time"

	"nxphone/call"
)

func TestOpinion(t *testing.T) {
	clean := call.Stats{RTT: 40 * time.Millisecond, JitterBufferDelay: 40 * time.Millisecond, Played: 480000}
	worse, mended := clean, clean
	worse.Concealed = 48000
	mended.Concealed = 24000
	for name, c := range map[string]struct {
		codec       string
		st          call.Stats
		since       heardSo
		least, most float64
	}{
		"opus":                         {"opus", clean, heardSo{}, 4.3, 4.5},
		"G.711":                        {"pcma", clean, heardSo{}, 4.3, 4.5},
		"a tenth is gone":              {"opus", worse, heardSo{}, 1, 2.6},
		"all of it long ago":           {"opus", mended, heardSo{played: 240000, concealed: 24000}, 4.3, 4.5},
		"no round trip":                {"opus", call.Stats{Played: 480000}, heardSo{}, 0, 0},
		"nothing was heard":            {"opus", clean, heardSo{played: 480000}, 0, 0},
		"nobody knows what was heard":  {"", clean, heardSo{}, 0, 0},
		"the counters were read apart": {"opus", clean, heardSo{played: 1000, concealed: 9}, 4.3, 4.5},
	} {
		if got := opinion(c.codec, c.st, c.since); got < c.least || got > c.most {
			t.Errorf("%s: %.2f, want %v to %v", name, got, c.least, c.most)
		}
	}
}

func TestLately(t *testing.T) {
	var l lately
	for i := range 25 {
		want := heardSo{}
		if i >= len(l.all) {
			want.played = uint64(i - len(l.all))
		}
		if got := l.oldest(); got != want {
			t.Errorf("after %d seconds the oldest is %v, want %v", i, got, want)
		}
		l.add(heardSo{played: uint64(i)})
	}
}
