package present

import "strings"

// UpdateStage is how far a newer version has come.
type UpdateStage int

// The stages.
const (
	UpdateKnown   UpdateStage = 0 // it was announced
	UpdateLoading UpdateStage = 1 // it is being downloaded
	UpdateReady   UpdateStage = 2 // it was downloaded and verified, and may be installed
	UpdateFailed  UpdateStage = 3 // it was not: Code says why
)

// Update is what is known of a newer version. It is shown on the dial screen
// only, when there is nothing else to tell: never in a call, and a booth has
// nothing of it.
type Update struct {
	// Version is the newer one, "" for none.
	Version string
	// Kind is how this program was installed; see package update.
	Kind string
	// CanLoad: this program can download the installer, and start it when the user
	// says so.
	CanLoad bool
	Stage   UpdateStage
	// Code is package update's, of UpdateFailed; of UpdateReady what keeps it from
	// being installed at this moment.
	Code string
}

// Banner tells of it on the dial screen.
func (u Update) Banner(t Texts) Banner {
	if u.Version == "" {
		return Banner{}
	}
	b := Banner{Show: true, Icon: "info", Role: Neutral, Dismiss: true, Title: t.Text("update.known", "version", u.Version)}
	switch u.Stage {
	case UpdateLoading:
		b.Title, b.Dismiss = t.Text("update.loading", "version", u.Version), false
	case UpdateReady:
		b.Title, b.Help, b.Act = t.Text("update.ready", "version", u.Version), t.Text("update.ready.help"), t.Text("update.install")
		if u.Code != "" {
			b.Help = t.Text("cli.update." + u.Code)
		}
	case UpdateFailed:
		b.Icon, b.Role = "alert", Warn
		b.Title, b.Help = t.Text("update.failed", "version", u.Version), t.Text("cli.update."+u.Code)
		if u.CanLoad {
			b.Act = t.Text("update.again")
		}
	default:
		b.Help = t.Text("update.how." + strings.TrimSuffix(u.Kind, "-gl"))
		if u.CanLoad {
			b.Act = t.Text("update.load")
		}
	}
	return b
}
