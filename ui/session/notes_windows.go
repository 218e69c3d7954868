package session

import (
	"context"
	"image"
	"maps"
	"slices"
)

// Windows shows notes at icons of the notification area, one at a time, and knows
// the program by its icon; PowerShell, by which toolkits show them, would take
// the text for a program.

// atIcon is what shows notes: the tray's icon, or one that is there as long as a
// note is.
type atIcon struct {
	n     *Notes
	told  chan uint32
	own   *hidden
	icon  *notifyIcon
	kind  string // of the note that is shown, "" for none
	shown Note
}

// serve shows notes until none is wanted or ctx ends.
func (n *Notes) serve(ctx context.Context) {
	a := &atIcon{n: n, told: make(chan uint32, 16)}
	defer a.close()
	var before map[string]Note
	for {
		wanted := n.wish.get()
		a.settle(before, wanted)
		before = maps.Clone(wanted)
		if len(wanted) == 0 {
			return
		}
		select {
		case <-n.wish.wake:
		case what := <-a.told:
			a.heard(what)
		case <-ctx.Done():
			return
		}
	}
}

// settle shows the note that is new, or else one that is still wanted where the
// last one is not.
func (a *atIcon) settle(before, wanted map[string]Note) {
	for _, kind := range slices.Sorted(maps.Keys(wanted)) {
		if wanted[kind] != before[kind] {
			a.show(kind, wanted[kind])
		}
	}
	if _, still := wanted[a.kind]; a.kind != "" && !still {
		a.show("", Note{})
	}
}

func (a *atIcon) show(kind string, note Note) {
	a.kind, a.shown = kind, note
	if a.n.tray != nil && a.n.tray.area.note(note, a.tell) {
		return
	}
	if a.own == nil {
		if kind == "" {
			return
		}
		win, err := newHidden(func(msg uint32, _, l uintptr) (uintptr, bool) {
			if msg == wmIcon {
				a.tell(uint32(l) & 0xffff)
			}
			return 0, msg == wmIcon
		})
		if err != nil {
			a.n.env.log().Debug("no notifications", "error", err)
			return
		}
		a.own, a.icon = win, &notifyIcon{hwnd: win.hwnd}
	}
	a.own.do(func() {
		err := a.icon.show([]image.Image{dot()}, a.n.name)
		if err == nil {
			err = a.icon.note(note)
		}
		if err != nil {
			a.n.env.log().Debug("a notification was not shown", "error", err)
		}
	})
}

// tell is called on the thread of a window and must not wait.
func (a *atIcon) tell(what uint32) {
	select {
	case a.told <- what:
	default:
	}
}

// heard takes what became of the note that is shown.
func (a *atIcon) heard(what uint32) {
	kind, note := a.kind, a.shown
	if kind == "" {
		return
	}
	switch what {
	case ninNoteClicked, ninSelect:
		a.n.click(kind)
	case ninNoteHidden, ninNoteTimeout:
	default:
		return
	}
	a.kind = ""
	a.n.wish.change(func(m *map[string]Note) {
		if (*m)[kind] == note { // a newer one may have been put meanwhile
			*m = maps.Clone(*m)
			delete(*m, kind)
		}
	})
}

func (a *atIcon) close() {
	if a.kind != "" && a.n.tray != nil {
		a.n.tray.area.note(Note{}, nil)
	}
	if a.own != nil {
		a.own.do(a.icon.remove)
		a.own.close()
	}
}

// dot is the picture of an icon that has none: a filled circle.
func dot() image.Image {
	const side = 32
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			dx, dy := 2*x-side+1, 2*y-side+1
			if dx*dx+dy*dy < side*side {
				copy(img.Pix[img.PixOffset(x, y):], []byte{0x2f, 0x6f, 0xb0, 0xff})
			}
		}
	}
	return img
}
