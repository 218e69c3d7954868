package present

import "nxphone/call"

// TestCall is a call to an echo, as far as it has come. The zero value is none.
type TestCall struct {
	// Placed: it was asked for. Before is the call of the time before that.
	Placed bool
	Before int
	// ID is the call's, 0 until the engine has taken it.
	ID int
	// State is the call's, and Over says that it has ended.
	State call.State
	Over  bool
	// Answered and Heard: the far end has answered, and its sound has come.
	Answered, Heard bool
	// Code is why it ended.
	Code call.Code
}

// Follow is the test call after a snapshot. Other calls change nothing.
func (c TestCall) Follow(s call.Snapshot) TestCall {
	if !c.Placed || c.Over || s.Call.ID <= c.Before || c.ID != 0 && s.Call.ID != c.ID {
		return c
	}
	c.ID, c.State = s.Call.ID, s.State
	c.Answered = c.Answered || !s.Call.Answered.IsZero()
	c.Heard = c.Heard || s.Call.MediaUp
	if !s.Call.Ended.IsZero() {
		c.Over, c.Code = true, s.Call.Reason.Code
	}
	return c
}

// Good: it was answered and heard.
func (c TestCall) Good() bool { return c.Answered && c.Heard }

// TestView is what a test call shows.
type TestView struct {
	Icon    string
	Role    Role
	Text    string
	Button  string
	CanCall bool
}

// View says in words how the test call to number goes.
func (c TestCall) View(number string, t Texts) TestView {
	v := TestView{Icon: "phone", Role: Neutral, Button: t.Text("first.call"), CanCall: number != ""}
	switch {
	case number == "":
		v.Text = t.Text("first.nonumber")
	case !c.Placed:
		v.Text = t.Text("first.ready", "number", Telephone(number))
	case c.Over && c.Good():
		v.Icon, v.Role, v.Text, v.Button = "check", Good, t.Text("first.good"), t.Text("first.again")
	case c.Over && c.Answered:
		v.Icon, v.Role, v.Text, v.Button = "alert", Warn, t.Text("first.silent"), t.Text("first.again")
	case c.Over:
		title, help := t.Code(string(c.Code))
		v.Icon, v.Role, v.Button = "alert", Bad, t.Text("first.again")
		v.Text = title + ". " + help
	case c.Good():
		v.Icon, v.Role, v.Text, v.CanCall = "waves", Good, t.Text("first.speak"), false
	case c.Answered:
		v.Icon, v.Role, v.Text, v.CanCall = "waves", Accent, t.Text("first.listen"), false
	default:
		v.Icon, v.Role, v.Text, v.CanCall = "phone", Accent, t.Text("first.calling"), false
	}
	return v
}
