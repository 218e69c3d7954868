package present

// Talking tells whether somebody talks into a muted microphone, from its levels
// before the gate, four or five a second. The zero value begins. It is a pure
// fold: [Talking.Next] gives the next one.
//
// Speech is a microphone well above its own quiet, and loud enough by itself,
// for most of two seconds; a cough, a chair or a key are shorter. Once told, it
// stays until the voice has paused for those two seconds, so that a hint does
// not come and go between words.
type Talking struct {
	// On: somebody talks.
	On bool

	floor float64 // the quiet of the room, dBFS; 0 before the first level
	loud  uint16  // one bit for each of the newest levels, the newest lowest
}

const (
	// overFloor is how far speech is above the quiet of the room (an open-plan
	// office's own noise moves by less), in dB.
	overFloor = 15
	// leastLoud is the quietest level that can be a voice meant to be heard.
	leastLoud = -50
	// silent is a microphone that gives nothing.
	silent = -120
	// heard of the newest eight levels begin the hint, fewer than two of the
	// newest ten end it.
	talkWindow, talkHeard     = 8, 5
	quietWindow, quietHeard   = 10, 2
	floorRise, floorRiseQuick = 0.1, 0.5
)

// Next takes one level of the microphone, in dBFS.
func (t Talking) Next(mic float64) Talking {
	if t.floor == 0 || mic < t.floor {
		t.floor = max(mic, silent)
	}
	loud := mic > t.floor+overFloor && mic > leastLoud
	// The floor follows a room that grows louder, slowly while somebody talks.
	rise := floorRiseQuick
	if loud {
		rise = floorRise
	}
	if mic > t.floor {
		t.floor = min(t.floor+rise, mic)
	}
	t.loud <<= 1
	if loud {
		t.loud |= 1
	}
	if t.On {
		t.On = ones(t.loud, quietWindow) >= quietHeard
	} else {
		t.On = ones(t.loud, talkWindow) >= talkHeard
	}
	return t
}

// ones counts the bits among the lowest n.
func ones(bits uint16, n int) (count int) {
	for i := range n {
		count += int(bits >> i & 1)
	}
	return count
}
