package present_test

import (
	"testing"

	"nxphone/assets/text"
	"nxphone/call"
	"nxphone/ui/present"
)

// TestUpdate: each stage has its words and its button in both languages, and none
// is told where anything else is.
func TestUpdate(t *testing.T) {
	idle := present.Facts{Snapshot: call.Snapshot{State: call.Idle}, Now: now, Line: line()}
	for _, l := range text.Langs() {
		tx := texts(t, l)
		for _, kind := range []string{"deb", "rpm", "archlinux", "tar", "msi", "msi-user", "pkg"} {
			for stage, button := range map[present.UpdateStage]string{
				present.UpdateKnown: "update.load", present.UpdateLoading: "", present.UpdateReady: "update.install", present.UpdateFailed: "update.again",
			} {
				f := idle
				f.Update = present.Update{Version: "1.3.0", Kind: kind, CanLoad: kind == "msi-user", Stage: stage, Code: "signature"}
				if !f.Update.CanLoad && stage != present.UpdateKnown {
					continue // only that one can be downloaded
				}
				b := present.Of(f, tx).Banner
				want := ""
				if button != "" && f.Update.CanLoad {
					want = tx.Text(button)
				}
				if !b.Show || b.Title == "" || b.Act != want || b.Help == "" != (stage == present.UpdateLoading) || b.Dismiss != (stage != present.UpdateLoading) {
					t.Errorf("%s, %s, stage %d: %+v", l, kind, stage, b)
				}
			}
		}
	}
	tx := texts(t, text.English)
	idle.Update = present.Update{Version: "1.3.0", Kind: "deb"}
	told := idle.Update.Banner(tx)
	for name, change := range map[string]func(*present.Facts){
		"a number":     func(f *present.Facts) { f.Number = "1" },
		"a notice":     func(f *present.Facts) { f.Notice.Code = call.CodeNoDTMF },
		"a call's end": func(f *present.Facts) { f.Snapshot.Call = call.Call{ID: 1, Reason: call.Reason{Code: call.CodeHangup}} },
		"no line":      func(f *present.Facts) { f.Line = present.Line{} },
		"a call": func(f *present.Facts) {
			f.Snapshot = call.Snapshot{State: call.InCall, Call: call.Call{ID: 1, Answered: now}}
		},
		"connecting": func(f *present.Facts) {
			f.Snapshot = call.Snapshot{State: call.Connecting, Call: call.Call{ID: 1, Dialed: now}}
		},
		"no version": func(f *present.Facts) { f.Update = present.Update{} },
	} {
		f := idle
		change(&f)
		if b := present.Of(f, tx).Banner; b == told || b.Act != "" {
			t.Errorf("%s: %+v", name, b)
		}
	}
	if b := present.Of(idle, tx).Banner; b != told || !b.Show {
		t.Errorf("%+v", b)
	}
}
