package ui

import (
	"maps"
	"strings"

	"nxphone/ui/present"
)

// draft is the settings as edited, over those in force. Only what differs is
// kept, so that saving cannot write back what nobody has touched.
type draft struct {
	values Values
	edited map[string]string
}

func newDraft(v Values) *draft {
	return &draft{values: v, edited: map[string]string{}}
}

// text is a value as edited.
func (d *draft) text(key string) string {
	if t, ok := d.edited[key]; ok {
		return t
	}
	return d.values.Setting(key).Text
}

// on is text for a switch.
func (d *draft) on(key string) bool { return d.text(key) == "true" }

// set edits a value, without the blanks around it. Back at what is in force it
// is no edit any more.
func (d *draft) set(key, text string) {
	text = strings.TrimSpace(text)
	if text == d.values.Setting(key).Text {
		delete(d.edited, key)
		return
	}
	d.edited[key] = text
}

// changed reports whether a key is edited.
func (d *draft) changed(key string) bool {
	_, ok := d.edited[key]
	return ok
}

// changes are the edits, by key.
func (d *draft) changes() map[string]string { return maps.Clone(d.edited) }

// after are the values as they would be when saved.
func (d *draft) after() Values { return d.values.With(d.edited) }

// keep edits every value of other that is edited there: a form that is opened
// anew over other values in force goes on with it.
func (d *draft) keep(other *draft) {
	for k, t := range other.edited {
		d.set(k, t)
	}
}

// lineFault is the code of what is wrong with one of the line's fields, and the
// key of a text where there is no code.
func lineFault(key, value string) (code, text string) {
	var form present.Form
	switch key {
	case "realm":
		form.Realm = value
	case "dn":
		form.DN = value
	case "url":
		form.URL = value
	case "user":
		form.User = value
	}
	f := form.Check()
	return string(f.Realm + f.DN + f.URL), f.User
}
