package session

import (
	"errors"
	"fmt"
	"image"
	"sync"
	"unicode/utf16"
	"unsafe"

	"golang.org/x/sys/windows"
)

// notifyIcon is an icon in the notification area (Shell_NotifyIcon, shellapi.h).
// Its methods are called on the thread of its window.
type notifyIcon struct {
	hwnd  uintptr
	added bool
	hicon uintptr
	img   image.Image // what hicon shows
	title string      // beside the pointer
}

// notifyData is NOTIFYICONDATAW.
type notifyData struct {
	size        uint32
	hwnd        uintptr
	id, flags   uint32
	callback    uint32
	icon        uintptr
	tip         [128]uint16
	state, mask uint32
	info        [256]uint16
	version     uint32 // in a union with a timeout that nobody heeds any more
	infoTitle   [64]uint16
	infoFlags   uint32
	guid        windows.GUID
	balloonIcon uintptr
}

// Of shellapi.h.
const (
	nimAdd        = 0
	nimModify     = 1
	nimDelete     = 2
	nimSetVersion = 4

	nifMessage = 0x01
	nifIcon    = 0x02
	nifTip     = 0x04
	nifInfo    = 0x10
	nifShowTip = 0x80

	niifUser         = 0x04
	niifRespectQuiet = 0x80

	// What the icon's message says in the lower half of l, with version 4.
	ninSelect      = 0x0400
	ninKeySelect   = 0x0401
	ninNoteHidden  = 0x0403
	ninNoteTimeout = 0x0404
	ninNoteClicked = 0x0405
	wmContextMenu  = 0x007b

	wmIcon = wmApp + 2
)

func (n *notifyIcon) tell(how uint32, d *notifyData) error {
	d.size = uint32(unsafe.Sizeof(*d))
	d.hwnd, d.id, d.callback = n.hwnd, 1, wmIcon
	if ok, _, err := shell32.NewProc("Shell_NotifyIconW").Call(uintptr(how), uintptr(unsafe.Pointer(d))); ok == 0 {
		return fmt.Errorf("session: the notification area: %w", err)
	}
	return nil
}

// show shows the picture that suits this screen, and the words beside it.
func (n *notifyIcon) show(icons []image.Image, words string) error {
	if img := bestIcon(icons, metric(smCXSmallIcon)); img != nil && img != n.img {
		made, err := makeIcon(img)
		if err != nil {
			return err
		}
		defer destroyIcon(n.hicon)
		n.hicon, n.img = made, img
	}
	n.title = words
	return n.settle()
}

// settle tells the area what the icon is like; an icon that it does not have is
// added.
func (n *notifyIcon) settle() error {
	d := &notifyData{flags: nifMessage | nifIcon | nifTip | nifShowTip, icon: n.hicon}
	wide(d.tip[:], n.title)
	how := uint32(nimModify)
	if !n.added {
		how = nimAdd
	}
	if err := n.tell(how, d); err != nil {
		n.added = false
		return err
	}
	if !n.added {
		n.added = true
		return n.tell(nimSetVersion, &notifyData{version: 4})
	}
	return nil
}

// note shows a note at the icon; an empty one takes it away.
func (n *notifyIcon) note(note Note) error {
	d := &notifyData{flags: nifInfo, infoFlags: niifUser | niifRespectQuiet}
	if note.Urgent {
		d.infoFlags = niifUser
	}
	body := note.Body
	if body == "" && note.Title != "" {
		body = " " // without text there is no note
	}
	wide(d.infoTitle[:], note.Title)
	wide(d.info[:], body)
	return n.tell(nimModify, d)
}

func (n *notifyIcon) remove() {
	if n.added {
		_ = n.tell(nimDelete, &notifyData{}) // it goes with its window too
		n.added = false
	}
	destroyIcon(n.hicon)
	n.hicon, n.img = 0, nil
}

func destroyIcon(h uintptr) {
	if h != 0 {
		_, _, _ = user32.NewProc("DestroyIcon").Call(h)
	}
}

// wide writes text with an end into a field, cut between characters where it is
// too long.
func wide(field []uint16, text string) {
	at := 0
	for _, r := range text {
		units := utf16.AppendRune(nil, r)
		if at+len(units) >= len(field) {
			break
		}
		at += copy(field[at:], units)
	}
	field[at] = 0
}

// makeIcon makes an icon of a picture, as large as it is.
func makeIcon(img image.Image) (uintptr, error) {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	pixels := make([]byte, 0, 4*w*h) // BGRA from the top, not premultiplied
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := straight(img.At(x, y))
			pixels = append(pixels, c.B, c.G, c.R, c.A)
		}
	}
	if len(pixels) == 0 {
		return 0, errors.New("session: an empty picture")
	}
	mask := make([]byte, (w+15)/16*2*h) // nothing is masked; alpha counts
	colours, _, err := gdi32.NewProc("CreateBitmap").Call(uintptr(w), uintptr(h), 1, 32, uintptr(unsafe.Pointer(&pixels[0])))
	if colours == 0 {
		return 0, fmt.Errorf("session: a bitmap: %w", err)
	}
	defer func() { _, _, _ = gdi32.NewProc("DeleteObject").Call(colours) }()
	shape, _, err := gdi32.NewProc("CreateBitmap").Call(uintptr(w), uintptr(h), 1, 1, uintptr(unsafe.Pointer(&mask[0])))
	if shape == 0 {
		return 0, fmt.Errorf("session: a bitmap: %w", err)
	}
	defer func() { _, _, _ = gdi32.NewProc("DeleteObject").Call(shape) }()
	info := struct {
		icon, x, y   uint32
		mask, colour uintptr
	}{icon: 1, mask: shape, colour: colours}
	icon, _, err := user32.NewProc("CreateIconIndirect").Call(uintptr(unsafe.Pointer(&info)))
	if icon == 0 {
		return 0, fmt.Errorf("session: an icon: %w", err)
	}
	return icon, nil
}

// area is what the tray keeps for the notes that are shown at its icon.
type area struct {
	mu   sync.Mutex
	win  *hidden // nil while the icon is not there
	icon *notifyIcon
	told func(what uint32) // of the note that is shown
}

// note shows a note at the tray's icon and reports whether there is one. told is
// called with what becomes of it.
func (a *area) note(note Note, told func(what uint32)) (shown bool) {
	a.mu.Lock()
	win, icon := a.win, a.icon
	a.told = told
	a.mu.Unlock()
	if win == nil {
		return false
	}
	win.do(func() { shown = icon.added && icon.note(note) == nil })
	return shown
}

func (a *area) heard(what uint32) {
	a.mu.Lock()
	told := a.told
	a.mu.Unlock()
	if told != nil {
		told(what)
	}
}

func (a *area) set(win *hidden, icon *notifyIcon) {
	a.mu.Lock()
	a.win, a.icon = win, icon
	a.mu.Unlock()
}

// smCXSmallIcon is the width of small icons (GetSystemMetrics, winuser.h).
const smCXSmallIcon = 49

func metric(n uintptr) int {
	v, _, _ := user32.NewProc("GetSystemMetrics").Call(n)
	return int(int32(v))
}
