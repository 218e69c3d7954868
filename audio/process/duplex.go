package process

import "nxphone/audio"

// quiet is a device without the echo of its own speaker.
type quiet struct {
	audio.Duplex
	echo *Echo
}

// WithoutEcho makes a device whose microphone does not hear its speaker. It is
// used as the device itself, by one goroutine, and closes it.
func WithoutEcho(d audio.Duplex) audio.Duplex {
	q := &quiet{Duplex: d, echo: NewEcho()}
	if c, ok := d.(audio.InputCloser); ok {
		return struct {
			*quiet
			audio.InputCloser
		}{q, c}
	}
	return q
}

// Read implements audio.Input.
func (q *quiet) Read(frame []int16) bool {
	if !q.Duplex.Read(frame) {
		return false
	}
	q.echo.Near(frame)
	return true
}

// Write implements audio.Output.
func (q *quiet) Write(frame []int16) {
	q.Duplex.Write(frame)
	q.echo.Far(frame)
}
