package session

import (
	"context"
	"maps"
)

// Note is one notification. Its texts are the program's own: no number, no name
// and nothing that somebody else has sent may stand in them, because they stay
// on lock screens and in lists.
type Note struct {
	// Title is what has happened; Body what there is to do, may be empty.
	Title, Body string
	// Urgent keeps it on the screen until it is dealt with.
	Urgent bool
}

// Notes shows notifications by the desktop's service
// (org.freedesktop.Notifications), or at the icon in Windows' notification area.
// There is one note of each kind at a time: a
// newer one takes its place, and what has become pointless is taken away.
type Notes struct {
	env   Env
	app   string
	name  string
	icon  string
	open  string
	wish  *wish[map[string]Note]
	click func(kind string)
	tray  *Tray
}

// NotesOptions configure Notes.
type NotesOptions struct {
	Env Env
	// App is the desktop file's name without its ending; Name is for people.
	App, Name string
	// Icon is a name of the icon theme or a path; may be empty.
	Icon string
	// Open labels the button of a note, where the desktop shows one.
	Open string
	// Tray is whose icon the notes come from, where the system shows notes at an
	// icon of its tray (Windows); may be nil.
	Tray *Tray
	// Clicked is called when a note was clicked, which also takes it away. May
	// be nil.
	Clicked func(kind string)
}

// NewNotes makes Notes that show nothing yet.
func NewNotes(o NotesOptions) *Notes {
	n := &Notes{env: o.Env, app: o.App, name: o.Name, icon: o.Icon, open: o.Open, click: o.Clicked, tray: o.Tray, wish: newWish[map[string]Note]()}
	if n.click == nil {
		n.click = func(string) {}
	}
	return n
}

// Show shows a note in the place of the last one of its kind. It returns at
// once.
func (n *Notes) Show(kind string, note Note) {
	n.wish.change(func(m *map[string]Note) {
		*m = maps.Clone(*m)
		if *m == nil {
			*m = map[string]Note{}
		}
		(*m)[kind] = note
	})
}

// Withdraw takes the note of a kind away, where one is shown. It returns at once.
func (n *Notes) Withdraw(kind string) {
	n.wish.change(func(m *map[string]Note) {
		*m = maps.Clone(*m)
		delete(*m, kind)
	})
}

// Run shows the notes until ctx ends, and then takes away what is left.
func (n *Notes) Run(ctx context.Context) {
	for {
		// No connection without a note: most sessions of a desk never need one.
		select {
		case <-n.wish.wake:
		case <-ctx.Done():
			return
		}
		for len(n.wish.get()) > 0 && ctx.Err() == nil {
			n.serve(ctx)
		}
	}
}

// drop forgets what could not be shown.
func (n *Notes) drop() { n.wish.change(func(m *map[string]Note) { *m = nil }); <-n.wish.wake }
