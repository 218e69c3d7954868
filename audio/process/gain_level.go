package process

// floorTracker knows the level of what is there when nobody speaks (the least of
// the last seconds), and by how much it has gone up and down of late. It takes a
// level for each frame.
type floorTracker struct {
	least, most [floorSlots]float64 // of each fifth of a second
	at, n       int
	started     bool
	smooth      float64 // the level over a few frames
	floor       float64
	swing       float64 // over the last 400 to 600 ms
}

const (
	floorSlots = 50
	floorSlot  = 20 // frames
	swingSlots = 3
	// nothing stands in a slot that is empty.
	nothing = 1000
)

func (f *floorTracker) take(level float64) {
	if !f.started {
		f.started, f.smooth = true, level
		for i := range f.least {
			f.least[i], f.most[i] = nothing, -nothing
		}
	}
	f.smooth += 0.5 * (level - f.smooth)
	f.least[f.at] = min(f.least[f.at], f.smooth)
	f.most[f.at] = max(f.most[f.at], f.smooth)
	f.floor = nothing
	low, high := float64(nothing), float64(-nothing)
	for i := range floorSlots {
		k := (f.at + floorSlots - i) % floorSlots
		f.floor = min(f.floor, f.least[k])
		if i < swingSlots {
			low, high = min(low, f.least[k]), max(high, f.most[k])
		}
	}
	f.swing = high - low
	if f.n++; f.n == floorSlot {
		f.n, f.at = 0, (f.at+1)%floorSlots
		f.least[f.at], f.most[f.at] = nothing, -nothing
	}
}

const (
	// speaks is how far over the floor somebody speaks, in dB, faintest the least
	// level that counts, and sways how much a voice goes up and down at least: a
	// fan that was switched on does not.
	speaks   = 9
	faintest = -64
	sways    = 7
)

// spoken reports whether the frame of the last take is somebody speaking.
func (f *floorTracker) spoken(level float64) bool {
	return level > faintest && level > f.floor+speaks && f.swing > sways
}

// levelTracker knows how loud a voice has been of late, in dBFS. It follows
// slowly: what changes at once is no voice coming nearer.
type levelTracker struct {
	floor floorTracker
	level float64
}

// The running level goes up by at most rise and down by at most fall, in dB, with
// each frame that speaks.
const (
	rise = 0.03
	fall = 0.06
)

// take looks at the level of a frame.
func (t *levelTracker) take(level float64) {
	t.floor.take(level)
	if !t.floor.spoken(level) {
		return
	}
	// What is taken is nearer to the middle of the levels than to the mean of
	// the powers, which is what a voice's level is and some dB more.
	level += 5
	if level > t.level {
		t.level += min(rise, (level-t.level)/100)
	} else {
		t.level -= min(fall, (t.level-level)/200)
	}
}
