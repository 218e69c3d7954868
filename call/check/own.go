package check

import (
	"sync"

	"nxphone/call"
)

// own knows which call is the check's. Dial's answer and the engine's telling
// of the new call may come in either order, so a call that begins while ours is
// being asked for waits for the answer.
type own struct {
	mu     sync.Mutex
	asking bool
	id     int
}

func (o *own) ask() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asking = true
}

func (o *own) got(id int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asking, o.id = false, id
}

// is reports whether a snapshot is of our call, as far as that is known.
func (o *own) is(s call.Snapshot) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.id != 0 && s.Call.ID == o.id || o.asking && s.State == call.Connecting
}
