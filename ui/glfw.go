//go:build !ci

package ui

import "github.com/go-gl/glfw/v3.3/glfw"

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
