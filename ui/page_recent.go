package ui

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"nxphone/call/recent"
	"nxphone/ui/look"
	"nxphone/ui/present"
)

// recentPart is how many calls are shown at first, and how many more each time
// that more are wanted: a list of hundreds costs what is looked at.
const recentPart = 20

// undoTime is how long a deletion can be taken back.
const undoTime = 8 * time.Second

// recentView lists the recent calls, beside the phone or as a page over it.
type recentView struct {
	d     *desk
	root  *fyne.Container
	close *look.Button

	kept, fault, empty *look.Sentence
	list               *fyne.Container
	rows               []*recentRow
	more               *look.Button
	scroll             *container.Scroll

	// gone are the calls whose deletion can still be taken back. They are here
	// and nowhere else, and no longer than undoTime after the last one.
	gone     []recent.Entry
	offers   int // counts the offers; only the newest ends them
	undo     *fyne.Container
	undoText *look.Sentence

	clear      *look.Button // "delete all", then the question
	ask        *fyne.Container
	confirming bool

	shown recentKey
	most  int // how many rows are wanted
	// moved is when rows last changed their places: a press that was meant for
	// the one before must not delete another.
	moved time.Time
}

// recentKey decides what is shown; an equal one changes nothing. Entries are
// known by their newest and their number: the list is replaced, never written
// into, and IDs are not used twice.
type recentKey struct {
	first      *recent.Entry
	count      int
	mode       recent.Mode
	fault      recent.Fault
	setting    present.Setting
	visible    int
	day        string
	most       int
	dial       bool
	confirming bool
	full       bool
	gone       int
	calling    bool
}

type recentRow struct {
	root   fyne.CanvasObject
	again  *look.Button
	delete *look.Button
	call   present.RecentRow
}

func newRecentView(d *desk) *recentView {
	v := &recentView{d: d, most: recentPart}
	t := d.texts
	title := look.NewLine(theme.ColorNameForeground, look.SizeTitle, fyne.TextAlignLeading, true)
	title.SetText(t.Text("recent.title"))
	v.close = look.NewButton(look.Bare, d.close).PassKeys(d.keys)
	v.close.Set(look.Face{Label: t.Text("button.dismiss"), Icon: "close", Role: present.Neutral})
	head := container.NewBorder(nil, nil, nil, v.close, container.New(look.Inset{X: 2}, container.New(look.Middle{}, title)))
	v.kept = look.NewSentence(look.Muted, theme.SizeNameCaptionText, fyne.TextAlignLeading, false)
	v.fault = look.NewSentence(look.RoleColor(present.Warn, look.Ink), theme.SizeNameCaptionText, fyne.TextAlignLeading, false)
	v.empty = look.NewSentence(look.Muted, theme.SizeNameText, fyne.TextAlignCenter, false)

	quiet := func(key string, role present.Role, f func()) *look.Button {
		b := look.NewButton(look.Quiet, f).PassKeys(d.keys)
		b.Set(look.Face{Label: t.Text(key), Role: role})
		return b
	}
	v.more = quiet("recent.more", present.Neutral, func() { v.most += recentPart; v.refresh() })
	v.clear = quiet("recent.clear", present.Neutral, func() { v.confirm(true) })
	v.list = container.New(look.Column{Gap: 2, Stretch: -1})
	body := container.New(look.Column{Gap: 6, Stretch: -1}, v.empty, v.list, v.more)
	v.scroll = container.NewVScroll(container.New(look.Bar{}, body))

	question := look.NewSentence(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, false)
	question.SetText(t.Text("recent.clear.ask"))
	yes := quiet("recent.clear.yes", present.Bad, func() {
		if v.settled() {
			v.gone = nil // all of them means those too
			v.confirm(false)
			d.forgetCalls()
		}
	})
	no := quiet("recent.clear.no", present.Neutral, func() { v.confirm(false) })
	// The answer that deletes does not stand where "delete all" was pressed.
	v.ask = container.New(look.Column{Gap: 4, Stretch: -1}, question, container.NewHBox(no, yes))
	v.undoText = look.NewSentence(theme.ColorNameForeground, theme.SizeNameText, fyne.TextAlignLeading, false)
	v.undo = container.NewBorder(nil, nil, nil, quiet("recent.undo", present.Accent, d.rememberCalls), container.New(look.Middle{}, v.undoText))
	foot := container.New(look.Column{Gap: 4, Stretch: -1}, v.undo, v.ask, container.NewHBox(v.clear))
	v.root = container.NewBorder(
		container.New(look.Column{Gap: 2, Stretch: -1}, head, container.New(look.Inset{X: 2}, v.kept), container.New(look.Inset{X: 2}, v.fault)),
		foot, nil, nil, container.New(look.Beyond{Y: 8}, v.scroll))
	v.refresh()
	return v
}

// opened is called when the page is turned to.
func (v *recentView) opened() {
	v.confirming, v.most = false, recentPart
	v.scroll.ScrollToTop()
	v.refresh()
}

func (v *recentView) confirm(on bool) {
	v.confirming = on
	v.refresh()
}

// deleted offers to take back that a call was deleted, together with those
// before it that are still offered.
func (v *recentView) deleted(e recent.Entry) {
	if !slices.ContainsFunc(v.gone, func(x recent.Entry) bool { return x.ID == e.ID }) {
		v.gone = append(v.gone, e)
	}
	v.offers++
	offer := v.offers
	v.d.cmds.run(func(ctx context.Context) error {
		select {
		case <-ctx.Done():
		case <-time.After(undoTime):
			v.d.pump.run(func() {
				if offer == v.offers {
					v.gone = nil
					v.refresh()
				}
			})
		}
		return nil
	})
	v.refresh()
}

// takeBack ends the offer, and gives what is to be restored.
func (v *recentView) takeBack() []recent.Entry {
	gone := v.gone
	v.gone = nil
	v.refresh()
	return gone
}

// settled reports whether what stands under the pointer has stood there long
// enough to have been meant.
func (v *recentView) settled() bool { return v.d.now().Sub(v.moved) >= look.SettleTime }

// refresh brings the list up to date.
func (v *recentView) refresh() {
	d := v.d
	st, now := d.kept, d.now()
	key := recentKey{
		count: len(st.Entries), mode: st.Mode, fault: st.Fault, setting: d.values.Setting("recent-calls"),
		visible: d.values.VisibleDigits(), day: now.Format(time.DateOnly), most: v.most,
		dial: d.view.Screen == present.Dial, confirming: v.confirming, full: d.facts.Size == present.Full,
		gone: len(v.gone), calling: d.view.Screen != present.Dial && !d.facts.Snapshot.Call.Test,
	}
	if st.Mode == recent.Off {
		v.gone, key.gone = nil, 0
	}
	if len(st.Entries) > 0 {
		key.first = &st.Entries[0]
	}
	if key == v.shown {
		return
	}
	if key.first != v.shown.first || key.count != v.shown.count || key.confirming != v.shown.confirming {
		v.moved = now
	}
	v.shown = key
	t := d.texts
	r := present.Recents(present.RecentFacts{State: st, Setting: key.setting, Visible: key.visible, Now: now, Calling: key.calling}, t)
	v.close.Hidden = key.full
	v.kept.SetText(r.Kept)
	v.fault.SetText(r.Fault)
	v.fault.Hidden = r.Fault == ""
	v.empty.SetText(r.Empty)
	v.empty.Hidden = r.Empty == ""
	n := min(len(r.Entries), v.most)
	for len(v.rows) < n {
		row := v.newRow()
		v.rows = append(v.rows, row)
		v.list.Add(row.root)
	}
	for i, row := range v.rows {
		if i >= n {
			row.root.Hide()
			row.call = present.RecentRow{} // no number stays in what is not shown
			row.again.Set(look.Face{Role: present.Neutral, Disabled: true})
			continue
		}
		row.set(r.Row(r.Entries[i], t), key.dial, d)
		row.root.Show()
	}
	v.more.Hidden = n == len(r.Entries)
	v.clear.Hidden = !r.CanClear || v.confirming
	v.ask.Hidden = !v.confirming || !r.CanClear
	if v.undo.Hidden = key.gone == 0; !v.undo.Hidden {
		v.undoText.SetText(present.Count(t, "deleted", key.gone))
	}
	v.root.Refresh()
}

func (v *recentView) newRow() *recentRow {
	row := &recentRow{}
	row.again = look.NewButton(look.Strip, func() {
		if row.call.Tel != "" {
			v.d.callAgain(row.call.Tel)
		}
	}).PassKeys(v.d.keys)
	row.delete = look.NewButton(look.Bare, func() {
		if row.call.ID != 0 && v.settled() {
			v.d.forgetCall(row.call.ID)
		}
	}).PassKeys(v.d.keys)
	row.root = container.NewBorder(nil, nil, nil, row.delete, row.again)
	return row
}

func (r *recentRow) set(call present.RecentRow, dial bool, d *desk) {
	r.call = call
	r.again.Set(look.Face{Label: call.Number, Sub: call.What, Icon: call.Icon, Role: call.Role, Disabled: !dial})
	r.delete.Set(look.Face{Label: d.texts.Text("recent.delete", "number", call.Number), Icon: "trash", Role: present.Neutral})
}
