package interop

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// SessionBus is a desktop's D-Bus with the services that a phone looks for: a
// tray with a panel, notifications, and a screen saver. It notes what it is asked
// for.
type SessionBus struct {
	// Env is the environment of a program of this session.
	Env []string

	dir  string
	conn *dbus.Conn // of the services

	mu    sync.Mutex
	wake  chan struct{} // closed and renewed with every change
	item  string        // the tray item's connection
	notes []Notified
	awake map[string]string // who holds the screen saver off, with the reason
	last  uint32
}

// Notified is one notification.
type Notified struct {
	ID          uint32
	Title, Body string
	// Rest is everything else that was said with it.
	Rest   string
	Closed bool
}

// busConfig is what a session's daemon allows, without the services that it would
// start.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
`

// StartSessionBus runs the bus for a test.
func StartSessionBus(ctx context.Context, g *Group) (*SessionBus, error) {
	progs, err := findPrograms([]part{{"dbus-daemon", "dbus"}})
	if err != nil {
		return nil, err
	}
	b := &SessionBus{wake: make(chan struct{}), awake: map[string]string{}}
	if b.dir, err = os.MkdirTemp("", "nx"); err != nil { // paths of sockets are short
		return nil, err
	}
	if err := b.start(ctx, g, progs["dbus-daemon"]); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

func (b *SessionBus) start(ctx context.Context, g *Group, daemon string) error {
	socket, conf := filepath.Join(b.dir, "bus"), filepath.Join(b.dir, "bus.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, busConfig, socket), 0o600); err != nil {
		return err
	}
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer out.Close()
	p, err := g.Start(Spec{Name: "dbus", Path: daemon, Args: []string{"--nofork", "--print-address=1", "--config-file=" + conf}, Stdout: in})
	in.Close()
	if err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := out.SetReadDeadline(deadline); err != nil {
			return err
		}
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("interop: the bus tells no address: %w\n%s", err, p.Log())
	}
	address = strings.TrimSpace(address)
	b.Env = []string{"DBUS_SESSION_BUS_ADDRESS=" + address, "XDG_RUNTIME_DIR=" + b.dir}
	if b.conn, err = dbus.Connect(address); err != nil {
		return err
	}
	return b.serve()
}

// Close ends the services and removes the sockets. The daemon ends with its
// group.
func (b *SessionBus) Close() {
	if b.conn != nil {
		_ = b.conn.Close()
	}
	_ = os.RemoveAll(b.dir)
}

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	noteName    = "org.freedesktop.Notifications"
	notePath    = dbus.ObjectPath("/org/freedesktop/Notifications")
	saverName   = "org.freedesktop.ScreenSaver"
	trayItem    = "org.kde.StatusNotifierItem"
	trayMenu    = "com.canonical.dbusmenu"
)

func (b *SessionBus) serve() error {
	watcher := dbus.ObjectPath("/StatusNotifierWatcher")
	_, err := prop.Export(b.conn, watcher, prop.Map{watcherName: {"IsStatusNotifierHostRegistered": {Value: true, Emit: prop.EmitTrue}}})
	err = errors.Join(err,
		b.conn.Export(busTray{b}, watcher, watcherName),
		b.conn.Export(busNotes{b}, notePath, noteName),
		b.conn.Export(busSaver{b}, "/org/freedesktop/ScreenSaver", saverName),
		b.conn.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged")))
	if err != nil {
		return err
	}
	signals := make(chan *dbus.Signal, 64)
	b.conn.Signal(signals)
	go func() { // ends with the connection
		for s := range signals {
			if len(s.Body) == 3 && s.Body[2] == "" {
				who, _ := s.Body[0].(string)
				b.change(func() {
					delete(b.awake, who)
					if b.item == who {
						b.item = ""
					}
				})
			}
		}
	}()
	for _, name := range []string{watcherName, noteName, saverName} {
		if _, err := b.conn.RequestName(name, dbus.NameFlagDoNotQueue); err != nil {
			return err
		}
	}
	return nil
}

func (b *SessionBus) change(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
	close(b.wake)
	b.wake = make(chan struct{})
}

type (
	busTray  struct{ *SessionBus }
	busNotes struct{ *SessionBus }
	busSaver struct{ *SessionBus }
)

// RegisterStatusNotifierItem is the tray's.
func (b busTray) RegisterStatusNotifierItem(service string) *dbus.Error {
	b.change(func() { b.item = service })
	return nil
}

// Notify is the service's for notifications.
func (b busNotes) Notify(app string, replaces uint32, icon, title, body string, actions []string, hints map[string]dbus.Variant, _ int32) (id uint32, err *dbus.Error) {
	b.change(func() {
		if id = replaces; id == 0 {
			b.last++
			id = b.last
		}
		b.notes = append(b.notes, Notified{ID: id, Title: title, Body: body, Rest: fmt.Sprint(app, icon, actions, hints)})
	})
	return id, nil
}

// CloseNotification is the service's for notifications.
func (b busNotes) CloseNotification(id uint32) *dbus.Error {
	b.change(func() {
		for i := range b.notes {
			if b.notes[i].ID == id {
				b.notes[i].Closed = true
			}
		}
	})
	return nil
}

// Inhibit is the screen saver's.
func (b busSaver) Inhibit(_, why string, who dbus.Sender) (cookie uint32, err *dbus.Error) {
	b.change(func() { b.awake[string(who)] = why })
	return 0, nil
}

// Awake lists why the screen saver is held off.
func (b *SessionBus) Awake() (reasons []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, why := range b.awake {
		reasons = append(reasons, why)
	}
	return reasons
}

// Notes are the notifications so far.
func (b *SessionBus) Notes() []Notified {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.notes)
}

// ClickNote clicks on a notification.
func (b *SessionBus) ClickNote(id uint32) error {
	return b.conn.Emit(notePath, noteName+".ActionInvoked", id, "default")
}

// Tray is the title of the tray's icon, empty where there is none.
func (b *SessionBus) Tray() string {
	b.mu.Lock()
	item := b.item
	b.mu.Unlock()
	if item == "" {
		return ""
	}
	v, err := b.conn.Object(item, "/StatusNotifierItem").GetProperty(trayItem + ".Title")
	if err != nil {
		return ""
	}
	title, _ := v.Value().(string)
	return title
}

// ClickTray clicks on the tray's icon.
func (b *SessionBus) ClickTray() error {
	b.mu.Lock()
	item := b.item
	b.mu.Unlock()
	return b.conn.Object(item, "/StatusNotifierItem").Call(trayItem+".Activate", 0, int32(0), int32(0)).Err
}

// Choose chooses the entry of the tray's menu that has this label.
func (b *SessionBus) Choose(label string) error {
	b.mu.Lock()
	item := b.item
	b.mu.Unlock()
	type node struct {
		ID       int32
		Props    map[string]dbus.Variant
		Children []dbus.Variant
	}
	var revision uint32
	var root node
	menu := b.conn.Object(item, "/StatusNotifierItem/menu")
	if err := menu.Call(trayMenu+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root); err != nil {
		return err
	}
	var labels []string
	for _, c := range root.Children {
		var e node
		if err := dbus.Store([]any{c.Value()}, &e); err != nil {
			return err
		}
		l, _ := e.Props["label"].Value().(string)
		if l == label && e.Props["enabled"].Value() != false {
			return menu.Call(trayMenu+".Event", 0, e.ID, "clicked", dbus.MakeVariant(""), uint32(0)).Err
		}
		labels = append(labels, fmt.Sprint(l, " ", e.Props["enabled"].Value()))
	}
	return fmt.Errorf("interop: no entry %q that can be chosen among %q", label, labels)
}
