package session

import (
	"context"
	"image"
	"image/color"
	"slices"
	"sync/atomic"
)

// Item is what stands in the tray. Its texts are the program's own.
type Item struct {
	// Title is the state in words; hosts show it where they show no tooltip.
	Title string
	// Tip is the state in a sentence.
	Tip string
	// Icons are the same picture in several sizes.
	Icons []image.Image
	// Attention asks the host to make the icon stand out.
	Attention bool
	// Menu is from top to bottom.
	Menu []Entry
}

// Entry is one line of the tray's menu.
type Entry struct {
	// ID names the command for Clicked; an empty one makes a line between
	// entries.
	ID    string
	Label string
	// Disabled entries are shown and cannot be chosen.
	Disabled bool
}

func (i *Item) equal(o *Item) bool {
	if i == nil || o == nil {
		return i == o
	}
	return i.Title == o.Title && i.Tip == o.Tip && i.Attention == o.Attention && slices.Equal(i.Menu, o.Menu) && slices.Equal(i.Icons, o.Icons)
}

// Tray shows an icon with a menu by StatusNotifierItem, the tray of KDE, Xfce,
// Cinnamon, LXQt, MATE and, with an extension, GNOME, or in Windows' notification
// area. Where there is no tray nothing is shown, until one comes.
type Tray struct {
	env   Env
	app   string
	click func(id string)
	wish  *wish[*Item]
	shown atomic.Bool
	area  area // Windows' own
}

// ShowID is what a click on the icon itself asks for, beside the menu's own IDs.
const ShowID = "show"

// NewTray makes a tray that shows nothing yet. app names the program for the
// desktop; clicked is called with an entry's ID, or ShowID for the icon.
func NewTray(env Env, app string, clicked func(id string)) *Tray {
	return &Tray{env: env, app: app, click: clicked, wish: newWish[*Item]()}
}

// Set shows an item, nil for none. It returns at once. The item must not be
// changed afterwards.
func (t *Tray) Set(item *Item) { t.wish.put(item) }

// Shown reports whether a tray has the icon now: whoever hides a window behind
// it must know.
func (t *Tray) Shown() bool { return t.shown.Load() }

// Run shows the item until ctx ends.
func (t *Tray) Run(ctx context.Context) {
	for {
		select {
		case <-t.wish.wake:
		case <-ctx.Done():
			return
		}
		for t.wish.get() != nil && ctx.Err() == nil {
			if err := t.serve(ctx); err != nil {
				t.env.log().Debug("no tray", "error", err)
				return // a session does not get a bus later on
			}
		}
	}
}

// straight is a colour without premultiplied alpha.
func straight(c color.Color) color.NRGBA { return color.NRGBAModel.Convert(c).(color.NRGBA) }
