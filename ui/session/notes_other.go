//go:build !windows

package session

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"
)

// shownNote is a note as the service knows it.
type shownNote struct {
	note Note
	id   uint32
}

const noteService = "org.freedesktop.Notifications"

// serve shows notes over one connection until ctx or the connection ends.
func (n *Notes) serve(ctx context.Context) {
	// The connection outlives ctx by the notes that are to be taken away, of which
	// one may be on its way to the screen just now.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() {
		late := time.AfterFunc(goodbye, end)
		<-life.Done()
		late.Stop()
	})()
	conn, err := n.env.dial(life)
	if err != nil {
		n.env.log().Debug("no notifications", "error", err)
		n.drop() // late news are no news
		return
	}
	defer conn.Close()
	signals := make(chan *dbus.Signal, 32)
	conn.Signal(signals)
	err = conn.AddMatchSignalContext(ctx, dbus.WithMatchInterface(noteService), dbus.WithMatchObjectPath("/org/freedesktop/Notifications"))
	if err != nil {
		n.env.log().Debug("notifications are not followed", "error", err)
	}
	shown := map[string]shownNote{}
	for {
		n.settle(life, conn, shown)
		select {
		case <-n.wish.wake:
		case s, open := <-signals:
			if !open {
				signals = nil // the connection's end tells
				continue
			}
			n.heard(s, shown)
		case <-conn.Context().Done():
			return
		case <-ctx.Done():
			for _, s := range shown {
				n.closeNote(life, conn, s.id)
			}
			return
		}
	}
}

// settle makes what is shown equal to what is wanted.
func (n *Notes) settle(ctx context.Context, conn *dbus.Conn, shown map[string]shownNote) {
	wanted := n.wish.get()
	for _, kind := range slices.Sorted(maps.Keys(shown)) {
		if _, ok := wanted[kind]; !ok {
			n.closeNote(ctx, conn, shown[kind].id)
			delete(shown, kind)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(wanted)) {
		old, there := shown[kind]
		if there && old.note == wanted[kind] {
			continue
		}
		id, err := n.notify(ctx, conn, old.id, wanted[kind])
		if err != nil {
			n.env.log().Debug("a notification was not shown", "error", err)
			n.Withdraw(kind)
			continue
		}
		shown[kind] = shownNote{wanted[kind], id}
	}
}

func (n *Notes) notify(ctx context.Context, conn *dbus.Conn, replaces uint32, note Note) (id uint32, err error) {
	urgency, expire := byte(1), int32(-1)
	if note.Urgent {
		urgency, expire = 2, 0
	}
	hints := map[string]dbus.Variant{
		"urgency":       dbus.MakeVariant(urgency),
		"desktop-entry": dbus.MakeVariant(n.app),
		"category":      dbus.MakeVariant("call"),
		// It has no worth later, so no list need keep it.
		"transient": dbus.MakeVariant(true),
	}
	err = call(ctx, conn.Object(noteService, "/org/freedesktop/Notifications"), noteService+".Notify", 0,
		n.name, replaces, n.icon, note.Title, note.Body, []string{"default", n.open}, hints, expire).Store(&id)
	return id, err
}

func (n *Notes) closeNote(ctx context.Context, conn *dbus.Conn, id uint32) {
	err := call(ctx, conn.Object(noteService, "/org/freedesktop/Notifications"), noteService+".CloseNotification", 0, id).Err
	if err != nil {
		n.env.log().Debug("a notification was gone already", "error", err)
	}
}

// goodbye bounds what the end of a part may take.
const goodbye = time.Second

// heard takes what the service tells: a note was clicked or is gone.
func (n *Notes) heard(s *dbus.Signal, shown map[string]shownNote) {
	if len(s.Body) < 2 {
		return
	}
	id, _ := s.Body[0].(uint32)
	for kind, note := range shown {
		if note.id != id || id == 0 {
			continue
		}
		switch s.Name {
		case noteService + ".ActionInvoked":
			n.click(kind)
			n.Withdraw(kind)
		case noteService + ".NotificationClosed":
			delete(shown, kind)
			// Only this very note: a newer one may have been put meanwhile.
			n.wish.change(func(m *map[string]Note) {
				if (*m)[kind] == note.note {
					*m = maps.Clone(*m)
					delete(*m, kind)
				}
			})
		}
		return
	}
}
