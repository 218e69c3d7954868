//go:build linux

package session

import (
	"image"
	"image/color"
	"slices"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

// fakeWatcher is a desktop's tray.
type fakeWatcher struct{ registered chan string }

func (f fakeWatcher) RegisterStatusNotifierItem(service string) *dbus.Error {
	f.registered <- service
	return nil
}

func startWatcher(t *testing.T, bus string, host bool) (*dbus.Conn, chan string) {
	t.Helper()
	conn := service(t, bus)
	f := fakeWatcher{make(chan string, 8)}
	export(t, conn, f, watcherPath, watcherName)
	_, err := prop.Export(conn, watcherPath, prop.Map{watcherName: {"IsStatusNotifierHostRegistered": {Value: host, Emit: prop.EmitTrue}}})
	if err != nil {
		t.Fatal(err)
	}
	own(t, conn, watcherName)
	return conn, f.registered
}

func testItem(title string) *Item {
	img := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	img.Set(0, 0, color.NRGBA{R: 1, G: 2, B: 3, A: 128})
	return &Item{Title: title, Tip: title + ".", Icons: []image.Image{img}, Menu: []Entry{
		{ID: "show", Label: "창_열기"}, {}, {ID: "mute", Label: "음소거", Disabled: true}, {ID: "quit", Label: "끝내기"},
	}}
}

// host reads what an item shows, as a desktop's panel does.
type host struct {
	t    *testing.T
	conn *dbus.Conn
	item string
}

func (h host) get(name string) any {
	h.t.Helper()
	v, err := h.conn.Object(h.item, itemPath).GetProperty(itemInterface + "." + name)
	if err != nil {
		h.t.Fatalf("%s: %v", name, err)
	}
	return v.Value()
}

type node struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

func (h host) menu() (revision uint32, entries []node) {
	h.t.Helper()
	var root node
	err := h.conn.Object(h.item, menuPath).Call(menuInterface+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, c := range root.Children {
		var e node
		if err := dbus.Store([]any{c.Value()}, &e); err != nil {
			h.t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return revision, entries
}

func TestTray(t *testing.T) {
	bus := startBus(t)
	_, registered := startWatcher(t, bus, true)
	clicked := make(chan string, 8)
	tray := NewTray(environment("DBUS_SESSION_BUS_ADDRESS="+bus), "nxphone", func(id string) { clicked <- id })
	stop := running(t, tray.Run)
	tray.Set(testItem("대기 중"))
	h := host{t, service(t, bus), next(t, "registration", registered)}
	until(t, "it knows that it is shown", tray.Shown)
	for name, want := range map[string]any{"Id": "nxphone", "Title": "대기 중", "Status": "Active", "Category": "Communications", "Menu": menuPath, "ItemIsMenu": false} {
		if got := h.get(name); got != want {
			t.Errorf("%s is %v", name, got)
		}
	}
	var pix []pixmap
	if err := dbus.Store([]any{h.get("IconPixmap")}, &pix); err != nil || len(pix) != 1 || pix[0].W != 2 || pix[0].H != 1 ||
		!slices.Equal(pix[0].Data, []byte{128, 1, 2, 3, 0, 0, 0, 0}) {
		t.Errorf("the icon is %v, %v", pix, err)
	}
	var tip toolTip
	if err := dbus.Store([]any{h.get("ToolTip")}, &tip); err != nil || tip.Title != "대기 중" || tip.Text != "대기 중." {
		t.Errorf("the tooltip is %+v, %v", tip, err)
	}
	revision, entries := h.menu()
	if len(entries) != 4 || entries[0].Props["label"].Value() != "창__열기" || entries[1].Props["type"].Value() != "separator" || entries[2].Props["enabled"].Value() != false {
		t.Errorf("the menu is %v", entries)
	}
	h.click(entries[0].ID, clicked, "show")
	h.click(entries[3].ID, clicked, "quit")
	h.event(entries[2].ID) // it cannot be chosen
	h.event(entries[1].ID)
	if err := h.conn.Object(h.item, itemPath).Call(itemInterface+".Activate", 0, int32(0), int32(0)).Err; err != nil {
		t.Error(err)
	}
	if id := next(t, "click on the icon", clicked); id != ShowID {
		t.Errorf("the icon asks for %q", id)
	}
	h.changes(tray, revision)
	stop()
	if tray.Shown() {
		t.Error("shown after the end")
	}
}

func (h host) event(id int32) {
	h.t.Helper()
	err := h.conn.Object(h.item, menuPath).Call(menuInterface+".Event", 0, id, "clicked", dbus.MakeVariant(""), uint32(0)).Err
	if err != nil {
		h.t.Error(err)
	}
}

func (h host) click(id int32, clicked <-chan string, want string) {
	h.t.Helper()
	h.event(id)
	if got := next(h.t, "click", clicked); got != want {
		h.t.Errorf("entry %d asks for %q", id, got)
	}
}

// changes looks at what the host is told when the state changes.
func (h host) changes(tray *Tray, revision uint32) {
	h.t.Helper()
	signals := make(chan *dbus.Signal, 32)
	h.conn.Signal(signals)
	if err := h.conn.AddMatchSignal(dbus.WithMatchSender(h.item)); err != nil {
		h.t.Fatal(err)
	}
	muted := testItem("음소거")
	muted.Attention = true
	muted.Menu[2] = Entry{ID: "mute", Label: "마이크 켜기"}
	tray.Set(muted)
	told := map[string]bool{}
	for !told[menuInterface+".LayoutUpdated"] {
		told[next(h.t, "signal", signals).Name] = true
	}
	for _, name := range []string{"NewTitle", "NewToolTip", "NewIcon", "NewStatus"} {
		if !told[itemInterface+"."+name] {
			h.t.Errorf("no %s", name)
		}
	}
	if h.get("Title") != "음소거" || h.get("Status") != "NeedsAttention" {
		h.t.Errorf("shown is %v, %v", h.get("Title"), h.get("Status"))
	}
	if r, entries := h.menu(); r <= revision || entries[2].Props["enabled"].Value() != true {
		h.t.Errorf("the menu is %v of revision %d", entries, r)
	}
}

// A panel that is restarted is told again, one that comes late is told then.
func TestTrayOutlivesItsPanel(t *testing.T) {
	bus := startBus(t)
	tray := NewTray(environment("DBUS_SESSION_BUS_ADDRESS="+bus), "nxphone", func(string) {})
	running(t, tray.Run)
	tray.Set(testItem("대기 중"))
	for range 2 {
		conn, registered := startWatcher(t, bus, true)
		next(t, "registration", registered)
		until(t, "it is shown", tray.Shown)
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		until(t, "it knows that it is not shown", func() bool { return !tray.Shown() })
	}
	// A watcher that nobody looks at is no tray.
	conn, registered := startWatcher(t, bus, false)
	next(t, "registration", registered)
	tray.Set(nil)
	until(t, "the item goes", func() bool {
		var names []string
		if err := conn.BusObject().Call("org.freedesktop.DBus.ListNames", 0).Store(&names); err != nil {
			t.Fatal(err)
		}
		return !slices.ContainsFunc(names, func(n string) bool { return len(n) > len(itemInterface) && n[:len(itemInterface)] == itemInterface })
	})
	if tray.Shown() {
		t.Error("shown where nobody looks")
	}
	tray.Set(testItem("통화 중"))
	next(t, "registration after it was switched on again", registered)
}

func TestTrayWithoutABus(t *testing.T) {
	tray := NewTray(environment(), "nxphone", func(string) {})
	running(t, tray.Run)
	tray.Set(testItem("대기 중"))
	tray.Set(nil)
	if tray.Shown() {
		t.Error("shown without a desktop")
	}
}
