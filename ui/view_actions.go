package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"nxphone/ui/look"
	"nxphone/ui/present"
)

// actionsView is what can be done in a call besides muting and hanging up, in
// two rows: the user's own switches, which are needed in every call, and under
// them what reaches beyond the call.
type actionsView struct {
	own, beyond        *fyne.Container
	deaf, hold, keypad *look.Button
	help, farewell     *look.Button
	last               present.Actions
}

// actionsDo are what the buttons do.
type actionsDo struct{ deaf, hold, keypad, help, farewell func() }

func newActionsView(do actionsDo, keys *look.Keys) *actionsView {
	button := func(k look.Kind, f func()) *look.Button { return look.NewButton(k, f).PassKeys(keys) }
	v := &actionsView{
		deaf: button(look.Tile, do.deaf), hold: button(look.Tile, do.hold), keypad: button(look.Tile, do.keypad),
		// The second click of a double click must not take the request back.
		help: button(look.Quiet, do.help).Settle(), farewell: button(look.Quiet, do.farewell),
	}
	v.own = container.New(look.Grid{Columns: 3, Gap: 8, Most: 200}, v.deaf, v.hold, v.keypad)
	v.beyond = container.New(look.Even{Gap: 8}, v.help, v.farewell)
	return v
}

func (v *actionsView) set(a present.Actions) {
	if a == v.last {
		return
	}
	v.last = a
	v.deaf.Set(toggleFace(a.Deaf))
	v.hold.Set(toggleFace(a.Hold))
	keypad := toggleFace(a.Keypad)
	keypad.Loud = false // it is a view, no state of the call
	v.keypad.Set(keypad)
	v.help.Set(toggleFace(a.Help))
	farewell := toggleFace(a.Farewell)
	farewell.Loud = a.Farewell.Role == present.Warn
	v.farewell.Set(farewell)
	if v.help.Hidden == a.Help.Show || v.farewell.Hidden == a.Farewell.Show {
		v.help.Hidden, v.farewell.Hidden = !a.Help.Show, !a.Farewell.Show
		v.beyond.Refresh()
	}
}

// toggleFace draws an action. One that is on differs in colour, word and, where
// it is a state of the call, in a solid ground.
func toggleFace(t present.Toggle) look.Face {
	return look.Face{Label: t.Label, Icon: t.Icon, Role: t.Role, Disabled: !t.Enabled, Loud: t.On}
}
