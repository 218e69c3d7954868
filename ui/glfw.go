//go:build !ci

package ui

import (
	"image"

	"github.com/go-gl/glfw/v3.3/glfw"
)

// tryDisplay connects to the display server, as the toolkit will in a moment;
// where it cannot, the toolkit would panic.
func tryDisplay() (err error) {
	// The binding logs a display that does not answer and reports success;
	// the next call then panics over it.
	defer func() {
		if recover() != nil {
			err = ErrNoDisplay
		}
	}()
	if err := glfw.Init(); err != nil {
		return ErrNoDisplay
	}
	glfw.GetTime()
	return nil
}

// preferEGL makes the next window use EGL instead of GLX, and reports whether
// that is worth a try. The hint stays because the toolkit never resets hints.
func preferEGL() bool {
	glfw.WindowHint(glfw.ContextCreationAPI, glfw.EGLContextAPI)
	return true
}

// monitors are the sizes of all monitors, in pixels. The window system is up.
func monitors() []image.Point {
	var all []image.Point
	for _, m := range glfw.GetMonitors() {
		if v := m.GetVideoMode(); v != nil {
			all = append(all, image.Pt(v.Width, v.Height))
		}
	}
	return all
}
