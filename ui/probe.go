//go:build !ci

package ui

import (
	"fmt"

	"github.com/go-gl/gl/v2.1/gl"
	"github.com/go-gl/glfw/v3.3/glfw"
)

// ProbeDisplay opens a window that nobody sees, as Run would, and says what draws
// in it. The error is ErrNoDisplay or ErrNoOpenGL. It must be called on the main
// goroutine of a process of its own: a driver that hangs or crashes takes the
// process with it.
func ProbeDisplay() (renderer string, err error) {
	if err := tryDisplay(); err != nil {
		return "", err
	}
	defer glfw.Terminate()
	for _, api := range []int{glfw.NativeContextAPI, glfw.EGLContextAPI} {
		if renderer, err = probeGL(api); err == nil {
			return renderer, nil
		}
	}
	return "", ErrNoOpenGL
}

// probeGL is one way to a context of the toolkit's version, 2.1.
func probeGL(api int) (renderer string, err error) {
	defer func() {
		if r := recover(); r != nil { // the binding panics over what it does not know
			err = fmt.Errorf("%w: %v", ErrNoOpenGL, r)
		}
	}()
	glfw.DefaultWindowHints()
	glfw.WindowHint(glfw.Visible, glfw.False)
	glfw.WindowHint(glfw.ContextCreationAPI, api)
	glfw.WindowHint(glfw.ContextVersionMajor, 2)
	glfw.WindowHint(glfw.ContextVersionMinor, 1)
	w, err := glfw.CreateWindow(32, 32, "nxphone", nil, nil)
	if err != nil {
		return "", err
	}
	defer w.Destroy()
	w.MakeContextCurrent()
	if err := gl.Init(); err != nil {
		return "", err
	}
	return gl.GoStr(gl.GetString(gl.RENDERER)) + ", OpenGL " + gl.GoStr(gl.GetString(gl.VERSION)), nil
}
