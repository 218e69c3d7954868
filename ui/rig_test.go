package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"nxphone/call"
	"nxphone/ui/look"
	"nxphone/ui/present"
	"nxphone/ui/uitest"
)

// onWindow runs a test in a bubble of its own time, where settle can wait for
// the commands' goroutines.
func onWindow(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// rig is a window on the toolkit's test driver, with a phone made of memory
// and a clock that stands still. Widgets are touched on the test's goroutine
// alone: what the pump wants to run there waits in a queue.
type rig struct {
	t        *testing.T
	d        *desk
	win      fyne.Window
	phone    *uitest.Phone
	web      *uitest.Web
	settings *fakeSettings
	now      time.Time
	quits    int

	mu    sync.Mutex
	queue []func()
}

func newRig(t *testing.T, opts Options, v Values) *rig {
	t.Helper()
	a := test.NewTempApp(t)
	r := &rig{
		t: t, phone: uitest.NewPhone(), web: uitest.NewWeb(), settings: &fakeSettings{values: v},
		now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
	}
	a.Settings().SetTheme(look.NewTheme(v.Theme).Text(v.TextSize))
	opts.Phone, opts.Settings = r.phone, r.settings
	if opts.Web != nil {
		opts.Web = r.web
	}
	opts.Getenv = func(string) string { return "" }
	r.win = test.NewTempWindow(t, nil)
	r.win.SetPadded(false)
	r.d = newDesk(t.Context(), r.win, withDefaults(opts), nil)
	r.d.pump.do = func(f func()) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.queue = append(r.queue, f)
	}
	r.d.now = func() time.Time { return r.now }
	r.d.quit = func() { r.quits++ }
	r.win.Resize(r.d.windowSize())
	t.Cleanup(r.d.stop)
	return r
}

// needs is how high the phone is where nothing is scrolled.
func (s *stage) needs() float32 {
	h := s.upper.MinSize().Height
	if s.foot.Visible() {
		h += gap + s.foot.MinSize().Height
	}
	return h
}

// pass lets the bubble's own time pass, for what has a timer of its own.
func (r *rig) pass(d time.Duration) {
	time.Sleep(d)
	r.settle()
}

// push is a snapshot as the pump hands it over.
func (r *rig) push(s call.Snapshot) {
	r.d.pump.show(s)
	r.settle()
}

// state pushes a state of package uitest.
func (r *rig) state(name string) {
	r.t.Helper()
	s, ok := uitest.State(name, r.now)
	if !ok {
		r.t.Fatalf("no state %q", name)
	}
	r.push(s)
}

// pages is what the web API shows, as the pump hands it over.
func (r *rig) pages(w present.Web) {
	r.d.webChanged(w)
	r.settle()
}

// settle waits for the commands under way and runs what they and the pump have
// to say, as the toolkit's loop would. The real canvas arranges a scroller anew
// when its content's least size has changed; the test's does not.
func (r *rig) settle() {
	defer func() { r.d.stage.reach.Refresh() }()
	for {
		synctest.Wait()
		r.mu.Lock()
		queue := r.queue
		r.queue = nil
		r.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		for _, f := range queue {
			f()
		}
	}
}

// write types on the keyboard with no widget in focus.
func (r *rig) write(s string) {
	test.TypeOnCanvas(r.win.Canvas(), s)
	r.settle()
}

// key presses keys that write nothing, with no widget in focus.
func (r *rig) key(names ...fyne.KeyName) {
	for _, n := range names {
		r.d.typedKey(&fyne.KeyEvent{Name: n})
		r.settle()
	}
}

// tap presses a button in the middle.
func (r *rig) tap(b *look.Button) {
	test.Tap(b)
	r.settle()
}

// expect compares the commands so far. Digits that follow one another may go
// out together or one by one: it is their row that counts.
func (r *rig) expect(want ...string) {
	r.t.Helper()
	var got []string
	for _, c := range r.phone.Commands() {
		digits, ok := strings.CutPrefix(c, "dtmf ")
		if last := len(got) - 1; ok && last >= 0 && strings.HasPrefix(got[last], "dtmf ") {
			got[last] += digits
			continue
		}
		got = append(got, c)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		r.t.Errorf("commands %q, want %q", got, want)
	}
}

// fakeSettings keeps settings in memory.
type fakeSettings struct {
	mu        sync.Mutex
	values    Values
	password  string
	changes   map[string]string // of the last save
	saveErr   error
	imports   present.Import
	importErr error
	ringErr   error
	saves     int
	passwords int
}

func (s *fakeSettings) Values() Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values
}

func (s *fakeSettings) Save(_ context.Context, changes map[string]string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.saveErr == nil || errors.Is(s.saveErr, ErrWebAPI) || errors.Is(s.saveErr, ErrWebAPIKey) {
		s.values = s.values.With(changes)
		s.changes = changes
		s.saves++
	}
	return s.saveErr
}

// Check takes everything but "wrong".
func (s *fakeSettings) Check(_, value string) bool { return !strings.Contains(value, "wrong") }

func (s *fakeSettings) Export() ([]byte, error) { return []byte("{}\n"), nil }

func (s *fakeSettings) Import([]byte) (present.Import, error) { return s.imports, s.importErr }

func (s *fakeSettings) HasPassword(context.Context, Values) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.password != "", s.ringErr
}

func (s *fakeSettings) SetPassword(_ context.Context, _ Values, password string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ringErr == nil {
		s.password = password
		s.passwords++
	}
	return s.ringErr
}

// drawn is one line of text on the screen.
type drawn struct {
	text     string
	min, max fyne.Position
}

// misfits lists what does not fit: words that were cut off, lines that leave
// their widget or the window, lines on top of each other.
func misfits(root fyne.CanvasObject, window fyne.Size) []string {
	w := &walker{window: window}
	w.walk(root, fyne.Position{}, false)
	for i, a := range w.lines {
		for _, b := range w.lines[i+1:] {
			if a.min.X < b.max.X-1 && b.min.X < a.max.X-1 && a.min.Y < b.max.Y-1 && b.min.Y < a.max.Y-1 {
				w.faults = append(w.faults, fmt.Sprintf("%q lies on %q", a.text, b.text))
			}
		}
	}
	return w.faults
}

type walker struct {
	window fyne.Size
	lines  []drawn
	faults []string
}

func (w *walker) walk(o fyne.CanvasObject, at fyne.Position, scrolled bool) {
	if !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	switch o := o.(type) {
	case *canvas.Text:
		w.text(o, at, scrolled)
		return
	case *fyne.Container:
		for _, c := range o.Objects {
			w.walk(c, at, scrolled)
		}
		return
	case *container.Scroll:
		w.walk(o.Content, at, scrolled || o.Content.Size().Height > o.Size().Height+1)
		return
	case *look.Line:
		w.whole(o, o.Text())
	case *look.Button:
		w.whole(o, o.Face().Label, o.Face().Sub)
	case *look.Sentence:
		if need := o.MinSize().Height; need > o.Size().Height+1 {
			w.faults = append(w.faults, fmt.Sprintf("%q needs %v, has %v", o.Text(), need, o.Size().Height))
		}
	}
	if wid, ok := o.(fyne.Widget); ok {
		for _, c := range test.WidgetRenderer(wid).Objects() {
			w.walk(c, at, scrolled)
		}
	}
}

// whole checks that a widget draws its words in full.
func (w *walker) whole(o fyne.Widget, words ...string) {
	shown := map[string]bool{"": true}
	for _, c := range test.WidgetRenderer(o).Objects() {
		if t, ok := c.(*canvas.Text); ok {
			shown[t.Text] = shown[t.Text] || t.Visible()
			if !t.Visible() {
				shown[t.Text] = true // hidden on purpose
			}
		}
	}
	for _, s := range words {
		if !shown[s] {
			w.faults = append(w.faults, fmt.Sprintf("%q is cut off", s))
		}
	}
}

func (w *walker) text(t *canvas.Text, at fyne.Position, scrolled bool) {
	if t.Text == "" {
		return
	}
	size := t.MinSize()
	if size.Width > t.Size().Width+1 && t.Size().Width > 0 {
		w.faults = append(w.faults, fmt.Sprintf("%q is %v wide in %v", t.Text, size.Width, t.Size().Width))
	}
	switch t.Alignment {
	case fyne.TextAlignCenter:
		at.X += (t.Size().Width - size.Width) / 2
	case fyne.TextAlignTrailing:
		at.X += t.Size().Width - size.Width
	}
	end := at.AddXY(size.Width, size.Height)
	if !scrolled && (at.X < 0 || at.Y < 0 || end.X > w.window.Width+1 || end.Y > w.window.Height+1) {
		w.faults = append(w.faults, fmt.Sprintf("%q at %v to %v leaves the window", t.Text, at, end))
	}
	if !scrolled {
		w.lines = append(w.lines, drawn{t.Text, at, end})
	}
}
