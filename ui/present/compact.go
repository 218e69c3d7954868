package present

// Mini is the phone as one strip. Mute and the big button are those of the
// View; here are the words beside them.
type Mini struct {
	Icon string
	Role Role
	// Title is who: the number of the call, or the number being written.
	Title string
	// Sub is the state and how long. Where the microphone is muted it says so
	// first.
	Sub string
	// Muted colours the whole strip.
	Muted bool
	// Words explain or warn, under the strip; may be empty.
	Words     string
	WordsRole Role
	// Mute and Primary are the words on the buttons.
	Mute, Primary string
}

// mini is made of the view that the larger sizes show, so that it cannot say
// anything else.
func mini(v View, t Texts) Mini {
	if v.Screen == Dial {
		m := Mini{Icon: "phone", Role: Neutral, Title: v.Number.Text, Sub: v.Header.Title, Primary: v.Primary.Label}
		if v.Primary.Action == DoRedial {
			m.Primary = t.Text("compact.redial")
		}
		if m.Title == "" {
			m.Title, m.Sub = v.Header.Title, v.Number.Placeholder
		}
		return m
	}
	m := Mini{Icon: v.Card.Icon, Role: v.Card.Role, Title: v.Card.Number, Words: v.Card.Sub, WordsRole: v.Card.Role}
	m.Mute, m.Primary = t.Text("compact.mute"), t.Text("compact.hangup")
	state := v.Card.Short
	if v.Mute.Show && (v.Mute.On || v.Mute.Pending || v.Mute.Doubt != Sure) {
		m.Muted, m.Icon, m.Role = true, v.Mute.Icon, v.Mute.Role
		m.Mute = t.Text("compact.muted")
		switch {
		case v.Mute.Doubt != Sure:
			m.Mute = v.Mute.Short
		case v.Mute.Pending:
			m.Mute = t.Text("compact.wait")
		}
		state = v.Mute.Short
	}
	m.Sub = state
	if v.Card.Timer != "" {
		m.Sub = v.Card.Timer + " · " + state
	}
	return m
}
