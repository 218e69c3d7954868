//go:build !windows

package session

import (
	"errors"
	"io"
	"log"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/screensaver"
	"github.com/jezek/xgb/xproto"
)

// errNoX11: this session has no X server to talk to.
var errNoX11 = errors.New("session: no X11 display")

// The binding prints whatever happens to a connection on standard error; it is
// told to us as an error as well.
func init() { xgb.Logger = log.New(io.Discard, "", 0) }

// display is a connection to the X server and what is asked of it often.
type display struct {
	*xgb.Conn
	root  xproto.Window
	atoms map[string]xproto.Atom
}

// openX11 opens a connection of the caller's own. Under Wayland this is XWayland.
func openX11(env Env) (*display, error) {
	name := env.get("DISPLAY")
	if name == "" {
		return nil, errNoX11
	}
	conn, err := xgb.NewConnDisplay(name)
	if err != nil {
		return nil, errors.Join(errNoX11, err)
	}
	setup := xproto.Setup(conn)
	if conn.DefaultScreen >= len(setup.Roots) {
		conn.Close()
		return nil, errNoX11
	}
	return &display{Conn: conn, root: setup.Roots[conn.DefaultScreen].Root, atoms: map[string]xproto.Atom{}}, nil
}

// atom is the number of a name.
func (d *display) atom(name string) (xproto.Atom, error) {
	if a, ok := d.atoms[name]; ok {
		return a, nil
	}
	r, err := xproto.InternAtom(d.Conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, err
	}
	d.atoms[name] = r.Atom
	return r.Atom, nil
}

// property reads a property of 32-bit values; none is an empty list.
func (d *display) property(w xproto.Window, name string) ([]uint32, error) {
	a, err := d.atom(name)
	if err != nil {
		return nil, err
	}
	r, err := xproto.GetProperty(d.Conn, false, w, a, xproto.GetPropertyTypeAny, 0, 1024).Reply()
	if err != nil || r.Format != 32 {
		return nil, err
	}
	list := make([]uint32, r.ValueLen)
	for i := range list {
		list[i] = xgb.Get32(r.Value[4*i:])
	}
	return list, nil
}

// suspendX11 stops the server's own screen saver and the monitor's power saving
// until release, or until the process ends (X Screen Saver Extension 1.1).
func suspendX11(env Env) (release func(), err error) {
	d, err := openX11(env)
	if err != nil {
		return nil, err
	}
	if err := screensaver.Init(d.Conn); err != nil {
		d.Close()
		return nil, err
	}
	if _, err := screensaver.QueryVersion(d.Conn, 1, 1).Reply(); err != nil {
		d.Close()
		return nil, err
	}
	if err := screensaver.SuspendChecked(d.Conn, 1).Check(); err != nil {
		d.Close()
		return nil, err
	}
	return d.Close, nil
}
