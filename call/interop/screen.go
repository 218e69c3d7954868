package interop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image/color"
	"io"
	"log"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jezek/xgb" // the X11 protocol: to look at a screen costs no process
	"github.com/jezek/xgb/xproto"
)

// Screen is an X display with nothing on it: no window manager, no panel, no
// sound. It is what a booth finds, or what a compositor is nested in.
type Screen struct {
	// Display is the X display, ":7"; Width and Height are in pixels.
	Display       string
	Width, Height int
	// Env is the environment of a program of the test's own user.
	Env []string

	conn     *xgb.Conn
	root     xproto.Window
	programs programs
	group    *Group
}

// The library tells of every display without a password, and of every end of a
// connection.
func init() { xgb.Logger = log.New(io.Discard, "", 0) }

func screenParts() []part {
	return []part{{"Xvfb", "xvfb"}, {"xdotool", "xdotool"}, {"openbox", "openbox"}}
}

func cageParts() []part {
	return []part{{"cage", "cage"}, {"Xwayland", "xwayland"}, {"setpriv", "util-linux"}, {"useradd", "passwd"}, {"userdel", "passwd"}}
}

// StartScreen starts a display of a size; dir is the home of what runs on it.
func StartScreen(ctx context.Context, g *Group, dir string, width, height int) (*Screen, error) {
	progs, err := findPrograms(screenParts())
	if err != nil {
		return nil, err
	}
	s := &Screen{Width: width, Height: height, programs: progs, group: g}
	// -ac: other users of this machine may use it, as a nested compositor of
	// another user does; it listens on no network.
	s.Display, err = startXvfb(ctx, g, progs["Xvfb"], fmt.Sprintf("%dx%dx24", width, height), "-ac")
	if err != nil {
		return nil, err
	}
	s.Env = append(Home(dir), "DISPLAY="+s.Display, "LANG=ko_KR.UTF-8", "LC_ALL=ko_KR.UTF-8", "LIBGL_ALWAYS_SOFTWARE=1")
	if s.conn, err = xgb.NewConnDisplay(s.Display); err != nil {
		return nil, fmt.Errorf("interop: looking at %s: %w", s.Display, err)
	}
	s.root = xproto.Setup(s.conn).DefaultScreen(s.conn).Root
	return s, nil
}

// Close stops looking at the screen. Its programs end with their group.
func (s *Screen) Close() { s.conn.Close() }

// startXvfb lets Xvfb choose a free display and tell which.
func startXvfb(ctx context.Context, g *Group, path, size string, more ...string) (display string, err error) {
	told, tell, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer told.Close()
	args := append([]string{"-displayfd", "3", "-screen", "0", size, "-nolisten", "tcp", "-noreset"}, more...)
	x, err := g.Start(Spec{Name: "xvfb", Path: path, Extra: []*os.File{tell}, Args: args})
	tell.Close()
	if err != nil {
		return "", err
	}
	// The read ends with the number, or with Xvfb.
	if deadline, ok := ctx.Deadline(); ok {
		if err := told.SetReadDeadline(deadline); err != nil {
			return "", err
		}
	}
	line, err := bufio.NewReader(told).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("interop: Xvfb tells no display: %w\n%s", err, x.Log())
	}
	return ":" + strings.TrimSpace(line), nil
}

// Manage starts a window manager, and returns when it says that it is there
// (EWMH, _NET_SUPPORTING_WM_CHECK).
func (s *Screen) Manage(ctx context.Context) error {
	p, err := s.group.Start(Spec{Name: "openbox", Path: s.programs["openbox"], Env: s.Env, Args: []string{"--sm-disable"}})
	if err != nil {
		return err
	}
	check, err := s.atom("_NET_SUPPORTING_WM_CHECK")
	if err != nil {
		return err
	}
	return waitReady(ctx, p, func() (bool, error) {
		r, err := xproto.GetProperty(s.conn, false, s.root, check, xproto.AtomWindow, 0, 1).Reply()
		return err == nil && r.ValueLen == 1, err
	})
}

func (s *Screen) atom(name string) (xproto.Atom, error) {
	r, err := xproto.InternAtom(s.conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, fmt.Errorf("interop: %s: %w", name, err)
	}
	return r.Atom, nil
}

// Xdotool runs one xdotool command.
func (s *Screen) Xdotool(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, s.programs["xdotool"], args...)
	cmd.Env = append(os.Environ(), s.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("interop: xdotool %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// Filling is the window that can be seen and covers the whole screen, with no
// frame around it; 0 when there is none.
func (s *Screen) Filling() uint32 {
	found, _ := s.filling(s.root, 3)
	return uint32(found)
}

// filling looks through a window's children: a window manager puts windows
// into frames.
func (s *Screen) filling(parent xproto.Window, depth int) (xproto.Window, bool) {
	tree, err := xproto.QueryTree(s.conn, parent).Reply()
	if err != nil || depth == 0 {
		return 0, false
	}
	for i := len(tree.Children) - 1; i >= 0; i-- { // the uppermost first
		w := tree.Children[i]
		attr, err := xproto.GetWindowAttributes(s.conn, w).Reply()
		if err != nil || attr.MapState != xproto.MapStateViewable || attr.Class != xproto.WindowClassInputOutput {
			continue
		}
		at, err1 := xproto.TranslateCoordinates(s.conn, w, s.root, 0, 0).Reply()
		size, err2 := xproto.GetGeometry(s.conn, xproto.Drawable(w)).Reply()
		if err1 != nil || err2 != nil || at.DstX != 0 || at.DstY != 0 || size.BorderWidth != 0 ||
			int(size.Width) != s.Width || int(size.Height) != s.Height {
			continue
		}
		if inner, ok := s.filling(w, depth-1); ok {
			return inner, true
		}
		return w, true
	}
	return 0, false
}

// AskToClose sends a window what a window manager sends when its user wants it
// closed (ICCCM 4.2.8.1, WM_DELETE_WINDOW).
func (s *Screen) AskToClose(window uint32) error {
	protocols, err1 := s.atom("WM_PROTOCOLS")
	del, err2 := s.atom("WM_DELETE_WINDOW")
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	return s.send(window, xproto.Window(window), 0, protocols, uint32(del))
}

// Shrink asks the window manager to take a window out of full screen (EWMH,
// _NET_WM_STATE), as its menu does.
func (s *Screen) Shrink(window uint32) error {
	state, err1 := s.atom("_NET_WM_STATE")
	full, err2 := s.atom("_NET_WM_STATE_FULLSCREEN")
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	const remove = 0
	mask := uint32(xproto.EventMaskSubstructureNotify | xproto.EventMaskSubstructureRedirect)
	return s.send(window, s.root, mask, state, remove, uint32(full), 0, 2)
}

// send sends a client message about a window.
func (s *Screen) send(about uint32, to xproto.Window, mask uint32, kind xproto.Atom, data ...uint32) error {
	ev := xproto.ClientMessageEvent{Format: 32, Window: xproto.Window(about), Type: kind,
		Data: xproto.ClientMessageDataUnionData32New(append(data, make([]uint32, 5-len(data))...))}
	return xproto.SendEventChecked(s.conn, false, to, mask, string(ev.Bytes())).Check()
}

// At is the colour of a pixel of the screen.
func (s *Screen) At(x, y int) (color.NRGBA, error) {
	img, err := xproto.GetImage(s.conn, xproto.ImageFormatZPixmap, xproto.Drawable(s.root), int16(x), int16(y), 1, 1, ^uint32(0)).Reply()
	if err != nil || len(img.Data) < 3 {
		return color.NRGBA{}, fmt.Errorf("interop: looking at the screen: %w", errors.Join(err))
	}
	return color.NRGBA{R: img.Data[2], G: img.Data[1], B: img.Data[0], A: 0xff}, nil // 24 bits of depth, blue first
}

// Visitor is an ordinary user that a test has made, for programs that refuse
// root. Where the tests do not run as root it is whoever runs them.
type Visitor struct {
	// Dir is a folder of the visitor's own, Run one for sockets (0700).
	Dir, Run string

	programs programs
	name     string // "" for the test's own user
	ids      *user.User
}

// MakeVisitor makes a user of this machine. Remove must be called.
func MakeVisitor(ctx context.Context) (*Visitor, error) {
	progs, err := findPrograms(cageParts())
	if err != nil {
		return nil, err
	}
	v := &Visitor{programs: progs}
	if v.Dir, err = os.MkdirTemp("", "nxvisitor"); err != nil {
		return nil, err
	}
	v.Run = filepath.Join(v.Dir, "run")
	if err := errors.Join(os.Mkdir(v.Run, 0o700), v.become(ctx)); err != nil {
		v.Remove(ctx)
		return nil, err
	}
	return v, nil
}

// become makes the user where there is a right to: XWayland lets its own user in
// by name, so that a number alone is not enough.
func (v *Visitor) become(ctx context.Context) error {
	if os.Getuid() != 0 {
		return nil
	}
	name := "nxvisitor" + strconv.Itoa(os.Getpid())
	out, err := exec.CommandContext(ctx, v.programs["useradd"], "--system", "--no-create-home", "--home-dir", v.Dir,
		"--shell", "/usr/sbin/nologin", name).CombinedOutput()
	if err != nil {
		return fmt.Errorf("interop: useradd: %w: %s", err, out)
	}
	v.name = name
	if v.ids, err = user.Lookup(name); err != nil {
		return err
	}
	for _, dir := range []string{v.Dir, v.Run} {
		if err := v.Own(dir); err != nil {
			return err
		}
	}
	return nil
}

// Own gives a file to the visitor.
func (v *Visitor) Own(path string) error {
	if v.ids == nil {
		return nil
	}
	uid, err1 := strconv.Atoi(v.ids.Uid)
	gid, err2 := strconv.Atoi(v.ids.Gid)
	return errors.Join(err1, err2, os.Chown(path, uid, gid))
}

// Command is how the visitor runs a program.
func (v *Visitor) Command(path string, args ...string) (string, []string) {
	if v.ids == nil {
		return path, args
	}
	as := []string{"--reuid", v.ids.Uid, "--regid", v.ids.Gid, "--clear-groups", "--pdeathsig", "TERM", path}
	return v.programs["setpriv"], append(as, args...)
}

// Remove takes the visitor and the folder away again.
func (v *Visitor) Remove(ctx context.Context) error {
	err := os.RemoveAll(v.Dir)
	if v.name != "" {
		out, failed := exec.CommandContext(ctx, v.programs["userdel"], v.name).CombinedOutput()
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("interop: userdel: %w: %s", failed, out))
		}
	}
	return err
}
