//go:build !windows

package session

import (
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"
)

// menu is the tray's menu on the bus (com.canonical.dbusmenu), one level deep.
// Its methods are called by the bus on goroutines of its own.
type menu struct {
	click func(id string)

	mu       sync.Mutex
	entries  []Entry
	revision uint32
}

// layout is one node of the menu.
type layout struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant // of layout
}

// set changes the entries and gives the layout's new revision.
func (m *menu) set(entries []Entry) uint32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries = slices.Clone(entries)
	m.revision++
	return m.revision
}

// entry is the one with this number; 1 is the first.
func (m *menu) entry(id int32) (Entry, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if id < 1 || int(id) > len(m.entries) {
		return Entry{}, false
	}
	return m.entries[id-1], true
}

func (e Entry) props() map[string]dbus.Variant {
	if e.ID == "" {
		return map[string]dbus.Variant{"type": dbus.MakeVariant("separator")}
	}
	return map[string]dbus.Variant{
		"label": dbus.MakeVariant(escapeMnemonic(e.Label)), "enabled": dbus.MakeVariant(!e.Disabled), "visible": dbus.MakeVariant(true),
	}
}

// escapeMnemonic keeps an underscore an underscore.
func escapeMnemonic(label string) string {
	var out []rune
	for _, r := range label {
		if r == '_' {
			out = append(out, '_')
		}
		out = append(out, r)
	}
	return string(out)
}

// GetLayout implements com.canonical.dbusmenu.
func (m *menu) GetLayout(parent, depth int32, _ []string) (revision uint32, root layout, err *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	root = layout{ID: parent, Props: map[string]dbus.Variant{}, Children: []dbus.Variant{}}
	switch {
	case parent == 0:
		root.Props["children-display"] = dbus.MakeVariant("submenu")
		if depth == 0 {
			break
		}
		for i, e := range m.entries {
			root.Children = append(root.Children, dbus.MakeVariant(layout{ID: int32(i + 1), Props: e.props(), Children: []dbus.Variant{}}))
		}
	case parent > 0 && int(parent) <= len(m.entries):
		root.Props = m.entries[parent-1].props()
	default:
		return m.revision, root, errNoEntry()
	}
	return m.revision, root, nil
}

type entryProps struct {
	ID    int32
	Props map[string]dbus.Variant
}

// GetGroupProperties implements com.canonical.dbusmenu; no IDs means all.
func (m *menu) GetGroupProperties(ids []int32, _ []string) ([]entryProps, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := []entryProps{}
	for i, e := range m.entries {
		if id := int32(i + 1); len(ids) == 0 || slices.Contains(ids, id) {
			out = append(out, entryProps{id, e.props()})
		}
	}
	return out, nil
}

// GetProperty implements com.canonical.dbusmenu.
func (m *menu) GetProperty(id int32, name string) (dbus.Variant, *dbus.Error) {
	e, ok := m.entry(id)
	if v, has := e.props()[name]; ok && has {
		return v, nil
	}
	return dbus.MakeVariant(""), errNoEntry()
}

// Event implements com.canonical.dbusmenu: an entry was chosen.
func (m *menu) Event(id int32, event string, _ dbus.Variant, _ uint32) *dbus.Error {
	e, ok := m.entry(id)
	if !ok && id != 0 {
		return errNoEntry()
	}
	if event == "clicked" && e.ID != "" && !e.Disabled {
		m.click(e.ID)
	}
	return nil
}

type menuEvent struct {
	ID    int32
	Event string
	Data  dbus.Variant
	Time  uint32
}

// EventGroup implements com.canonical.dbusmenu.
func (m *menu) EventGroup(events []menuEvent) (missing []int32, err *dbus.Error) {
	missing = []int32{}
	for _, e := range events {
		if m.Event(e.ID, e.Event, e.Data, e.Time) != nil {
			missing = append(missing, e.ID)
		}
	}
	return missing, nil
}

// AboutToShow implements com.canonical.dbusmenu: the layout is always up to date.
func (m *menu) AboutToShow(int32) (update bool, err *dbus.Error) { return false, nil }

// AboutToShowGroup implements com.canonical.dbusmenu.
func (m *menu) AboutToShowGroup([]int32) (updates, missing []int32, err *dbus.Error) {
	return []int32{}, []int32{}, nil
}

func errNoEntry() *dbus.Error {
	return dbus.NewError("com.canonical.dbusmenu.Error", []any{"no such entry"})
}
