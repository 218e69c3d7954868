package session

import (
	"context"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// serve shows the item until ctx or the wish ends.
func (t *Tray) serve(ctx context.Context) error {
	icon := &notifyIcon{}
	born, _, _ := user32.NewProc("RegisterWindowMessageW").Call(uintptr(unsafe.Pointer(windows.StringToUTF16Ptr("TaskbarCreated"))))
	win, err := newHidden(func(msg uint32, _, l uintptr) (uintptr, bool) {
		switch {
		case msg == wmIcon:
			t.touched(icon.hwnd, uint32(l)&0xffff)
			return 0, true
		case msg == uint32(born) && born != 0: // the task bar has begun anew
			icon.added = false
			t.shown.Store(icon.settle() == nil)
		}
		return 0, false
	})
	if err != nil {
		return err
	}
	icon.hwnd = win.hwnd
	t.area.set(win, icon)
	defer func() {
		t.area.set(nil, nil)
		t.shown.Store(false)
		win.do(icon.remove)
		win.close()
	}()
	for {
		item := t.wish.get()
		if item == nil {
			return nil
		}
		win.do(func() {
			err = icon.show(item.Icons, item.words())
			t.shown.Store(err == nil)
		})
		if err != nil {
			t.env.log().Debug("the icon is not shown", "error", err)
		}
		select {
		case <-t.wish.wake:
		case <-ctx.Done():
			return nil
		}
	}
}

// words are what stands beside the icon when the pointer rests on it.
func (i *Item) words() string {
	if i.Tip == "" {
		return i.Title
	}
	return i.Tip
}

// touched takes what a person does with the icon. It runs on the window's thread.
func (t *Tray) touched(hwnd uintptr, what uint32) {
	switch what {
	case ninSelect, ninKeySelect:
		t.click(ShowID)
	case wmContextMenu:
		if item := t.wish.get(); item != nil {
			t.openMenu(hwnd, item.Menu)
		}
	case ninNoteClicked, ninNoteHidden, ninNoteTimeout:
		t.area.heard(what)
	}
}

// openMenu shows the menu at the pointer and waits until it is gone.
func (t *Tray) openMenu(hwnd uintptr, entries []Entry) {
	menu, _, _ := user32.NewProc("CreatePopupMenu").Call()
	if menu == 0 {
		return
	}
	defer func() { _, _, _ = user32.NewProc("DestroyMenu").Call(menu) }()
	const separator, grayed = 0x0800, 0x0001
	for i, e := range entries {
		flags := uintptr(0)
		if e.ID == "" {
			flags = separator
		} else if e.Disabled {
			flags = grayed
		}
		label := windows.StringToUTF16Ptr(escapeAmpersand(e.Label))
		_, _, _ = user32.NewProc("AppendMenuW").Call(menu, flags, uintptr(i+1), uintptr(unsafe.Pointer(label)))
	}
	var at struct{ x, y int32 }
	_, _, _ = user32.NewProc("GetCursorPos").Call(uintptr(unsafe.Pointer(&at)))
	// Else the menu stays open when somebody clicks beside it.
	_, _, _ = user32.NewProc("SetForegroundWindow").Call(hwnd)
	const returnCommand, noNotify, rightButton = 0x0100, 0x0080, 0x0002
	chosen, _, _ := user32.NewProc("TrackPopupMenu").Call(menu, returnCommand|noNotify|rightButton, uintptr(at.x), uintptr(at.y), 0, hwnd, 0)
	_, _, _ = user32.NewProc("PostMessageW").Call(hwnd, wmNull, 0, 0)
	if n := int(chosen); n >= 1 && n <= len(entries) && !entries[n-1].Disabled {
		t.click(entries[n-1].ID)
	}
}

// escapeAmpersand keeps an ampersand one, and an end of the text in it out.
func escapeAmpersand(label string) string {
	return strings.NewReplacer("&", "&&", "\x00", "").Replace(label)
}
