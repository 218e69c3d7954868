//go:build linux

package session

import (
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

// notice is one call of Notify or, with closed, of CloseNotification.
type notice struct {
	closed        bool
	id, replaces  uint32
	app, icon     string
	title, body   string
	urgency       any
	entry         any
	transient     any
	expire        int32
	actions, rest []string
}

// fakeNotifications is a desktop's service for notifications.
type fakeNotifications struct {
	mu   sync.Mutex
	last uint32
	got  chan notice
	fail bool
}

func (f *fakeNotifications) Notify(app string, replaces uint32, icon, title, body string, actions []string, hints map[string]dbus.Variant, expire int32) (uint32, *dbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := replaces
	if id == 0 {
		f.last++
		id = f.last
	}
	f.got <- notice{id: id, replaces: replaces, app: app, icon: icon, title: title, body: body, actions: actions, expire: expire,
		urgency: hints["urgency"].Value(), entry: hints["desktop-entry"].Value(), transient: hints["transient"].Value()}
	if f.fail {
		return 0, dbus.MakeFailedError(dbus.ErrClosed)
	}
	return id, nil
}

func (f *fakeNotifications) CloseNotification(id uint32) *dbus.Error {
	f.got <- notice{closed: true, id: id}
	return nil
}

const notesPath = dbus.ObjectPath("/org/freedesktop/Notifications")

func startNotes(t *testing.T) (n *Notes, f *fakeNotifications, server *dbus.Conn, clicked chan string, stop func()) {
	t.Helper()
	bus := startBus(t)
	f = &fakeNotifications{got: make(chan notice, 16)}
	server = service(t, bus)
	export(t, server, f, notesPath, noteService)
	own(t, server, noteService)
	clicked = make(chan string, 4)
	n = NewNotes(NotesOptions{Env: environment("DBUS_SESSION_BUS_ADDRESS=" + bus), App: "nxphone", Name: "nxphone", Icon: "nxphone", Open: "열기",
		Clicked: func(kind string) { clicked <- kind }})
	return n, f, server, clicked, running(t, n.Run)
}

func TestNotes(t *testing.T) {
	n, f, server, clicked, stop := startNotes(t)
	n.Withdraw("call") // nothing is there: nothing is said
	n.Show("call", Note{Title: "전화를 받았습니다", Body: "창을 여세요"})
	one := next(t, "note", f.got)
	if one.title != "전화를 받았습니다" || one.body != "창을 여세요" || one.replaces != 0 || one.urgency != byte(1) || one.expire != -1 ||
		one.entry != "nxphone" || one.transient != true || len(one.actions) != 2 || one.actions[1] != "열기" {
		t.Errorf("the first note: %+v", one)
	}
	// News of the same kind take the old one's place, others stand beside it.
	n.Show("call", Note{Title: "통화가 끝났습니다", Urgent: true})
	two := next(t, "note", f.got)
	if two.replaces != one.id || two.id != one.id || two.urgency != byte(2) || two.expire != 0 {
		t.Errorf("the second note: %+v", two)
	}
	n.Show("question", Note{Title: "묻습니다"})
	three := next(t, "note", f.got)
	if three.replaces != 0 || three.id == one.id {
		t.Errorf("the question: %+v", three)
	}
	n.Show("question", Note{Title: "묻습니다"}) // said already

	// Obsolete is away.
	n.Withdraw("question")
	if c := next(t, "closing", f.got); !c.closed || c.id != three.id {
		t.Errorf("instead of the question's end: %+v", c)
	}

	// A click is told once, and takes the note away.
	if err := server.Emit(notesPath, noteService+".ActionInvoked", two.id+40, "default"); err != nil {
		t.Fatal(err)
	}
	if err := server.Emit(notesPath, noteService+".ActionInvoked", two.id, "default"); err != nil {
		t.Fatal(err)
	}
	if kind := next(t, "click", clicked); kind != "call" || len(clicked) > 0 {
		t.Errorf("clicked: %q", kind)
	}
	if c := next(t, "closing", f.got); !c.closed || c.id != two.id {
		t.Errorf("after the click: %+v", c)
	}

	// One that the user has put away is not replaced but shown anew, also when it
	// says the same.
	n.Show("call", Note{Title: "통화가 끝났습니다"})
	four := next(t, "note", f.got)
	if err := server.Emit(notesPath, noteService+".NotificationClosed", four.id, uint32(2)); err != nil {
		t.Fatal(err)
	}
	until(t, "the note is forgotten", func() bool { return len(n.wish.get()) == 0 })
	n.Show("call", Note{Title: "통화가 끝났습니다"})
	five := next(t, "note", f.got)
	if five.replaces != 0 {
		t.Errorf("after the user has closed it: %+v", five)
	}

	// The end of the program leaves nothing behind.
	stop()
	if c := next(t, "closing", f.got); !c.closed || c.id != five.id {
		t.Errorf("at the end: %+v", c)
	}
}

// A service that fails, or is not there, costs nothing but the note.
func TestNotesThatAreNotShown(t *testing.T) {
	n, f, _, _, _ := startNotes(t)
	f.mu.Lock()
	f.fail = true
	f.mu.Unlock()
	n.Show("call", Note{Title: "a"})
	next(t, "note", f.got)
	until(t, "the note is forgotten", func() bool { return len(n.wish.get()) == 0 })
	f.mu.Lock()
	f.fail = false
	f.mu.Unlock()
	n.Show("call", Note{Title: "b"})
	if got := next(t, "note", f.got); got.title != "b" || got.replaces != 0 {
		t.Errorf("after a failure: %+v", got)
	}
}

func TestNotesWithoutABus(t *testing.T) {
	n := NewNotes(NotesOptions{Env: environment()})
	running(t, n.Run)
	for range 3 {
		n.Show("call", Note{Title: "a"})
		until(t, "the note is forgotten", func() bool { return len(n.wish.get()) == 0 })
	}
}
