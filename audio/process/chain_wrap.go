package process

import "nxphone/audio"

// treated is a device whose sound goes through a chain.
type treated struct {
	audio.Duplex
	chain *Chain
	frame [frameLen]int16
}

// Wrap makes a device whose sound goes through the chain. It is used as the
// device itself, by one goroutine, and closes it. A device that can close its
// microphone alone (audio.InputCloser) still can.
func (c *Chain) Wrap(d audio.Duplex) audio.Duplex {
	t := &treated{Duplex: d, chain: c}
	if closer, ok := d.(audio.InputCloser); ok {
		return struct {
			*treated
			audio.InputCloser
		}{t, closer}
	}
	return t
}

// Read implements audio.Input.
func (t *treated) Read(frame []int16) bool {
	if !t.Duplex.Read(frame) {
		return false
	}
	t.chain.Near(frame)
	return true
}

// Write implements audio.Output.
func (t *treated) Write(frame []int16) {
	out := t.frame[:copy(t.frame[:], frame)] // the caller's stays as it is
	t.chain.Far(out)
	t.Duplex.Write(out)
}
